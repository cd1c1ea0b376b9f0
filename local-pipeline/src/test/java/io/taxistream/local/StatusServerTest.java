package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.taxistream.local.PipelineStatus.Part;
import io.taxistream.local.PipelineStatus.State;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StatusServerTest {

    private final PipelineStatus status = new PipelineStatus();
    private StatusServer server;

    @BeforeEach
    void start() throws Exception {
        server = StatusServer.start(0, status);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void beforeAnythingIsKnownItSaysSo() throws IOException {
        JsonNode json = new JsonHttp(server.address(), Duration.ofSeconds(5)).get("/api/status");

        assertThat(json.at("/parts/search/state").textValue()).isEqualTo("waiting");
        assertThat(json.at("/parts/search/address").isNull()).isTrue();
        assertThat(json.get("trips_sent").isNull()).isTrue();
        assertThat(json.get("event_time").isNull()).isTrue();
        assertThat(json.get("pickup_count_documents").longValue()).isZero();
    }

    @Test
    void tellsStatesAddressesAndFigures() throws IOException {
        status.running(Part.SEARCH, URI.create("http://127.0.0.1:9200"));
        status.set(Part.PRODUCER, State.FAILED);
        status.set(new Figures(
                "RUNNING",
                new ProducerProgress(OptionalLong.of(1_000), 0.5, OptionalLong.of(0)),
                OptionalLong.of(900),
                Map.of("implausible", 7L),
                Optional.of(Instant.parse("2015-12-02T05:10:00Z")),
                12,
                3));

        JsonNode json = new JsonHttp(server.address(), Duration.ofSeconds(5)).get("/api/status");

        assertThat(json.at("/parts/search").toString())
                .isEqualTo("{\"state\":\"running\",\"address\":\"http://127.0.0.1:9200\"}");
        assertThat(json.at("/parts/producer/state").textValue()).isEqualTo("failed");
        assertThat(json.get("job_state").textValue()).isEqualTo("RUNNING");
        assertThat(json.get("trips_sent").longValue()).isEqualTo(1_000);
        assertThat(json.get("replay_lag_seconds").doubleValue()).isEqualTo(0.5);
        assertThat(json.get("trips_read").longValue()).isEqualTo(900);
        assertThat(json.at("/left_out/implausible").longValue()).isEqualTo(7);
        assertThat(json.get("event_time").textValue()).isEqualTo("2015-12-02T05:10:00Z");
        assertThat(json.get("pickup_count_documents").longValue()).isEqualTo(12);
        assertThat(json.get("trip_duration_documents").longValue()).isEqualTo(3);
    }

    @Test
    void servesAPageForPeople() throws Exception {
        HttpResponse<String> page = get("/");

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
        assertThat(page.body()).startsWith("<!doctype html>").contains("/api/status");
    }

    @Test
    void thereIsNothingElse() throws Exception {
        assertThat(get("/api/other").statusCode()).isEqualTo(404);
        assertThat(send(HttpRequest.newBuilder()
                                .uri(server.address())
                                .POST(HttpRequest.BodyPublishers.ofString("x"))
                                .build())
                        .statusCode())
                .isEqualTo(405);
    }

    @Test
    void aTakenPortIsToldByName() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();

            assertThatThrownBy(() -> StatusServer.start(port, status))
                    .isInstanceOf(LocalPipelineException.class)
                    .hasMessageContaining("--port " + port);
        }
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(HttpRequest.newBuilder().uri(server.address().resolve(path)).build());
    }

    private static HttpResponse<String> send(HttpRequest request) throws Exception {
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }
}
