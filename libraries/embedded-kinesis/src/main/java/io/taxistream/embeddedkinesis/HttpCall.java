package io.taxistream.embeddedkinesis;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingCallback;
import org.jspecify.annotations.Nullable;

/**
 * A request and its response, over HTTP/1.1 or HTTP/2. Must be ended exactly once, by one of the methods that end or abort it.
 */
final class HttpCall {

    private final Request request;
    private final Response response;
    private final Callback callback;

    HttpCall(Request request, Response response, Callback callback) {
        this.request = request;
        this.response = response;
        this.callback = callback;
    }

    @Nullable
    String header(String name) {
        return request.getHeaders().get(name);
    }

    /** Returns the host that the client has named, without its port; empty if it has named none. */
    String host() {
        String host = request.getHttpURI().getHost();
        return host == null ? "" : host;
    }

    /** Returns whether the client takes the endpoint for a proxy. */
    boolean opensTunnel() {
        return HttpMethod.CONNECT.is(request.getMethod());
    }

    /**
     * Ends a call that opens a tunnel. Over HTTP/1.1, this also closes the connection, which Jetty would leave open for the
     * tunnel.
     */
    void refuseTunnel() {
        response.setStatus(HttpStatus.METHOD_NOT_ALLOWED_405);
        boolean isWholeConnection =
                request.getConnectionMetaData().getHttpVersion().getVersion() < HttpVersion.HTTP_2.getVersion();
        response.write(
                true,
                BufferUtil.EMPTY_BUFFER,
                isWholeConnection ? Callback.from(this::closeConnection, callback::failed) : callback);
    }

    /** Returns the decoded path; empty if the request names none. */
    String path() {
        String path = Request.getPathInContext(request);
        return path == null ? "" : path;
    }

    /** Returns the body of the request, or the beginning of a longer one. */
    byte[] body(int maxBytes) throws IOException {
        long length = request.getLength();
        try (InputStream in = Content.Source.asInputStream(request)) {
            if (length < 0 || length > maxBytes) {
                return in.readNBytes(maxBytes);
            }
            // fills a single array, which avoids joining several
            byte[] body = new byte[(int) length];
            int read = in.readNBytes(body, 0, body.length);
            // a connection is only reused if the request has been read to its end
            if (in.read() >= 0 || read < body.length) {
                throw new EofException("the request ended after " + read + " of " + length + " bytes");
            }
            return body;
        }
    }

    /** Sets the status and the headers of the response. */
    void begin(int status, Map<String, String> headers) {
        response.setStatus(status);
        headers.forEach(response.getHeaders()::put);
    }

    /** Sends a complete response and ends the call, without waiting for the client to read it. */
    void send(int status, Map<String, String> headers, BlockBuffer body) {
        begin(status, headers);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length());
        new Sending(body.blocks().iterator()).iterate();
    }

    /**
     * Sends a part of the response's body.
     *
     * @param written called when the client's flow control has admitted the part, or never will
     */
    void write(ByteBuffer content, boolean isLast, Callback written) {
        response.write(isLast, content, written);
    }

    /** Registers a listener for a call that is ended by the client. */
    void onFailure(Consumer<Throwable> listener) {
        request.addFailureListener(listener);
    }

    /** Ends the call after its last part has been sent. */
    void complete() {
        callback.succeeded();
    }

    /** Aborts the response without affecting other calls on an HTTP/2 connection. */
    void reset(Throwable cause) {
        callback.failed(cause);
    }

    /** Aborts the call and all others on its connection. */
    void closeConnection() {
        request.getConnectionMetaData().getConnection().getEndPoint().close();
        callback.failed(new EofException("the endpoint closed the connection"));
    }

    /** Sends blocks one after the other. */
    private final class Sending extends IteratingCallback {

        private final Iterator<ByteBuffer> blocks;

        Sending(Iterator<ByteBuffer> blocks) {
            this.blocks = blocks;
        }

        @Override
        protected Action process() {
            if (!blocks.hasNext()) {
                return Action.SUCCEEDED;
            }
            ByteBuffer block = blocks.next();
            response.write(!blocks.hasNext(), block, this);
            return Action.SCHEDULED;
        }

        @Override
        protected void onCompleteSuccess() {
            callback.succeeded();
        }

        @Override
        protected void onCompleteFailure(Throwable cause) {
            callback.failed(cause);
        }

        @Override
        public InvocationType getInvocationType() {
            return InvocationType.NON_BLOCKING;
        }
    }
}
