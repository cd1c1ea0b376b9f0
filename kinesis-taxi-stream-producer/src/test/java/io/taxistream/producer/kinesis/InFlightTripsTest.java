package io.taxistream.producer.kinesis;

import static io.taxistream.producer.replay.SinkStatus.NO_WATERMARK;
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

class InFlightTripsTest {

    private final InFlightTrips trips = new InFlightTrips(4);

    @Test
    void thereIsNoWatermarkBeforeAnythingIsKnown() {
        assertThat(trips.watermarkMillis()).isEqualTo(NO_WATERMARK);
    }

    @Test
    void theFirstTripInFlightHoldsTheWatermark() {
        long first = trips.add(100, 0);
        long second = trips.add(200, 0);
        trips.add(300, 0);

        trips.acknowledge(second);
        assertThat(trips.watermarkMillis()).isEqualTo(99);

        trips.acknowledge(first);
        assertThat(trips.watermarkMillis()).isEqualTo(299);
    }

    @Test
    void aTripOfTheSameTimeMayStillCome() {
        trips.acknowledge(trips.add(100, 0));

        assertThat(trips.watermarkMillis()).isEqualTo(99);
    }

    @Test
    void theWatermarkGoesUpToTheTripThatWaitsForItsTime() {
        trips.acknowledge(trips.add(100, 0));
        trips.announce(5_000);

        assertThat(trips.watermarkMillis()).isEqualTo(4_999);
    }

    @Test
    void theLastWatermarkCoversTheLastTrip() {
        long last = trips.add(100, 0);
        trips.complete();
        assertThat(trips.watermarkMillis()).isEqualTo(99);

        trips.acknowledge(last);
        assertThat(trips.watermarkMillis()).isEqualTo(100);
    }

    @Test
    void tripsMustComeInOrderAndOnlyWhileThereIsRoom() {
        trips.announce(100);
        assertThatThrownBy(() -> trips.add(99, 0)).isInstanceOf(IllegalArgumentException.class);

        for (int i = 0; i < 4; i++) {
            trips.add(100 + i, 0);
        }
        assertThat(trips.isFull()).isTrue();
        assertThatThrownBy(() -> trips.add(200, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void tellsWhereToGoOnInTheTimesOfTheInput() {
        long first = trips.add(1_100, 100);
        trips.add(1_200, 200);
        trips.acknowledge(first);

        assertThat(trips.firstSourceTimeMillis()).isEqualTo(200);
    }

    @Test
    void aSecondAcknowledgementChangesNothing() {
        long first = trips.add(100, 0);
        trips.add(200, 0);

        assertThat(trips.acknowledge(first)).isTrue();
        assertThat(trips.acknowledge(first)).isFalse();
        assertThat(trips.size()).isEqualTo(1);
    }

    @Property
    void theWatermarkNeverGoesBackAndNeverPassesATripInFlightOrToCome(
            @ForAll @Size(min = 1, max = 60) List<@IntRange(max = 3) Integer> gaps, @ForAll long seed) {
        var random = new Random(seed);
        var inFlight = new InFlightTrips(16);
        List<long[]> open = new ArrayList<>();
        long eventTime = 1_000;
        long before = NO_WATERMARK;
        int next = 0;
        while (next < gaps.size() || !open.isEmpty()) {
            boolean add = next < gaps.size() && !inFlight.isFull() && (open.isEmpty() || random.nextBoolean());
            if (add) {
                eventTime += gaps.get(next++);
                open.add(new long[] {inFlight.add(eventTime, eventTime), eventTime});
            } else {
                inFlight.acknowledge(open.remove(random.nextInt(open.size()))[0]);
            }
            long watermark = inFlight.watermarkMillis();
            assertThat(watermark).isGreaterThanOrEqualTo(before).isLessThan(eventTime);
            assertThat(open).allSatisfy(trip -> assertThat(trip[1]).isGreaterThan(watermark));
            before = watermark;
        }
        inFlight.complete();
        assertThat(inFlight.watermarkMillis()).isEqualTo(eventTime);
    }
}
