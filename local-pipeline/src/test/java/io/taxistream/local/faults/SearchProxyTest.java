package io.taxistream.local.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.taxistream.local.RawHttp;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SearchProxyTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TWO_DOCUMENTS = """
            {"index":{"_index":"a","_id":"1"}}
            {"n":1}
            {"index":{"_index":"a","_id":"2"}}
            {"n":2}
            """;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> received = new CopyOnWriteArrayList<>();
    private final List<String> receivedHeaders = new CopyOnWriteArrayList<>();

    private SearchProxy proxy;
    private HttpServer engine;

    @BeforeEach
    void start() throws IOException {
        engine = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        engine.setExecutor(threads);
        engine.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            receivedHeaders.add(String.valueOf(exchange.getRequestHeaders().getFirst("X-Amz-Date")));
            boolean compressed = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
            String text = new String(
                    compressed ? new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes() : body,
                    StandardCharsets.UTF_8);
            received.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + "\n" + text);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.getResponseHeaders().set("X-Engine", "yes");
            byte[] answer = answer(text);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        engine.start();
        proxy = SearchProxy.start(
                URI.create("http://127.0.0.1:" + engine.getAddress().getPort()));
    }

    @AfterEach
    void stop() {
        proxy.close();
        engine.stop(0);
        threads.shutdownNow();
    }

    @Test
    void rejectsOtherWebPages() throws Exception {
        assertThat(RawHttp.send(proxy.address(), "GET /a/_search", "Host: evil.example"))
                .contains(" 403 Forbidden");
        assertThat(RawHttp.send(proxy.address(), "POST /a/_close", "Origin: http://evil.example"))
                .contains(" 403 Forbidden");

        assertThat(received).isEmpty();
    }

    @Test
    void requestsWithoutAPathAreAnsweredWithAnError() throws Exception {
        for (String line : List.of(
                "GET mailto:x", "GET *", "OPTIONS *", "CONNECT evil.example:443", "GET ", "GET /[", "TRACE *")) {
            assertThat(RawHttp.send(proxy.address(), line)).as(line).containsPattern("^HTTP/1\\.[01] [45]\\d\\d ");
        }

        assertThat(received).isEmpty();
    }

    @Test
    void forwardsRequestsAndResponsesUnchanged() throws Exception {
        HttpResponse<String> response = bulk(TWO_DOCUMENTS);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("X-Engine")).contains("yes");
        assertThat(statuses(response)).containsExactly(201, 201);
        assertThat(received).containsExactly("POST /_bulk?filter_path=items%2A\n" + TWO_DOCUMENTS);
        assertThat(receivedHeaders).containsExactly("20260101T000000Z");
        assertThat(proxy.injected()).isEmpty();
    }

    @Test
    void forwardsEncodedPathsUnchanged() throws Exception {
        String path = "/sign%C3%A9%2B50%25%26a%3D%2Fb;c/_search";

        assertThat(RawHttp.send(proxy.address(), "GET " + path)).contains(" 200 OK");

        assertThat(received).containsExactly("GET " + path + "\n");
    }

    @Test
    void answersWithAStatusInsteadOfTheEngine() throws Exception {
        proxy.add(SearchFaultRule.onBulks(new SearchFault.Status(429, false)).times(2));

        assertThat(bulk(TWO_DOCUMENTS).statusCode()).isEqualTo(429);
        assertThat(get("/").statusCode()).isEqualTo(200);
        assertThat(bulk(TWO_DOCUMENTS).statusCode()).isEqualTo(429);
        assertThat(bulk(TWO_DOCUMENTS).statusCode()).isEqualTo(200);
        assertThat(received).hasSize(2);
        assertThat(proxy.injected()).containsExactlyEntriesOf(Map.of("Status", 2L));
    }

    @Test
    void answersWithAStatusAfterForwarding() throws Exception {
        proxy.add(SearchFaultRule.onAll(new SearchFault.Status(503, true)).times(1));

        assertThat(bulk(TWO_DOCUMENTS).statusCode()).isEqualTo(503);
        assertThat(received).hasSize(1);
    }

    @Test
    void rejectsSomeDocumentsAndKeepsTheOrderOfResults() throws Exception {
        proxy.add(SearchFaultRule.onBulks(SearchFault.RejectDocuments.throttled(
                        document -> document.id().equals("1")))
                .times(1));

        HttpResponse<String> response = bulk(TWO_DOCUMENTS);

        assertThat(statuses(response)).containsExactly(429, 201);
        assertThat(JSON.readTree(response.body()).get("errors").asBoolean()).isTrue();
        assertThat(received).singleElement().asString().contains("{\"n\":2}").doesNotContain("{\"n\":1}");
    }

    @Test
    void rejectsDocumentsOfACompressedBody() throws Exception {
        proxy.add(SearchFaultRule.onBulks(new SearchFault.RejectDocuments(
                400, "mapper_parsing_exception", document -> document.id().equals("2"))));
        var compressed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(compressed)) {
            gzip.write(TWO_DOCUMENTS.getBytes(StandardCharsets.UTF_8));
        }

        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(proxy.address().resolve("/_bulk"))
                        .header("Content-Encoding", "gzip")
                        .POST(BodyPublishers.ofByteArray(compressed.toByteArray()))
                        .build(),
                BodyHandlers.ofString());

        assertThat(statuses(response)).containsExactly(201, 400);
    }

    @Test
    void rejectsAllDocumentsWithoutForwarding() throws Exception {
        proxy.add(SearchFaultRule.onBulks(SearchFault.RejectDocuments.throttled(1, new Random(1))));

        assertThat(statuses(bulk(TWO_DOCUMENTS))).containsExactly(429, 429);
        assertThat(received).isEmpty();
    }

    @Test
    void disconnectsInTheMiddleOfTheResponse() throws Exception {
        proxy.add(SearchFaultRule.onBulks(new SearchFault.TruncatedResponse()).times(1));

        assertThatThrownBy(() -> bulk(TWO_DOCUMENTS)).isInstanceOf(IOException.class);
        assertThat(received).hasSize(1);
        assertThat(bulk(TWO_DOCUMENTS).statusCode()).isEqualTo(200);
    }

    @Test
    void truncatesTheBody() throws Exception {
        proxy.add(SearchFaultRule.onBulks(new SearchFault.TruncatedBody()));

        HttpResponse<String> response = bulk(TWO_DOCUMENTS);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThatThrownBy(() -> JSON.readTree(response.body())).isInstanceOf(IOException.class);
        assertThat(received).hasSize(1);
    }

    @Test
    void answersWithAWebPage() throws Exception {
        proxy.add(SearchFaultRule.onBulks(new SearchFault.NotJson()));

        HttpResponse<String> response = bulk(TWO_DOCUMENTS);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).startsWith("<html>");
        assertThat(received).hasSize(1);
    }

    @Test
    void answersLate() throws Exception {
        proxy.add(SearchFaultRule.onBulks(new SearchFault.DelayedResponse(Duration.ofMinutes(1)))
                .times(1));

        assertThatThrownBy(() -> client.send(
                        request("/_bulk", TWO_DOCUMENTS)
                                .timeout(Duration.ofMillis(300))
                                .build(),
                        BodyHandlers.ofString()))
                .isInstanceOf(HttpTimeoutException.class);
        assertThat(received).hasSize(1);
    }

    @Test
    void refusesConnectionsForATimeAndRebindsTheSamePort() throws Exception {
        assertThat(get("/").statusCode()).isEqualTo(200);

        proxy.refuseConnections(Duration.ofMillis(500));
        proxy.refuseConnections(Duration.ofMillis(1));

        assertThatThrownBy(() -> get("/")).isInstanceOf(ConnectException.class);
        Awaitility.await().ignoreExceptions().until(() -> get("/").statusCode() == 200);
        assertThat(proxy.injected()).containsExactlyEntriesOf(Map.of(SearchProxy.CONNECTIONS_REFUSED, 1L));
    }

    @Test
    void ruleExpires() throws Exception {
        proxy.add(SearchFaultRule.onBulks(new SearchFault.Status(503, false)).lasting(Duration.ofMillis(300)));

        assertThat(bulk(TWO_DOCUMENTS).statusCode()).isEqualTo(503);
        Awaitility.await().until(() -> bulk(TWO_DOCUMENTS).statusCode() == 200);
    }

    @Test
    void removesAllRules() throws Exception {
        proxy.add(SearchFaultRule.onAll(new SearchFault.Status(503, false)));
        proxy.clear();

        assertThat(get("/").statusCode()).isEqualTo(200);
    }

    @Test
    void reportsAnUnavailableEngine() throws Exception {
        engine.stop(0);

        assertThat(get("/").statusCode()).isEqualTo(502);
    }

    @Test
    void rejectsRequestsThatFailTheCheck() throws Exception {
        RequestCheck signedOnly = request -> {
            String body = new String(request.body(), StandardCharsets.UTF_8);
            return request.headers().containsKey("x-amz-date")
                            && request.rawQuery().equals("filter_path=items%2A")
                            && body.equals(TWO_DOCUMENTS)
                    ? Optional.empty()
                    : Optional.of("not signed");
        };
        URI address = URI.create("http://127.0.0.1:" + engine.getAddress().getPort());
        try (SearchProxy checking = SearchProxy.start(() -> address, signedOnly, new Random())) {
            HttpRequest signed = HttpRequest.newBuilder(checking.address().resolve("/_bulk?filter_path=items%2A"))
                    .header("X-Amz-Date", "20260101T000000Z")
                    .POST(BodyPublishers.ofString(TWO_DOCUMENTS))
                    .build();
            HttpRequest unsigned =
                    HttpRequest.newBuilder(checking.address().resolve("/")).build();

            assertThat(client.send(signed, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
            assertThat(client.send(unsigned, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(403);
            assertThat(received).hasSize(1);
        }
    }

    @Test
    void rejectsInvalidRules() {
        var fault = new SearchFault.NotJson();
        assertThatThrownBy(() -> SearchFaultRule.onAll(fault).withProbability(1.1))
                .hasMessageContaining("1.1");
        assertThatThrownBy(() -> SearchFaultRule.onAll(fault).times(-1)).hasMessageContaining("-1");
        assertThatThrownBy(() -> SearchFaultRule.onAll(fault).lasting(Duration.ofMillis(-1)))
                .hasMessageContaining("negative");
        assertThatThrownBy(() -> new SearchFault.Status(200, false)).hasMessageContaining("200");
        assertThatThrownBy(() -> new SearchFault.RejectDocuments(600, "x", document -> true))
                .hasMessageContaining("600");
    }

    private HttpResponse<String> bulk(String body) throws Exception {
        return client.send(request("/_bulk?filter_path=items%2A", body).build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path, String body) {
        return HttpRequest.newBuilder(proxy.address().resolve(path))
                .header("X-Amz-Date", "20260101T000000Z")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body));
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(HttpRequest.newBuilder(proxy.address().resolve(path)).build(), BodyHandlers.ofString());
    }

    private static List<Integer> statuses(HttpResponse<String> response) throws IOException {
        return StreamSupport.stream(JSON.readTree(response.body()).get("items").spliterator(), false)
                .map(item -> item.elements().next().get("status").asInt())
                .toList();
    }

    /** Returns a response that reports every document as created. */
    private static byte[] answer(String body) throws IOException {
        var answer = JSON.createObjectNode().put("errors", false);
        var items = answer.putArray("items");
        for (String line : body.lines().toList()) {
            if (line.startsWith("{\"index\"")) {
                JsonNode target = JSON.readTree(line).get("index");
                items.addObject()
                        .putObject("index")
                        .put("_id", target.get("_id").asText())
                        .put("status", 201);
            }
        }
        return JSON.writeValueAsBytes(answer);
    }
}
