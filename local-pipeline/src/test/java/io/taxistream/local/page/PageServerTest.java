package io.taxistream.local.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.taxistream.local.RawHttp;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PageServerTest {

    private final RecordingPipeline pipeline = new RecordingPipeline();
    private PageServer server;

    @BeforeEach
    void start() throws IOException {
        server = PageServer.start(0, pipeline);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/, text/html, <!doctype html>",
        "/page.js, text/javascript, import",
        "/leaflet.js, text/javascript, Leaflet",
        "/uplot.js, text/javascript, uPlot",
        "/leaflet.css, text/css, .leaflet-",
        "/uplot.css, text/css, .u-",
        "/outlines.json, application/json, Manhattan"
    })
    void servesThePageAndItsLibraries(String path, String type, String content) throws Exception {
        HttpResponse<String> file = get(path);

        assertThat(file.statusCode()).isEqualTo(200);
        assertThat(file.headers().firstValue("Content-Type")).contains(type + "; charset=utf-8");
        assertThat(file.headers().firstValue("Content-Security-Policy"))
                .hasValueSatisfying(policy -> assertThat(policy).startsWith("default-src 'self'"));
        assertThat(file.body()).contains(content);
    }

    @Test
    void servesTheMetricsForPrometheus() throws Exception {
        HttpResponse<String> metrics = get("/metrics");

        assertThat(metrics.statusCode()).isEqualTo(200);
        assertThat(metrics.headers().firstValue("Content-Type")).contains("text/plain; version=0.0.4; charset=utf-8");
        assertThat(metrics.body()).isEqualTo("trips 7.0\n");
    }

    @Test
    void everyImportOfThePageIsServed() throws Exception {
        Pattern imported = Pattern.compile("from \"\\.(/[^\"]+)\"");
        List<String> waiting = new ArrayList<>(List.of("/page.js"));
        for (int i = 0; i < waiting.size(); i++) {
            HttpResponse<String> script = get(waiting.get(i));
            assertThat(script.statusCode()).as(waiting.get(i)).isEqualTo(200);
            Matcher matcher = imported.matcher(script.body());
            while (matcher.find()) {
                if (!waiting.contains(matcher.group(1))) {
                    waiting.add(matcher.group(1));
                }
            }
        }

        assertThat(waiting).contains("/map.js", "/leaflet.js", "/uplot.js");
    }

    @Test
    void answersStatusTimelineAndMap() throws Exception {
        assertThat(get("/api/status").body()).isEqualTo("{\"status\":true}");
        assertThat(get("/api/timeline?since=17").body()).isEqualTo("{\"since\":17,\"range\":\"all\"}");
        assertThat(get("/api/timeline?since=17&from=-5&to=9").body()).isEqualTo("{\"since\":17,\"range\":\"-5 to 9\"}");
        assertThat(get("/api/timeline").statusCode()).isEqualTo(400);
        assertThat(get("/api/timeline?since=x").body()).contains("since=VERSION is missing");
        assertThat(get("/api/map?until=8&windows=6").body()).isEqualTo("{\"until\":8,\"windows\":6}");
        assertThat(get("/api/map?until=8").statusCode()).isEqualTo(400);
    }

    @Test
    void reportsAnUnavailableSearchEngine() throws Exception {
        pipeline.failure = new IOException("connection refused");

        HttpResponse<String> answer = get("/api/timeline?since=0");

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).isEqualTo("the search engine does not respond: connection refused\n");
    }

    @Test
    void pageCanTriggerActions() throws Exception {
        HttpResponse<String> answer = post("/api/scaling/set-shard-count?shards=5", token());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(new ObjectMapper().readTree(answer.body()).get("message").textValue())
                .isEqualTo("done");
        assertThat(pipeline.actions).containsExactly("SET_SHARD_COUNT 5");
    }

    @Test
    void impossibleActionIsExplained() throws Exception {
        pipeline.refusal = "there is one shard only";

        HttpResponse<String> answer = post("/api/scaling/merge-shards", token());

        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(answer.body()).isEqualTo("there is one shard only\n");
    }

    @Test
    void otherPagesCannotTriggerActions() throws Exception {
        assertThat(post("/api/scaling/split-shard", "guessed").statusCode()).isEqualTo(403);
        assertThat(pipeline.actions).isEmpty();
    }

    @Test
    void rejectsOtherHostNames() throws Exception {
        String answer = raw("GET / HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 403").doesNotContain("page-token");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Origin: http://evil.example",
                "Origin: null",
                "Sec-Fetch-Site: cross-site",
                "Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image",
                "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe",
            })
    void otherOriginsCanNeitherReadNorEmbed(String headers) throws Exception {
        String own = "Host: 127.0.0.1\r\nConnection: close\r\n" + headers + "\r\n";
        for (String path : List.of("/", "/metrics", "/page.js", "/api/status", "/api/timeline?since=0")) {
            assertThat(raw("GET " + path + " HTTP/1.1\r\n" + own + "\r\n"))
                    .as(path)
                    .startsWith("HTTP/1.1 403");
        }
        assertThat(raw("POST /api/scaling/split-shard HTTP/1.1\r\nX-Page-Token: " + token()
                        + "\r\nContent-Length: 0\r\n" + own + "\r\n"))
                .startsWith("HTTP/1.1 403");
        assertThat(pipeline.actions).isEmpty();
    }

    @Test
    void otherSitesMayLinkToThePageOnly() throws Exception {
        String link = String.join(
                "\r\n",
                " HTTP/1.1",
                "Host: 127.0.0.1",
                "Connection: close",
                "Sec-Fetch-Site: cross-site",
                "Sec-Fetch-Mode: navigate",
                "Sec-Fetch-Dest: document",
                "",
                "");

        assertThat(raw("GET /" + link))
                .startsWith("HTTP/1.1 200")
                .containsIgnoringCase("cross-origin-resource-policy: same-origin");
        assertThat(raw("GET /api/status" + link)).startsWith("HTTP/1.1 403");
    }

    @Test
    void halfSentRequestsDoNotBlockThePage() throws Exception {
        List<Socket> halfSent = new ArrayList<>();
        try {
            for (int i = 0; i < 200; i++) {
                Socket socket = new Socket(
                        InetAddress.getLoopbackAddress(), server.address().getPort());
                halfSent.add(socket);
                socket.getOutputStream().write("GET / HTTP/1.1\r\nHo".getBytes(StandardCharsets.US_ASCII));
            }

            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(server.address().resolve("/api/status"))
                                    .timeout(Duration.ofSeconds(5))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(200);
        } finally {
            for (Socket socket : halfSent) {
                socket.close();
            }
        }
    }

    @Test
    void requestsThatNameNoPageAreAnsweredWithAnError() throws Exception {
        RawHttp.assertRefusesOddRequests(server.address());

        assertThat(get("/api/status").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET mailto:x", "GET /%zz", "GET ", ""})
    void malformedRequestEndsTheConnection(String requestLine) throws Exception {
        assertThat(raw(requestLine + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"))
                .containsPattern("^HTTP/1\\.[01] [45]\\d\\d ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /api/scaling/add-task-manager HTTP/1.1\r\nOrigin: http://evil.example\r\nContent-Length: 3\r\n",
                "POST /api/scaling/add-task-manager HTTP/1.1\r\nContent-Length: 3\r\n",
                "POST /nothing HTTP/1.1\r\nContent-Length: 300000\r\n",
                "POST /nothing HTTP/1.1\r\nTransfer-Encoding: chunked\r\n",
                "PUT / HTTP/1.1\r\nContent-Length: 3\r\n",
                "GET /nothing HTTP/1.1\r\nContent-Length: 3\r\n"
            })
    void errorBeforeTheBodyIsReadEndsTheConnection(String request) throws Exception {
        assertThat(raw(request + "Host: 127.0.0.1\r\n\r\na=b"))
                .containsPattern("^HTTP/1\\.1 4\\d\\d ")
                .containsIgnoringCase("\r\nConnection: close\r\n")
                .containsOnlyOnce("HTTP/1.1");
    }

    @Test
    void errorWithoutABodyLeavesTheConnectionOpen() throws Exception {
        String host = "Host: 127.0.0.1\r\n";

        assertThat(raw("GET /nothing HTTP/1.1\r\n" + host + "\r\nGET /api/status HTTP/1.1\r\n" + host
                        + "Connection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 404")
                .contains("HTTP/1.1 200");
    }

    @Test
    void absoluteAddressOfThePageIsServed() throws Exception {
        assertThat(RawHttp.send(server.address(), "GET " + server.address())).contains(" 200 OK", "<!doctype html>");
    }

    @Test
    void headIsAnsweredWithoutABody() throws Exception {
        String answer = raw("HEAD / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 200").endsWith("\r\n\r\n").containsIgnoringCase("content-length:");
    }

    @Test
    void otherPathsAreNotFound() throws Exception {
        assertThat(get("/api/other").statusCode()).isEqualTo(404);
        assertThat(get("/page.html").statusCode()).isEqualTo(404);
        assertThat(post("/api/scaling/other", token()).statusCode()).isEqualTo(404);
        assertThat(post("/api/scaling/set-shard-count", token()).statusCode()).isEqualTo(400);
        assertThat(send(HttpRequest.newBuilder(server.address()).DELETE()).statusCode())
                .isEqualTo(405);
    }

    private String token() throws Exception {
        Matcher matcher = Pattern.compile("name=\"page-token\" content=\"([0-9a-f]{32})\"")
                .matcher(get("/").body());
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(HttpRequest.newBuilder(server.address().resolve(path)));
    }

    private HttpResponse<String> post(String path, String token) throws Exception {
        return send(HttpRequest.newBuilder(server.address().resolve(path))
                .header("X-Page-Token", token)
                .POST(BodyPublishers.noBody()));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(
                        InetAddress.getLoopbackAddress(), server.address().getPort());
                OutputStream out = socket.getOutputStream();
                InputStream in = socket.getInputStream()) {
            socket.setSoTimeout(20_000);
            out.write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static final class RecordingPipeline implements PipelineView {

        private final List<String> actions = new ArrayList<>();
        private String refusal = "";
        private IOException failure;

        @Override
        public JsonNode status() {
            return JsonNodeFactory.instance.objectNode().put("status", true);
        }

        @Override
        public String metrics() {
            return "trips 7.0\n";
        }

        @Override
        public JsonNode timeline(long version, Optional<TimeRange> range) throws IOException {
            if (failure != null) {
                throw failure;
            }
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("since", version)
                    .put(
                            "range",
                            range.map(some -> some.firstTimestamp() + " to " + some.lastTimestamp())
                                    .orElse("all"));
        }

        @Override
        public JsonNode map(long timestamp, int windows) {
            return JsonNodeFactory.instance.objectNode().put("until", timestamp).put("windows", windows);
        }

        @Override
        public String scale(ScalingAction action, int shards) {
            if (!refusal.isEmpty()) {
                throw new IllegalArgumentException(refusal);
            }
            actions.add(action + " " + shards);
            return "done";
        }
    }
}
