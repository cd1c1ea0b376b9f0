package io.taxistream.credentials;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/**
 * Stands in for AWS's Security Token Service: hands out numbered credentials of a role. The SDK's clients of this process call
 * it until it is closed.
 */
public final class FakeSts implements AutoCloseable {

    /** The secret of all credentials that it hands out. */
    public static final String SECRET_ACCESS_KEY = "secret-of-an-assumed-role";

    /** Begins the session token of all credentials that it hands out; their key follows. */
    public static final String SESSION_TOKEN = "session-token-of-";

    private static final String ENDPOINT_PROPERTY = "aws.endpointUrlSts";

    private static final String ANSWER = """
            <%1$sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
              <%1$sResult>
                <AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn><AssumedRoleId>A:s</AssumedRoleId></AssumedRoleUser>
                <Credentials>
                  <AccessKeyId>%2$s</AccessKeyId>
                  <SecretAccessKey>%3$s</SecretAccessKey>
                  <SessionToken>%4$s</SessionToken>
                  <Expiration>%5$s</Expiration>
                </Credentials>
              </%1$sResult>
            </%1$sResponse>
            """;

    private static final String REFUSAL = """
            <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
              <Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole</Message></Error>
            </ErrorResponse>
            """;

    private final HttpServer server;
    private final Duration lifetime;
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private volatile boolean refusing;

    /**
     * A call that it was asked.
     *
     * @param parameters of the form that was posted
     * @param signedWith access key of the caller; empty if the call was not signed
     */
    public record Call(Map<String, String> parameters, String signedWith) {}

    private FakeSts(HttpServer server, Duration lifetime) {
        this.server = server;
        this.lifetime = lifetime;
    }

    /** Starts on any free port of the loopback address. */
    public static FakeSts start(Duration lifetime) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        FakeSts sts = new FakeSts(server, lifetime);
        server.createContext("/", exchange -> {
            try (exchange) {
                String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                byte[] answer = sts.answer(form, exchange.getRequestHeaders().getFirst("Authorization"));
                exchange.getResponseHeaders().add("Content-Type", "text/xml");
                exchange.sendResponseHeaders(sts.refusing ? 403 : 200, answer.length);
                exchange.getResponseBody().write(answer);
            }
        });
        server.start();
        System.setProperty(ENDPOINT_PROPERTY, sts.endpoint().toString());
        return sts;
    }

    /** Where it listens. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** From now on, nobody may assume a role. */
    public void refuse() {
        refusing = true;
    }

    /** Calls so far, oldest first. */
    public List<Call> calls() {
        return List.copyOf(calls);
    }

    /** Access key of the credentials that the call of a number, from 1, was given. */
    public static String accessKey(int call) {
        return "ASIAROLE" + call;
    }

    private byte[] answer(String form, String authorization) {
        Map<String, String> parameters = Arrays.stream(form.split("&"))
                .map(parameter -> parameter.split("=", 2))
                .collect(Collectors.toMap(
                        parts -> parts[0], parts -> URLDecoder.decode(parts[1], StandardCharsets.UTF_8)));
        calls.add(new Call(
                parameters, authorization == null ? "" : authorization.replaceFirst(".*Credential=([^/]*)/.*", "$1")));
        String key = accessKey(calls.size());
        String answer = refusing
                ? REFUSAL
                : ANSWER.formatted(
                        parameters.get("Action"),
                        key,
                        SECRET_ACCESS_KEY,
                        SESSION_TOKEN + key,
                        Instant.now().plus(lifetime));
        return answer.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        System.clearProperty(ENDPOINT_PROPERTY);
        server.stop(0);
    }
}
