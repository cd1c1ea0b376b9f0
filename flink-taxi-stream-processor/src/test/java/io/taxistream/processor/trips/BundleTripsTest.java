package io.taxistream.processor.trips;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.processor.trips.AnalysisOptions.TimeCharacteristic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamElement;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BundleTripsTest {

    private static final long WINDOW = AnalysisOptions.DEFAULTS.windowLength().toMillis();

    private OneInputStreamOperatorTestHarness<CellTrip, CellTrips> operator = bundling(TimeCharacteristic.EVENT_TIME);

    private static OneInputStreamOperatorTestHarness<CellTrip, CellTrips> bundling(TimeCharacteristic time) {
        AnalysisOptions defaults = AnalysisOptions.DEFAULTS;
        try {
            var operator =
                    new OneInputStreamOperatorTestHarness<CellTrip, CellTrips>(new BundleTrips(new AnalysisOptions(
                            time,
                            defaults.windowLength(),
                            defaults.allowedLateness(),
                            defaults.geohashPrecision(),
                            defaults.minTrips(),
                            defaults.maxTripDuration(),
                            defaults.serviceArea(),
                            defaults.airports())));
            operator.open();
            return operator;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() throws Exception {
        operator.close();
    }

    @Test
    void bundlesTheTripsOfACellAndWindow() throws Exception {
        process(1, 7, 10);
        process(2, 8, 20);
        process(3, 7, 30);
        process(4, 7, WINDOW);
        assertThat(operator.getOutput()).isEmpty();

        operator.processWatermark(WINDOW - 1);

        assertThat(bundles()).containsExactlyInAnyOrder("7 at 10: [1, 3]", "8 at 20: [2]");
        assertThat(lastOutput()).as("the bundles precede the watermark").isEqualTo(new Watermark(WINDOW - 1));
    }

    @Test
    void keepsAllFieldsOfATrip() throws Exception {
        CellTrip first = trip(1, 7, 10);
        first.airport = 1;
        first.durationMillis = 5;
        operator.processElement(first, 10);
        process(2, 7, 20);

        operator.processWatermark(WINDOW);

        CellTrips trips = operator.getRecordOutput().iterator().next().getValue();
        assertThat(trips.count).isEqualTo(2);
        assertThat(trips.airports).containsExactly(1, CellTrip.NO_AIRPORT);
        assertThat(trips.durationMillis).containsExactly(5, 2);
        assertThat(trips.dropoffMillis).containsExactly(10, 20);
    }

    @Test
    void watermarkWithinTheWindowLeavesItsBundles() throws Exception {
        process(1, 7, 10);

        operator.processWatermark(WINDOW - 2);
        assertThat(bundles()).isEmpty();

        process(2, 7, 5);
        operator.processWatermark(WINDOW);
        assertThat(bundles()).containsExactly("7 at 10: [1, 2]");
    }

    @Test
    void emitsATripOfAClosedWindowAtOnce() throws Exception {
        operator.processWatermark(WINDOW - 1);

        process(1, 7, 10);

        assertThat(bundles()).containsExactly("7 at 10: [1]");
    }

    @Test
    void emitsEverythingBeforeACheckpoint() throws Exception {
        process(1, 7, 10);
        process(2, 7, WINDOW);

        operator.prepareSnapshotPreBarrier(1);

        assertThat(bundles()).containsExactly("7 at 10: [1]", "7 at " + WINDOW + ": [2]");
        assertThat(operator.snapshot(1, 1).getManagedOperatorState())
                .as("state of its own")
                .isEmpty();
        operator.processWatermark(Long.MAX_VALUE);
        assertThat(bundles()).as("nothing twice").hasSize(2);
    }

    @Test
    void emitsEverythingAtTheEndOfTheInput() throws Exception {
        process(1, 7, 10);

        operator.endInput();
        operator.getOneInputOperator().finish();

        assertThat(bundles()).containsExactly("7 at 10: [1]");
    }

    @Test
    void emitsATripAtOnceInProcessingTime() throws Exception {
        operator.close();
        operator = bundling(TimeCharacteristic.PROCESSING_TIME);

        process(1, 7, 10);
        process(2, 7, 10);

        assertThat(bundles()).containsExactly("7 at 10: [1]", "7 at 10: [2]");
    }

    @Test
    void boundsItsMemoryAndLosesNothing() throws Exception {
        Random random = new Random(3);
        List<Long> sent = new ArrayList<>();
        for (long id = 0; id < 25_000; id++) {
            process(id, random.nextInt(50), random.nextLong(5 * WINDOW));
            sent.add(id);
        }
        int before = operator.getRecordOutput().size();

        operator.processWatermark(Long.MAX_VALUE);

        assertThat(before).as("bundles emitted before any watermark").isBetween(100, 1_000);
        assertThat(operator.getRecordOutput())
                .flatExtracting(element ->
                        Arrays.stream(element.getValue().tripIds).boxed().toList())
                .containsExactlyInAnyOrderElementsOf(sent);
        assertThat(operator.getRecordOutput()).allSatisfy(element -> {
            CellTrips trips = element.getValue();
            assertThat(Arrays.stream(trips.dropoffMillis)
                            .map(millis -> millis / WINDOW)
                            .distinct())
                    .as("windows of a bundle")
                    .hasSize(1);
            assertThat(element.getTimestamp()).isEqualTo(trips.dropoffMillis[0]);
        });
    }

    private void process(long tripId, long cell, long dropoffMillis) throws Exception {
        operator.processElement(trip(tripId, cell, dropoffMillis), dropoffMillis);
    }

    private static CellTrip trip(long tripId, long cell, long dropoffMillis) {
        CellTrip trip = new CellTrip();
        trip.tripId = tripId;
        trip.cell = cell;
        trip.airport = CellTrip.NO_AIRPORT;
        trip.durationMillis = 2;
        trip.dropoffMillis = dropoffMillis;
        return trip;
    }

    /** Describes the bundles emitted so far by cell, timestamp and ids. */
    private List<String> bundles() {
        return operator.getRecordOutput().stream()
                .map(element -> element.getValue().cell + " at " + element.getTimestamp() + ": "
                        + Arrays.toString(element.getValue().tripIds))
                .toList();
    }

    private StreamElement lastOutput() {
        return (StreamElement)
                new ArrayList<>(operator.getOutput()).get(operator.getOutput().size() - 1);
    }
}
