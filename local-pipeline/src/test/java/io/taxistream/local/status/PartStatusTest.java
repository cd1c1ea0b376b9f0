package io.taxistream.local.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.local.status.PartStatus.PartProgress;
import io.taxistream.local.status.PipelineStatus.State;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PartStatusTest {

    private static final Instant TIME = Instant.parse("2015-12-02T05:00:00Z");
    private static final long WINDOW_MILLIS = Duration.ofMinutes(10).toMillis();
    private static final long ENDED = Long.MAX_VALUE;
    private static final long NO_WATERMARK = Long.MIN_VALUE;

    @Test
    void slowestPartHoldsTheOthersBackFromOneWindowOfLag() {
        assertThat(holdingBack(0, WINDOW_MILLIS, 1)).containsExactly("1/3");
        assertThat(holdingBack(0, WINDOW_MILLIS - 1, 1)).isEmpty();
    }

    @Test
    void partWithoutWatermarkHoldsTheOthersBack() {
        assertThat(holdingBack(NO_WATERMARK, 0, NO_WATERMARK)).containsExactly("1/3", "3/3");
        assertThat(holdingBack(NO_WATERMARK, NO_WATERMARK, NO_WATERMARK)).isEmpty();
    }

    @Test
    void endedPartHoldsNothingBack() {
        assertThat(holdingBack(ENDED, ENDED, ENDED)).isEmpty();
        assertThat(compared(ENDED, NO_WATERMARK, 5))
                .extracting(PartStatus::ended)
                .containsExactly(true, false, false);
        assertThat(compared(ENDED, NO_WATERMARK, 5))
                .extracting(PartStatus::eventTime)
                .containsExactly(Optional.empty(), Optional.empty(), Optional.of(TIME.plusMillis(5)));
    }

    @Test
    void endedPartWaitsForTheOthers() {
        assertThat(holdingBack(ENDED, 0, 1)).containsExactly("2/3");
    }

    @Test
    void partOfAFalseWatermarkHoldsTheOnlyProducerBack() {
        List<PartProgress> producer =
                List.of(new PartProgress("1/1", State.RUNNING, OptionalLong.of(7), TIME.toEpochMilli()));

        List<PartStatus> parts = PartStatus.ofRun(
                producer, Map.of("2/2", TIME.toEpochMilli(), "1/2", NO_WATERMARK, "1/1", TIME.toEpochMilli()));

        assertThat(parts)
                .containsExactly(
                        new PartStatus("1/1", State.RUNNING, OptionalLong.of(7), Optional.of(TIME), false, false),
                        new PartStatus("1/2", State.WAITING, OptionalLong.empty(), Optional.empty(), false, true),
                        new PartStatus("2/2", State.WAITING, OptionalLong.empty(), Optional.of(TIME), false, false));
    }

    @Test
    void onlyProducerIsNotComparedWithItself() {
        assertThat(PartStatus.ofRun(
                        List.of(new PartProgress("1/1", State.RUNNING, OptionalLong.of(7), NO_WATERMARK)), Map.of()))
                .isEmpty();
    }

    private static List<String> holdingBack(long... watermarks) {
        return compared(watermarks).stream()
                .filter(PartStatus::holdsBack)
                .map(PartStatus::part)
                .toList();
    }

    /** Compares parts with these watermarks, milliseconds after {@link #TIME}. */
    private static List<PartStatus> compared(long... watermarks) {
        return PartStatus.compared(IntStream.range(0, watermarks.length)
                .mapToObj(i -> new PartProgress(
                        i + 1 + "/" + watermarks.length,
                        State.RUNNING,
                        OptionalLong.of(1),
                        watermarks[i] == ENDED || watermarks[i] == NO_WATERMARK
                                ? watermarks[i]
                                : TIME.toEpochMilli() + watermarks[i]))
                .toList());
    }
}
