package io.taxistream.local.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.local.batch.BatchComputation.Point;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Verified by hand, since all other tests rely on this computation. */
class BatchComputationTest {

    private static final Instant FOUR_OCLOCK = Instant.parse("2015-12-01T16:00:00Z");
    private static final long WINDOW = Instant.parse("2015-12-01T16:10:00Z").toEpochMilli() - 1;
    private static final Point TIMES_SQUARE = new Point(40.7580, -73.9855);
    private static final Point JFK = new Point(40.6413, -73.7781);

    private final BatchComputation batch = new BatchComputation();

    @Test
    void matchesManualCountsAndAverages() {
        add(TIMES_SQUARE, JFK, 40);
        add(TIMES_SQUARE, JFK, 45);
        add(TIMES_SQUARE, TIMES_SQUARE, 5);

        assertThat(batch.pickupCounts())
                .isEqualTo(Map.of(
                        "dr5ru7-" + WINDOW, Map.of("location", "dr5ru7", "timestamp", WINDOW, "pickup_count", 3L)));
        assertThat(batch.tripDurations())
                .isEqualTo(Map.of(
                        "dr5ru7-JFK-" + WINDOW,
                        Map.of(
                                "location",
                                "dr5ru7",
                                "airport_code",
                                "JFK",
                                "timestamp",
                                WINDOW,
                                "trip_count",
                                2L,
                                "sum_trip_duration",
                                85.0,
                                "avg_trip_duration",
                                42.5)));
    }

    @Test
    void excludesOutsideImplausibleAndSingleTrips() {
        add(TIMES_SQUARE, JFK, 40);
        add(TIMES_SQUARE, new Point(0, 0), 40);
        add(TIMES_SQUARE, JFK, -1);
        add(TIMES_SQUARE, JFK, 361);

        assertThat(batch.trips()).isEqualTo(4);
        assertThat(batch.outsideArea()).isEqualTo(1);
        assertThat(batch.implausible()).isEqualTo(2);
        assertThat(batch.pickupCounts()).isEmpty();
        assertThat(batch.tripDurations()).isEmpty();
    }

    private void add(Point pickup, Point dropoff, long minutes) {
        batch.add(FOUR_OCLOCK.minus(Duration.ofMinutes(minutes)), FOUR_OCLOCK, pickup, dropoff);
    }
}
