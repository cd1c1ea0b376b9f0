package io.taxistream.eventtime.sender;

import static io.taxistream.eventtime.PartWatermarks.NO_WATERMARK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class InFlightEventsTest {

    private final InFlightEvents events = new InFlightEvents(4);

    @Test
    void noWatermarkBeforeTheFirstPromise() {
        events.acknowledge(events.add(100));

        assertThat(events.watermarkMillis()).isEqualTo(NO_WATERMARK);
    }

    @Test
    void firstEventInFlightHoldsTheWatermarkBack() {
        events.advanceTo(100);
        long first = events.add(150);
        events.advanceTo(200);
        long second = events.add(200);
        events.advanceTo(300);

        events.acknowledge(second);
        assertThat(events.watermarkMillis()).isEqualTo(99);

        events.acknowledge(first);
        assertThat(events.watermarkMillis()).isEqualTo(299);
    }

    @Test
    void acceptsAnEventAtThePromisedTime() {
        events.advanceTo(100);
        events.acknowledge(events.add(100));

        assertThat(events.watermarkMillis()).isEqualTo(99);
    }

    @Test
    void promiseAdvancesTheWatermarkWithoutEvents() {
        events.advanceTo(5_000);

        assertThat(events.watermarkMillis()).isEqualTo(4_999);
    }

    @Test
    void rejectsEventsBeforeThePromisedTime() {
        events.advanceTo(100);
        events.add(300);
        events.add(100);

        assertThatThrownBy(() -> events.add(99)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> events.advanceTo(99)).isInstanceOf(IllegalArgumentException.class);
        assertThat(events.size()).isEqualTo(2);
    }

    @Test
    void capacityIsLimited() {
        long first = events.add(1);
        for (int i = 0; i < 3; i++) {
            events.add(1);
        }
        assertThat(events.add(1)).isEqualTo(InFlightEvents.FULL);

        events.acknowledge(first);
        assertThat(events.add(1)).isNotEqualTo(InFlightEvents.FULL);
        assertThat(events.added()).isEqualTo(5);
    }

    @Test
    void secondAcknowledgementIsIgnored() {
        long first = events.add(100);
        events.add(200);

        assertThat(events.acknowledge(first)).isTrue();
        assertThat(events.acknowledge(first)).isFalse();
        assertThat(events.size()).isEqualTo(1);
    }

    @Property
    void watermarkIsMonotonicAndNeverPassesAnEvent(
            @ForAll @Size(min = 1, max = 60) List<@IntRange(max = 3) Integer> gaps, @ForAll long seed) {
        var random = new Random(seed);
        var inFlight = new InFlightEvents(16);
        List<long[]> open = new ArrayList<>();
        long promise = 1_000;
        inFlight.advanceTo(promise);
        long before = NO_WATERMARK;
        int next = 0;
        while (next < gaps.size() || !open.isEmpty()) {
            boolean add = next < gaps.size() && open.size() < 8 && (open.isEmpty() || random.nextBoolean());
            if (add) {
                long eventTime = promise + random.nextInt(5);
                long ticket = inFlight.add(eventTime);
                if (ticket == InFlightEvents.FULL) {
                    inFlight.acknowledge(open.remove(0)[0]);
                } else {
                    open.add(new long[] {ticket, eventTime});
                    promise += gaps.get(next++);
                    inFlight.advanceTo(promise);
                }
            } else {
                inFlight.acknowledge(open.remove(random.nextInt(open.size()))[0]);
            }
            long watermark = inFlight.watermarkMillis();
            assertThat(watermark).isGreaterThanOrEqualTo(before).isLessThan(promise);
            assertThat(open).allSatisfy(event -> assertThat(event[1]).isGreaterThan(watermark));
            before = watermark;
        }
        assertThat(inFlight.watermarkMillis()).isEqualTo(promise - 1);
    }
}
