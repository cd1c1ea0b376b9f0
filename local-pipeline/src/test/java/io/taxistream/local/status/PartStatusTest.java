package io.taxistream.local.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.local.status.PartStatus.Reached;
import io.taxistream.local.status.PipelineStatus.State;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class PartStatusTest {

    private static final Instant TIME = Instant.parse("2015-12-02T05:00:00Z");
    private static final long WINDOW_MILLIS = Duration.ofMinutes(10).toMillis();
    private static final long ENDED = Long.MAX_VALUE;
    private static final long UNHEARD = Long.MIN_VALUE;

    @Test
    void theSlowestHoldsTheOthersBackWhenItIsAWindowBehind() {
        assertThat(holdingBack(0, WINDOW_MILLIS, 1)).containsExactly("1/3");
        assertThat(holdingBack(0, WINDOW_MILLIS - 1, 1)).isEmpty();
    }

    @Test
    void whatHasNotBeenHeardHoldsBackWhateverHas() {
        assertThat(holdingBack(UNHEARD, 0, UNHEARD)).containsExactly("1/3", "3/3");
        assertThat(holdingBack(UNHEARD, UNHEARD, UNHEARD)).isEmpty();
    }

    @Test
    void whatHasEndedHoldsNobodyBackAndIsAsFarAsItsLastTrip() {
        assertThat(holdingBack(ENDED, 0, 1)).isEmpty();
        assertThat(holdingBack(ENDED, ENDED, ENDED)).isEmpty();
        assertThat(compared(ENDED, 0, 5))
                .extracting(PartStatus::eventTime)
                .containsExactly(Optional.of(TIME), Optional.of(TIME), Optional.of(TIME.plusMillis(5)));
    }

    @Test
    void theLastThatHasNotEndedHoldsBackWhatHasEndedLater() {
        List<PartStatus> parts = PartStatus.compared(List.of(
                new Reached(
                        "1/2", State.FINISHED, OptionalLong.of(7), ENDED, Optional.of(TIME.plus(Duration.ofHours(1)))),
                new Reached("2/2", State.RUNNING, OptionalLong.of(5), TIME.toEpochMilli(), Optional.of(TIME))));

        assertThat(parts).extracting(PartStatus::holdsBack).containsExactly(false, true);
    }

    private static List<String> holdingBack(long... watermarks) {
        return compared(watermarks).stream()
                .filter(PartStatus::holdsBack)
                .map(PartStatus::part)
                .toList();
    }

    /** Parts with these watermarks, milliseconds after {@link #TIME}; all have sent a trip of that time last. */
    private static List<PartStatus> compared(long... watermarks) {
        int[] index = {0};
        return PartStatus.compared(Arrays.stream(watermarks)
                .mapToObj(watermark -> new Reached(
                        ++index[0] + "/" + watermarks.length,
                        State.RUNNING,
                        OptionalLong.of(1),
                        watermark == ENDED || watermark == UNHEARD ? watermark : TIME.toEpochMilli() + watermark,
                        Optional.of(TIME)))
                .toList());
    }
}
