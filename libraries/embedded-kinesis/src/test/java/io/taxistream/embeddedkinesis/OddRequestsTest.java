package io.taxistream.embeddedkinesis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that clients of Kinesis do not send: each is answered with an error, and its connection ends. */
class OddRequestsTest {

    private static final int TIMEOUT_MILLIS = 20_000;
    private static final int LONG = 100_000;

    private static final List<String> TARGETS = List.of(
            "mailto:x",
            "*",
            "",
            "nothing",
            "?a=b",
            "//host",
            "http:",
            "http://evil.example/",
            "http://evil.example:x/",
            "/%",
            "/%zz",
            "/%00",
            "/%ff%fe",
            "/\u00ff",
            "/[",
            "/a b",
            "/..",
            "/../../etc/passwd",
            "/a;b=c/..;/d",
            "/\\",
            "/" + "a".repeat(LONG),
            "/?" + "a".repeat(LONG));

    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private EmbeddedKinesis kinesis;

    @BeforeEach
    void start() throws IOException {
        kinesis = EmbeddedKinesis.builder()
                .enforceLimits(false)
                .onFailure(failures::add)
                .start();
    }

    @AfterEach
    void stop() {
        kinesis.close();
        assertThat(failures).isEmpty();
    }

    private static Stream<String> requestLines() {
        return Stream.concat(
                TARGETS.stream().flatMap(target -> Stream.of("GET " + target, "POST " + target)),
                Stream.of(
                        "OPTIONS *",
                        "CONNECT 127.0.0.1:1",
                        "CONNECT 127.0.0.1:2",
                        "CONNECT evil.example:443",
                        "CONNECT /",
                        "TRACE /",
                        "get /",
                        "PRI *",
                        "A".repeat(LONG) + " /",
                        "G\u0000T /",
                        ""));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void http1RequestsAreAnsweredWithAnErrorAndClosed(boolean encrypted) throws Exception {
        for (String line : requestLines().toList()) {
            String host = line.equals("CONNECT 127.0.0.1:1") ? "127.0.0.1:1" : "127.0.0.1";
            String request = line + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
            String answer;
            try (Socket socket = connect(encrypted)) {
                socket.getOutputStream().write(request.getBytes(ISO_8859_1));
                answer = readAll(socket);
            } catch (IOException e) {
                throw new AssertionError("no answer to " + shortened(line), e);
            }
            assertThat(answer).as(shortened(line)).containsPattern("^HTTP/1\\.[01] [45]\\d\\d ");
        }
    }

    @Test
    void malformedHttp1RequestIsClosedEvenIfTheClientKeepsConnections() throws Exception {
        for (String target : List.of("mailto:x", "/%zz", "")) {
            try (Socket socket = connect(false)) {
                socket.getOutputStream()
                        .write(("GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").getBytes(ISO_8859_1));
                assertThat(readAll(socket)).as(target).containsPattern("^HTTP/1\\.[01] [45]\\d\\d ");
            }
        }
    }

    private static Stream<Map<String, String>> http2Requests() {
        Stream<Map<String, String>> targets = TARGETS.stream()
                .map(target ->
                        headers(":method", "POST", ":scheme", "http", ":authority", "127.0.0.1", ":path", target));
        return Stream.concat(
                targets,
                Stream.of(
                        headers(":method", "OPTIONS", ":scheme", "http", ":authority", "127.0.0.1", ":path", "*"),
                        headers(":method", "CONNECT", ":authority", "127.0.0.1:1"),
                        headers(":method", "CONNECT", ":authority", "evil.example:443"),
                        headers(":method", "POST", ":scheme", "http", ":authority", "127.0.0.1"),
                        headers(":method", "POST", ":scheme", "http", ":path", "/"),
                        headers(":method", "POST", ":scheme", "mailto", ":authority", "127.0.0.1", ":path", "x"),
                        headers(":scheme", "http", ":authority", "127.0.0.1", ":path", "/"),
                        headers(":status", "200"),
                        headers(":unknown", "x"),
                        headers("", ""),
                        headers()));
    }

    @ParameterizedTest
    @MethodSource("http2Requests")
    void http2RequestIsAnsweredWithAnError(Map<String, String> headers) throws Exception {
        try (Socket socket = connect(false)) {
            ByteArrayOutputStream sent = new ByteArrayOutputStream();
            sent.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1));
            sent.writeBytes(frame(Frame.SETTINGS, 0, 0, new byte[0]));
            writeHeaders(sent, headerBlock(headers));
            // the client opens no further stream, so that the server closes the connection after its answer
            sent.writeBytes(frame(Frame.GOAWAY, 0, 0, new byte[8]));
            socket.getOutputStream().write(sent.toByteArray());

            List<Frame> received = readFrames(socket);

            assertThat(received)
                    .as("an error status, a reset stream or a closed connection")
                    .anyMatch(frame -> frame.type() == Frame.RST_STREAM
                            || (frame.type() == Frame.GOAWAY && frame.errorCode() != 0)
                            || (frame.type() == Frame.HEADERS && !frame.isOk()));
        }
    }

    /** A frame of HTTP/2. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Frame(int type, int stream, byte[] payload) {

        static final int HEADERS = 1;
        static final int RST_STREAM = 3;
        static final int SETTINGS = 4;
        static final int GOAWAY = 7;
        static final int CONTINUATION = 9;

        /** Error code of a frame that ends the connection. */
        int errorCode() {
            return (payload[7] & 0xff) | ((payload[6] & 0xff) << 8);
        }

        /** Whether the block of headers begins with status 200 of the static table. */
        boolean isOk() {
            return payload[0] == (byte) 0x88;
        }
    }

    private static void writeHeaders(ByteArrayOutputStream out, byte[] block) {
        int endStream = 1;
        int endHeaders = 4;
        int maxPayload = 16_384;
        for (int from = 0; from == 0 || from < block.length; from += maxPayload) {
            int to = Math.min(block.length, from + maxPayload);
            int flags = (from == 0 ? endStream : 0) | (to == block.length ? endHeaders : 0);
            out.writeBytes(frame(
                    from == 0 ? Frame.HEADERS : Frame.CONTINUATION, flags, 1, Arrays.copyOfRange(block, from, to)));
        }
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(payload.length >> 16);
        frame.write(payload.length >> 8);
        frame.write(payload.length);
        frame.write(type);
        frame.write(flags);
        frame.writeBytes(new byte[] {0, 0, 0, (byte) stream});
        frame.writeBytes(payload);
        return frame.toByteArray();
    }

    /** Encodes headers as literals without indexing (RFC 7541, 6.2.2). */
    private static byte[] headerBlock(Map<String, String> headers) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        headers.forEach((name, value) -> {
            block.write(0);
            writeText(block, name);
            writeText(block, value);
        });
        return block.toByteArray();
    }

    private static void writeText(ByteArrayOutputStream block, String text) {
        int prefix = 127;
        int length = text.length();
        if (length < prefix) {
            block.write(length);
        } else {
            block.write(prefix);
            int rest = length - prefix;
            while (rest > prefix) {
                block.write((rest & prefix) | 0x80);
                rest >>= 7;
            }
            block.write(rest);
        }
        block.writeBytes(text.getBytes(ISO_8859_1));
    }

    private static List<Frame> readFrames(Socket socket) throws IOException {
        List<Frame> frames = new ArrayList<>();
        DataInputStream in = new DataInputStream(socket.getInputStream());
        try {
            while (true) {
                int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
                int type = in.readUnsignedByte();
                in.readUnsignedByte();
                int stream = in.readInt();
                byte[] payload = new byte[length];
                in.readFully(payload);
                frames.add(new Frame(type, stream, payload));
            }
        } catch (EOFException | SocketException e) {
            return frames;
        }
    }

    private static String readAll(Socket socket) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(read);
        } catch (SocketException e) {
            // a server that closes the connection before it has read a long request resets it after its answer
            if (read.size() == 0) {
                throw e;
            }
        }
        return read.toString(ISO_8859_1);
    }

    private Socket connect(boolean encrypted) throws Exception {
        URI endpoint = encrypted ? kinesis.httpsEndpoint() : kinesis.httpEndpoint();
        Socket socket = encrypted
                ? trusted().getSocketFactory().createSocket(endpoint.getHost(), endpoint.getPort())
                : new Socket(endpoint.getHost(), endpoint.getPort());
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }

    private SSLContext trusted() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("kinesis", kinesis.certificate());
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private static Map<String, String> headers(String... namesAndValues) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return headers;
    }

    private static String shortened(String line) {
        return line.length() > 100 ? line.substring(0, 100) : line;
    }
}
