package io.taxistream.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.List;
import java.util.regex.Pattern;

/** Sends requests as a browser or an attacker does, with headers and targets that Java's client does not allow. */
public final class RawHttp {

    private static final int LONG = 60_000;

    private static final int TIMEOUT_MILLIS = 20_000;

    /** An error; the body of an error alone answers a line that is taken for HTTP/0.9. */
    private static final Pattern REFUSAL =
            Pattern.compile("HTTP/1\\.[01] [45]\\d\\d .*|<\\?xml [^>]*><Error>.*", Pattern.DOTALL);

    /** An answer, or nothing. */
    private static final Pattern END = Pattern.compile("(HTTP/1\\.[01] \\d\\d\\d .*)?", Pattern.DOTALL);

    private RawHttp() {}

    /** Returns request lines that name no resource of a server, or are not HTTP. */
    public static List<String> oddRequestLines(URI server) {
        return List.of(
                "GET mailto:x",
                "GET *",
                "OPTIONS *",
                "CONNECT " + server.getAuthority(),
                "CONNECT evil.example:443",
                "GET " + server.getAuthority(),
                "GET http://" + server.getAuthority() + "/nothing-here",
                "GET http://evil.example/",
                "GET http://evil.example:x/",
                "GET http:",
                "GET ",
                "GET nothing",
                "GET ?a=b",
                "GET #a",
                "GET //host",
                "GET /%",
                "GET /%zz",
                "GET /%00",
                "GET /%ff%fe",
                "GET /\u00ff",
                "GET /[",
                "GET /a b",
                "GET /nothing-here?%zz",
                "GET /..",
                "GET /../../etc/passwd",
                "GET /%2e%2e/%2e%2e/etc/passwd",
                "GET /nothing-here;a=b/..;/c",
                "GET /\\",
                "GET /" + "a".repeat(LONG),
                "GET /nothing-here?" + "a".repeat(LONG),
                "A".repeat(LONG) + " /",
                "G\u0000T /",
                "get /nothing-here",
                "TRACE /",
                "PRI *",
                "");
    }

    /** Requires that a server answers each of {@link #oddRequestLines} with an error and closes the connection. */
    public static void assertRefusesOddRequests(URI server) {
        assertAnswersOddRequests(server, REFUSAL);
    }

    /** Requires that a server closes the connection of each of {@link #oddRequestLines}, with an answer or without. */
    public static void assertEndsOddRequests(URI server) {
        assertAnswersOddRequests(server, END);
    }

    private static void assertAnswersOddRequests(URI server, Pattern expected) {
        for (String line : oddRequestLines(server)) {
            String name = line.length() > 100 ? line.substring(0, 100) : line;
            String answer;
            try {
                answer = send(server, line);
            } catch (IOException e) {
                throw new AssertionError("no answer to " + name, e);
            }
            assertThat(answer).as(name).matches(expected);
        }
    }

    /**
     * Sends a request and returns the whole response, up to the end of the connection.
     *
     * @param requestLine request line, such as {@code GET /path}
     * @param headers headers, such as {@code Origin: http://evil.example}; a {@code Host} is added if missing
     */
    public static String send(URI server, String requestLine, String... headers) throws IOException {
        return sendBody(server, "", requestLine, headers);
    }

    /** Like {@link #send}, with a body in ISO-8859-1. */
    public static String sendBody(URI server, String body, String requestLine, String... headers) throws IOException {
        StringBuilder request = new StringBuilder(requestLine + " HTTP/1.1\r\n");
        if (List.of(headers).stream().noneMatch(header -> header.startsWith("Host:"))) {
            request.append("Host: " + server.getAuthority() + "\r\n");
        }
        List.of(headers).forEach(header -> request.append(header).append("\r\n"));
        request.append("Content-Length: " + body.length() + "\r\nConnection: close\r\n\r\n" + body);
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write(request.toString().getBytes(ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(readAll(socket), ISO_8859_1);
        }
    }

    /** Reads to the end. A server that closes a connection before it has read a long request resets it after its answer. */
    private static byte[] readAll(Socket socket) throws IOException {
        var read = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(read);
        } catch (SocketTimeoutException e) {
            throw new IOException("the connection stays open after " + read.size() + " bytes", e);
        } catch (SocketException e) {
            if (read.size() == 0) {
                throw e;
            }
        }
        return read.toByteArray();
    }
}
