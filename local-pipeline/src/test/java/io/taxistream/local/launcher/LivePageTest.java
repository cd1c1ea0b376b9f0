package io.taxistream.local.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.taxistream.local.page.ScalingAction;
import io.taxistream.local.services.JsonHttp;
import io.taxistream.local.services.LocalPipelineException;
import io.taxistream.local.status.Checkpoints;
import io.taxistream.local.status.EventLog;
import io.taxistream.local.status.EventLog.Kind;
import io.taxistream.local.status.Health;
import io.taxistream.local.status.Health.ShardHealth;
import io.taxistream.local.status.PartStatus;
import io.taxistream.local.status.PipelineSnapshot;
import io.taxistream.local.status.PipelineStatus;
import io.taxistream.local.status.PipelineStatus.Part;
import io.taxistream.local.status.PipelineStatus.State;
import io.taxistream.local.status.ProducerProgress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LivePageTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final EventLog events = new EventLog(Clock.fixed(NOW, ZoneOffset.UTC));
    private final PipelineStatus status = new PipelineStatus(events, 1_440, Clock.fixed(NOW, ZoneOffset.UTC));
    private LivePage page;

    @BeforeEach
    void open() throws Exception {
        page = LivePage.open(0, status);
    }

    @AfterEach
    void close() {
        page.close();
    }

    @Test
    void showsUnknownValuesAtFirst() throws IOException {
        JsonNode json = get("/api/status");

        assertThat(json.at("/parts/search/state").textValue()).isEqualTo("waiting");
        assertThat(json.at("/parts/search/address").isNull()).isTrue();
        assertThat(json.get("trips_sent").isNull()).isTrue();
        assertThat(json.get("trips_total").isNull()).isTrue();
        assertThat(json.get("event_time").isNull()).isTrue();
        assertThat(json.get("pickup_count_documents").longValue()).isZero();
        assertThat(json.get("health").isNull()).isTrue();
        assertThat(json.get("snapshot_time").isNull()).isTrue();
        assertThat(json.get("events").isEmpty()).isTrue();
        assertThat(get("/api/timeline?since=0").get("steps").isEmpty()).isTrue();
    }

    @Test
    void showsStatesAddressesAndMetrics() throws IOException {
        status.running(Part.SEARCH, URI.create("http://127.0.0.1:9200"));
        status.set(Part.PRODUCER, State.FAILED);
        status.set(
                new PipelineSnapshot(
                        "RUNNING",
                        new ProducerProgress(
                                OptionalLong.of(1_000),
                                0.5,
                                OptionalLong.of(2),
                                OptionalLong.of(5_002),
                                Optional.of(Instant.parse("2015-12-02T05:20:00Z")),
                                OptionalLong.empty(),
                                Optional.empty()),
                        List.of(new PartStatus(
                                "2/4",
                                State.WAITING,
                                OptionalLong.of(250),
                                Optional.of(Instant.parse("2015-12-02T05:00:00Z")),
                                false,
                                true)),
                        OptionalLong.of(900),
                        Map.of("implausible", 7L),
                        true,
                        Optional.of(Instant.parse("2015-12-02T05:10:00Z")),
                        12,
                        3),
                NOW.minusSeconds(61));

        JsonNode json = get("/api/status");

        assertThat(json.at("/parts/search").toString())
                .isEqualTo("{\"state\":\"running\",\"address\":\"http://127.0.0.1:9200\"}");
        assertThat(json.at("/parts/producer/state").textValue()).isEqualTo("failed");
        assertThat(json.get("job_state").textValue()).isEqualTo("RUNNING");
        assertThat(json.get("speedup").doubleValue()).isEqualTo(1_440);
        assertThat(json.get("trips_sent").longValue()).isEqualTo(1_000);
        assertThat(json.get("trips_total").longValue()).isEqualTo(5_000);
        assertThat(json.get("replay_lag_seconds").doubleValue()).isEqualTo(0.5);
        assertThat(json.get("replay_event_time").textValue()).isEqualTo("2015-12-02T05:20:00Z");
        assertThat(json.get("trips_read").longValue()).isEqualTo(900);
        assertThat(json.get("left_out").toString()).isEqualTo("{\"unreadable in the input\":2,\"implausible\":7}");
        assertThat(json.get("event_time").textValue()).isEqualTo("2015-12-02T05:10:00Z");
        assertThat(json.get("producers").toString())
                .isEqualTo("[{\"part\":\"2/4\",\"state\":\"waiting\",\"trips_sent\":250,"
                        + "\"event_time\":\"2015-12-02T05:00:00Z\",\"ended\":false,\"holds_back\":true}]");
        assertThat(json.get("pickup_count_documents").longValue()).isEqualTo(12);
        assertThat(json.get("trip_duration_documents").longValue()).isEqualTo(3);
        assertThat(json.get("time").textValue()).isEqualTo(NOW.toString());
        assertThat(json.get("snapshot_time").textValue())
                .as("the process may have been suspended")
                .isEqualTo(NOW.minusSeconds(61).toString());
    }

    @Test
    void showsTheHealthOfThePipeline() throws IOException {
        status.set(
                new Health(
                        List.of(
                                new ShardHealth("shardId-000000000000", true, OptionalLong.of(1_448_956_799_999L), 5),
                                new ShardHealth("shardId-000000000001", false, OptionalLong.empty(), 0)),
                        new Checkpoints(4, 1, 65_536, Optional.of(Duration.ofMillis(230))),
                        2,
                        1,
                        OptionalLong.of(100),
                        OptionalLong.of(9),
                        OptionalLong.empty()),
                NOW.minusSeconds(3_600));

        JsonNode health = get("/api/status").get("health");

        assertThat(health.at("/shards/0").toString())
                .isEqualTo("{\"id\":\"shardId-000000000000\",\"open\":true,\"watermark_millis\":1448956799999,"
                        + "\"records_behind\":5}");
        assertThat(health.at("/shards/1/watermark_millis").isNull()).isTrue();
        assertThat(health.get("time").textValue())
                .as("not updated while nothing watches")
                .isEqualTo(NOW.minusSeconds(3_600).toString());
        assertThat(health.get("checkpoints_completed").longValue()).isEqualTo(4);
        assertThat(health.get("checkpoints_failed").longValue()).isEqualTo(1);
        assertThat(health.get("checkpoint_millis").longValue()).isEqualTo(230);
        assertThat(health.get("restarts").longValue()).isEqualTo(2);
        assertThat(health.get("task_managers").longValue()).isEqualTo(1);
        assertThat(health.get("documents_stored").longValue()).isEqualTo(100);
        assertThat(health.get("documents_retried").longValue()).isEqualTo(9);
        assertThat(health.get("throttled_reads").isNull()).isTrue();
    }

    @Test
    void showsTheLatestEventsNewestFirst() throws IOException {
        for (int i = 1; i <= 60; i++) {
            events.add(Kind.SCALING, "happening " + i);
        }

        JsonNode reported = get("/api/status").get("events");

        assertThat(reported.size()).isEqualTo(50);
        assertThat(reported.get(0).toString())
                .isEqualTo("{\"number\":60,\"time\":\"2026-01-01T00:00:00Z\",\"kind\":\"scaling\","
                        + "\"text\":\"happening 60\"}");
    }

    @Test
    void knowsWhetherItIsWatched() throws IOException {
        assertThat(status.isWatched()).isFalse();

        get("/api/status");

        assertThat(status.isWatched()).isTrue();
    }

    @Test
    void actionsAreRejectedWhileStarting() {
        assertThatThrownBy(() -> page.scale(ScalingAction.SPLIT_SHARD, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the pipeline is still starting");
    }

    @Test
    void portInUseIsNamed() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();

            assertThatThrownBy(() -> LivePage.open(port, status))
                    .isInstanceOf(LocalPipelineException.class)
                    .hasMessageContaining("--port " + port);
        }
    }

    private JsonNode get(String path) throws IOException {
        return new JsonHttp(page.address(), Duration.ofSeconds(5)).get(path);
    }
}
