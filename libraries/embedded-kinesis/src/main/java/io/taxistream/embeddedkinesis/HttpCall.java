package io.taxistream.embeddedkinesis;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingCallback;
import org.jspecify.annotations.Nullable;

/** One request and its response, over HTTP/1.1 or HTTP/2. To be ended once, by one of its methods that say so. */
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

    String path() {
        return Request.getPathInContext(request);
    }

    /** The request's body, or the first part of a longer one. */
    byte[] body(int maxBytes) throws IOException {
        long length = request.getLength();
        try (InputStream in = Content.Source.asInputStream(request)) {
            if (length < 0 || length > maxBytes) {
                return in.readNBytes(maxBytes);
            }
            // the body's own array is filled at once, without others that are joined
            byte[] body = new byte[(int) length];
            int read = in.readNBytes(body, 0, body.length);
            // a connection is kept open only if the end of the request has been read
            if (in.read() >= 0 || read < body.length) {
                throw new EofException(
                        "the request has not ended as announced, but after " + read + " of " + length + " bytes");
            }
            return body;
        }
    }

    /** Sets what comes before the response's body. */
    void begin(int status, Map<String, String> headers) {
        response.setStatus(status);
        headers.forEach(response.getHeaders()::put);
    }

    /** Sends a whole response and ends the call, without waiting for the client to take it. */
    void send(int status, Map<String, String> headers, BlockBuffer body) {
        begin(status, headers);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length());
        new Sending(body.blocks().iterator()).iterate();
    }

    /**
     * Sends a part of the response's body.
     *
     * @param written is called when the client's flow control has let it through, or never will
     */
    void write(ByteBuffer content, boolean isLast, Callback written) {
        response.write(isLast, content, written);
    }

    /** Calls back if the client ends the call before the endpoint does. */
    void onFailure(Consumer<Throwable> listener) {
        request.addFailureListener(listener);
    }

    /** Ends the call, of which the last part has been sent. */
    void complete() {
        callback.succeeded();
    }

    /** Ends the call in the middle of its response, without harm to other calls on an HTTP/2 connection. */
    void reset(Throwable cause) {
        callback.failed(cause);
    }

    /** Ends the call and all others on its connection. */
    void closeConnection() {
        request.getConnectionMetaData().getConnection().getEndPoint().close();
        callback.failed(new EofException("the endpoint has closed the connection"));
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
