package io.taxistream.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.util.List;

/** Sends requests as a browser does, with headers that Java's client does not allow. */
public final class RawHttp {

    private static final int TIMEOUT_MILLIS = 20_000;

    private RawHttp() {}

    /**
     * Sends a request and returns the whole response.
     *
     * @param requestLine request line, such as {@code GET /path}
     * @param headers headers, such as {@code Origin: http://evil.example}; a {@code Host} is added if missing
     */
    public static String send(URI server, String requestLine, String... headers) throws IOException {
        StringBuilder request = new StringBuilder(requestLine + " HTTP/1.1\r\n");
        if (List.of(headers).stream().noneMatch(header -> header.startsWith("Host:"))) {
            request.append("Host: " + server.getAuthority() + "\r\n");
        }
        List.of(headers).forEach(header -> request.append(header).append("\r\n"));
        request.append("Content-Length: 0\r\nConnection: close\r\n\r\n");
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write(request.toString().getBytes(ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }
}
