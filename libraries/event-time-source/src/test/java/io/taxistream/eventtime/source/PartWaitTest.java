package io.taxistream.eventtime.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.PartWatermarks;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PartWaitTest {

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final long START = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();

    private final PartWait wait = new PartWait();
    private PartWatermarks watermarks = PartWatermarks.NONE;

    @Test
    void shardWithoutWatermarkWaitsForNothing() {
        wait.received(watermarks, false, START);

        assertThat(warning(3600)).isEmpty();
    }

    @Test
    void onlyPartWaitsForNothing() {
        receive(1, 1, 1_000, 0);
        receive(1, 1, 2_000, 10);

        assertThat(warning(3600)).isEmpty();
    }

    @Test
    void warnsOncePatienceIsOver() {
        receive(1, 2, 1_000, 0);
        receive(1, 2, 2_000, 30);

        assertThat(warning(59)).isEmpty();
        assertThat(warning(60))
                .hasValueSatisfying(
                        line -> assertThat(line)
                                .isEqualTo(
                                        "Event time of shard shard-1 has been held back since 2026-01-01T00:00:00Z: it waits for"
                                                + " part 2 of 2 (no watermark yet); resume the sender of a part that has stopped, or end a"
                                                + " part that does not exist. Its watermark is none (1/2: 1970-01-01T00:00:02Z)"));
        assertThat(warning(61)).isEmpty();
    }

    @Test
    void progressOfTheShardStartsTheWaitAnew() {
        receive(1, 2, 1_000, 0);
        receive(2, 2, 500, 50);

        assertThat(warning(109)).isEmpty();
        assertThat(warning(110))
                .hasValueSatisfying(
                        line -> assertThat(line)
                                .contains(
                                        "since 2026-01-01T00:00:50Z: it waits for part 2 of 2 (last watermark 1970-01-01T00:00:00.500Z);"));

        receive(2, 2, 600, 120);

        assertThat(warning(180)).as("warns again").isPresent();
    }

    @Test
    void partThatCatchesUpIsNotAwaited() {
        receive(1, 2, 1_000, 0);
        receive(2, 2, 1_000, 50);

        assertThat(warning(3600)).isEmpty();
    }

    @Test
    void namesAFewOfManyParts() {
        receive(1, 64, 1_000, 0);

        assertThat(warning(60))
                .hasValueSatisfying(line -> assertThat(line)
                        .contains(
                                "part 2 of 64 (no watermark yet), part 3 of 64 (",
                                "part 5 of 64 (no watermark yet) and 59 others;")
                        .doesNotContain("part 6 of 64"));
    }

    private void receive(int index, int count, long watermarkMillis, int second) {
        PartWatermarks before = watermarks;
        watermarks = watermarks.with(new Part(index, count), watermarkMillis, false);
        wait.received(watermarks, watermarks.watermarkMillis() != before.watermarkMillis(), START + second * 1_000L);
    }

    private Optional<String> warning(int second) {
        return wait.warning("shard-1", watermarks, PATIENCE, START + second * 1_000L);
    }
}
