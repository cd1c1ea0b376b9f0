package io.taxistream.local.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * A request and its response. Ends with one of the methods that send or abort.
 *
 * <p>The response to a HEAD request is sent as for GET; its body is left out. An error that is sent before the body of the request
 * was read closes the connection: what follows on it may be the rest of that body.
 */
public final class HttpCall {

    private static final int BUFFER_BYTES = 1 << 16;

    private final Request request;
    private final Response response;
    private final Callback callback;
    private boolean bodyRead;

    HttpCall(Request request, Response response, Callback callback) {
        this.request = request;
        this.response = response;
        this.callback = callback;
    }

    public String method() {
        return request.getMethod();
    }

    /** Returns the path and query as received, such as {@code /a%20path?query}; empty if the request names none. */
    public String target() {
        return orEmpty(request.getHttpURI().getPathQuery());
    }

    /** Returns the path as received; empty if the request names none. */
    public String rawPath() {
        return orEmpty(request.getHttpURI().getPath());
    }

    /** Returns the decoded path; empty if the request names none. */
    public String path() {
        return orEmpty(request.getHttpURI().getCanonicalPath());
    }

    /** Returns the query as received; null if there is none. */
    public @Nullable String rawQuery() {
        return request.getHttpURI().getQuery();
    }

    /** Returns the first value of a header; null if the request does not have it. */
    public @Nullable String header(String name) {
        return request.getHeaders().get(name);
    }

    /** Returns the headers of the request, without regard to the case of their names. */
    public Map<String, List<String>> headers() {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (HttpField field : request.getHeaders()) {
            headers.computeIfAbsent(
                    field.getName(), name -> request.getHeaders().getValuesList(name));
        }
        return headers;
    }

    /** Returns the body of the request, as a stream that blocks. */
    public InputStream body() {
        bodyRead = true;
        return Content.Source.asInputStream(request);
    }

    /** Sets a header of the response. */
    public void setHeader(String name, String value) {
        response.getHeaders().put(name, value);
    }

    /** Sets a header of the response with several values. */
    public void setHeader(String name, List<String> values) {
        response.getHeaders().put(name, values);
    }

    /** Sends a complete response and ends the call. */
    public void send(int status, byte[] body) throws IOException {
        begin(status);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        write(true, ByteBuffer.wrap(body));
        callback.succeeded();
    }

    /** Sends a complete response from a stream and ends the call. */
    public void send(int status, InputStream body) throws IOException {
        begin(status);
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
            write(false, ByteBuffer.wrap(buffer, 0, read));
        }
        write(true, BufferUtil.EMPTY_BUFFER);
        callback.succeeded();
    }

    /** Sends the beginning of a body, then closes the connection. */
    public void sendTruncated(int status, byte[] body, int length) throws IOException {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        write(false, ByteBuffer.wrap(body, 0, length));
        abort();
    }

    /** Answers a client that takes the server for a proxy, and closes the connection, which Jetty would leave open. */
    void refuseTunnel() throws IOException {
        response.setStatus(HttpStatus.METHOD_NOT_ALLOWED_405);
        write(true, BufferUtil.EMPTY_BUFFER);
        abort();
    }

    /** Closes the connection without a further answer. */
    public void abort() {
        request.getConnectionMetaData().getConnection().getEndPoint().close();
        callback.failed(new EOFException("the server closed the connection"));
    }

    private void begin(int status) {
        response.setStatus(status);
        if (status >= HttpStatus.BAD_REQUEST_400 && hasBody() && !bodyRead) {
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
        }
    }

    private boolean hasBody() {
        return request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)
                || request.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH) > 0;
    }

    private void write(boolean last, ByteBuffer content) throws IOException {
        Content.Sink.write(response, last, content);
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
