package io.taxistream.local.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.taxistream.local.status.PipelineSnapshot;
import io.taxistream.local.status.ProducerProgress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class TerminalBarTest {

    private static final String CLEAR_LINE = "\r\u001b[2K";

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void showsShareRateTimeLeftEventTimeLagAndTrips() {
        try (TerminalBar bar = new TerminalBar(out, OptionalInt.of(160))) {
            bar.update(snapshot(1_000, 0));
            bar.update(snapshot(1_000, 250));

            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(lastLine())
                            .matches(" 25 % \\S{40} the job is RESTARTING, [\\d,]+ trips/s, \\d+ s left,"
                                    + " at 2015-12-02 05:10 UTC, lag 3.0 s, 250 of 1,000 trips"));
        }
    }

    @Test
    void omitsTheLeastImportantDetailsOnANarrowTerminal() {
        try (TerminalBar bar = new TerminalBar(out, OptionalInt.of(80))) {
            bar.update(snapshot(1_000, 0));
            bar.update(snapshot(1_000, 250));

            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(lastLine())
                            .hasSizeLessThan(80)
                            .matches(" 25 % \\S{8} the job is RESTARTING, [\\d,]+ trips/s, \\d+ s left"));
        }
    }

    @Test
    void neverWraps() {
        try (TerminalBar bar = new TerminalBar(out, OptionalInt.of(20))) {
            bar.update(snapshot(1_000, 250));

            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(
                            () -> assertThat(lastLine()).startsWith(" 25 % ").hasSize(19));
        }
    }

    @Test
    void printsLinesAboveTheBar() {
        try (TerminalBar bar = new TerminalBar(out, OptionalInt.of(160))) {
            bar.update(snapshot(1_000, 500));
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(lastLine()).contains("50 %"));

            bar.printAbove("a shard was split");

            assertThat(printed()).contains(CLEAR_LINE + "a shard was split" + System.lineSeparator());
            assertThat(lastLine()).contains("50 %");
        }
    }

    @Test
    void leavesNothingBehind() {
        TerminalBar bar = new TerminalBar(out, OptionalInt.of(160));
        bar.update(snapshot(1_000, 500));

        bar.close();

        assertThat(printed()).endsWith(CLEAR_LINE);
    }

    private static PipelineSnapshot snapshot(long total, long read) {
        return new PipelineSnapshot(
                "RESTARTING",
                new ProducerProgress(
                        OptionalLong.of(600),
                        3.0,
                        OptionalLong.of(0),
                        OptionalLong.of(total),
                        Optional.empty(),
                        OptionalLong.empty(),
                        Optional.empty()),
                List.of(),
                OptionalLong.of(read),
                Map.of(),
                true,
                Optional.of(Instant.parse("2015-12-02T05:10:00Z")),
                0,
                0);
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private String lastLine() {
        String all = printed();
        return all.substring(all.lastIndexOf(CLEAR_LINE) + CLEAR_LINE.length());
    }
}
