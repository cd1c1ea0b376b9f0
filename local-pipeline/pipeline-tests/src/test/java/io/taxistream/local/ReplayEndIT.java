package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.taxistream.local.page.PageServer;
import io.taxistream.local.page.PipelineView;
import io.taxistream.local.page.ScalingAction;
import io.taxistream.local.page.TimeRange;
import io.taxistream.local.page.Timeline;
import io.taxistream.local.page.Timeline.Step;
import io.taxistream.local.status.EventLog;
import io.taxistream.local.status.PipelineSnapshot;
import io.taxistream.local.status.PipelineStatus;
import io.taxistream.local.status.PipelineStatus.Part;
import io.taxistream.local.status.PipelineStatus.State;
import io.taxistream.local.status.ProducerProgress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page of a replay of one day that ends at midnight in New York, 05:00 UTC. */
class ReplayEndIT {

    private static final String MIDNIGHT = "2015-12-03T05:00:00Z";

    @TempDir
    private Path folder;

    /** Trips that end after the last window with results, such as implausibly long ones, do not move the end of the replay. */
    @ParameterizedTest
    @CsvSource({
        "2015-12-03T04:59:59Z, FINISHED, '2 Dec, 23:59', the replay has ended",
        "2015-12-03T05:00:00Z, FINISHED, '3 Dec, 00:00', the replay has ended",
        "2015-12-03T16:26:00Z, FINISHED, '3 Dec, 00:00', the replay has ended",
        "2015-12-03T16:26:00Z, RUNNING, '3 Dec, 11:26', 0 ms of event time behind the replay"
    })
    void endsWithTheLastWindow(Instant lastDropoff, State producer, String reached, String note) throws Exception {
        HeadlessBrowser.requireInstalled();
        try (PageServer server = PageServer.start(0, new EndedReplay(lastDropoff, producer, Instant.now()));
                HeadlessBrowser browser = HeadlessBrowser.open(server.address(), folder.resolve("profile"))) {
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                assertThat(browser.text("#window")).isEqualTo("Wed, 2 Dec 2015, 23:00–00:00");
                assertThat(browser.text("#figures div:first-child dt")).isEqualTo("Event time reached");
                assertThat(browser.text("#figures div:first-child dd")).isEqualTo(reached);
                assertThat(browser.text("#figures div:first-child .note")).isEqualTo(note);
            });
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void oldFiguresAreReported() throws Exception {
        HeadlessBrowser.requireInstalled();
        EndedReplay replay = new EndedReplay(
                Instant.parse(MIDNIGHT), State.FINISHED, Instant.now().minusSeconds(61));
        for (Part part : Part.values()) {
            replay.status.set(part, State.RUNNING);
        }
        try (PageServer server = PageServer.start(0, replay);
                HeadlessBrowser browser = HeadlessBrowser.open(server.address(), folder.resolve("profile"))) {
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() ->
                            assertThat(browser.text("#contact")).startsWith("The figures have not been updated since"));

            replay.show(Instant.now().plusSeconds(600));

            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(browser.text("#contact")).startsWith("Replaying"));
        }
    }

    private static final class EndedReplay implements PipelineView {

        private final Timeline results = new Timeline();
        private final PipelineStatus status = new PipelineStatus(new EventLog(Clock.systemUTC()), 0, Clock.systemUTC());

        private final Instant lastDropoff;

        EndedReplay(Instant lastDropoff, State producer, Instant taken) {
            this.lastDropoff = lastDropoff;
            long timestamp = Instant.parse(MIDNIGHT).toEpochMilli() - 1;
            results.update(
                    Timeline.WINDOW,
                    Map.of(timestamp + 1 - Timeline.WINDOW.toMillis(), new Step(timestamp, 3, Map.of())));
            status.set(Part.PRODUCER, producer);
            show(taken);
        }

        /** Shows the figures as if they had been taken at a time. */
        void show(Instant taken) {
            status.set(
                    new PipelineSnapshot(
                            "RUNNING",
                            new ProducerProgress(
                                    OptionalLong.of(3),
                                    -1,
                                    OptionalLong.empty(),
                                    OptionalLong.of(3),
                                    Optional.of(lastDropoff),
                                    OptionalLong.empty(),
                                    Optional.empty()),
                            List.of(),
                            OptionalLong.of(3),
                            Map.of(),
                            true,
                            Optional.of(lastDropoff),
                            1,
                            0),
                    taken);
        }

        @Override
        public String metrics() {
            return "";
        }

        @Override
        public JsonNode status() {
            return status.watched();
        }

        @Override
        public JsonNode timeline(long version, Optional<TimeRange> range) {
            return results.changedSince(version);
        }

        @Override
        public JsonNode map(long timestamp, int windows) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.putObject("cells").put("dr5ru7", 3);
            json.putObject("durations");
            return json;
        }

        @Override
        public String scale(ScalingAction action, int shards) {
            throw new IllegalArgumentException("nothing is scaled here");
        }
    }
}
