package io.taxistream.local.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.local.status.PartStatus;
import io.taxistream.local.status.PipelineSnapshot;
import io.taxistream.local.status.PipelineStatus.State;
import io.taxistream.local.status.ProducerProgress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ProgressLinesTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final SettableClock clock = new SettableClock();
    private final ProgressLines progress =
            new ProgressLines(new PrintStream(bytes, true, StandardCharsets.UTF_8), clock, false);

    @Test
    void printsMessagesWithSecondsSinceTheStart() {
        clock.advance(Duration.ofMillis(3_210));
        progress.printLine("Flink runs");

        assertThat(printed()).isEqualTo("[   3.2 s] Flink runs\n");
    }

    @Test
    void messagesCannotControlTheTerminal() {
        progress.printLine("producer 1/1: a\u001b[2J\nb.csv is damaged");

        assertThat(printed()).isEqualTo("[   0.0 s] producer 1/1: a\\u001b[2J\\u000ab.csv is damaged\n");
    }

    @Test
    void printsMetricsAndTheRateSinceTheLastLine() {
        clock.advance(Duration.ofSeconds(5));
        progress.update(snapshot("RUNNING", 1_000, "2015-12-02T05:10:00Z"));
        clock.advance(Duration.ofSeconds(5));
        progress.update(snapshot("RESTARTING", 21_000, "2015-12-02T05:20:00Z"));

        assertThat(printed())
                .isEqualTo("[   5.0 s] trips: 30,000 sent, 1,000 read (200/s); event time 2015-12-02 05:10 UTC;"
                        + " documents: 12 + 3\n"
                        + "[  10.0 s] trips: 30,000 sent, 21,000 read (4,000/s); event time 2015-12-02 05:20 UTC;"
                        + " documents: 12 + 3; the job is RESTARTING\n");
    }

    @Test
    void printsAtMostOncePerInterval() {
        progress.update(snapshot("RUNNING", 1_000, "2015-12-02T05:10:00Z"));
        clock.advance(ProgressLines.INTERVAL.minusMillis(1));
        progress.update(snapshot("RUNNING", 2_000, "2015-12-02T05:20:00Z"));

        assertThat(printed()).hasLineCount(1);
    }

    @Test
    void printsTheProgressOfEachProducerAndTheSlowest() {
        progress.update(snapshot(
                "RUNNING",
                1_000,
                "2015-12-02T05:10:00Z",
                new PartStatus("1/2", State.RUNNING, OptionalLong.of(600), Optional.empty(), false, true),
                new PartStatus(
                        "2/2",
                        State.RUNNING,
                        OptionalLong.of(700),
                        Optional.of(Instant.parse("2015-12-02T05:40:00Z")),
                        false,
                        false)));

        assertThat(printed())
                .contains("event time 2015-12-02 05:10 UTC (1/2 none yet, 2/2 05:40; 1/2 holds the others back);");
    }

    @Test
    void omitsUnknownValues() {
        progress.update(PipelineSnapshot.NONE);

        assertThat(printed()).contains("trips: ? sent, ? read").contains("event time unknown");
    }

    private static PipelineSnapshot snapshot(String state, long read, String eventTime, PartStatus... parts) {
        return new PipelineSnapshot(
                state,
                new ProducerProgress(
                        OptionalLong.of(30_000),
                        0.1,
                        OptionalLong.of(0),
                        OptionalLong.of(60_000),
                        Optional.empty(),
                        OptionalLong.empty(),
                        Optional.empty()),
                List.of(parts),
                OptionalLong.of(read),
                Map.of(),
                true,
                Optional.of(Instant.parse(eventTime)),
                12,
                3);
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static final class SettableClock extends Clock {

        private Instant now = Instant.EPOCH;

        void advance(Duration duration) {
            now = now.plus(duration);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException("the zone of this clock is not used");
        }
    }
}
