package io.taxistream.local.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.local.status.PipelineSnapshot;
import io.taxistream.local.status.ProducerProgress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SummaryTest {

    @Test
    void showsTripsExclusionsResultsSpeedAndLocation() {
        Map<String, Long> leftOut = new LinkedHashMap<>();
        leftOut.put("outside the area", 5_963L);
        leftOut.put("implausible", 7L);
        var snapshot = new PipelineSnapshot(
                "FINISHED",
                new ProducerProgress(
                        OptionalLong.of(370_999),
                        -1,
                        OptionalLong.of(3),
                        OptionalLong.of(371_002),
                        Optional.empty(),
                        OptionalLong.empty(),
                        Optional.empty()),
                List.of(),
                OptionalLong.of(370_999),
                leftOut,
                true,
                Optional.of(Instant.parse("2015-12-02T16:26:00Z")),
                0,
                0);

        var summary = new Summary(
                "day.csv.gz",
                snapshot,
                Optional.of(Instant.parse("2015-12-02T05:00:00Z")),
                13_194,
                1_337,
                Duration.ofMillis(37_100),
                OptionalLong.of(3L << 30),
                Optional.of(Path.of("out")));

        assertThat(summary.lines())
                .containsExactly(
                        "",
                        "Replayed day.csv.gz.",
                        "  trips       370,999 sent, 370,999 read",
                        "  left out    3 unreadable in the input, 5,963 outside the area, 7 implausible",
                        "  until       2015-12-02 05:00 UTC",
                        "  documents   13,194 pick-up counts, 1,337 trip durations",
                        "  time        37.1 s from the start of the producer to the last document, 10,000 trips/s",
                        "  memory      3.0 GiB at peak, all processes together",
                        "  written to  out/pickup-count.ndjson",
                        "              out/trip-duration.ndjson");
    }

    @Test
    void omitsUnknownValues() {
        var summary = new Summary(
                "a generated day",
                PipelineSnapshot.NONE,
                Optional.empty(),
                0,
                0,
                Duration.ofSeconds(1),
                OptionalLong.empty(),
                Optional.empty());

        assertThat(summary.lines())
                .containsExactly(
                        "",
                        "Replayed a generated day.",
                        "  trips       ? sent",
                        "  documents   0 pick-up counts, 0 trip durations",
                        "  time        1.0 s from the start of the producer to the last document",
                        "  written to  no file; use --export DIR to keep the documents");
    }
}
