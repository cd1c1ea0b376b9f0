package io.taxistream.processor.trips;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.events.TripEvent;
import io.taxistream.processor.trips.AnalysisOptions.TimeCharacteristic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.OutputTag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TripAnalysisTest {

    private static final Instant FOUR_OCLOCK = Instant.parse("2015-12-01T16:00:00Z");
    private static final long FIRST_WINDOW =
            Instant.parse("2015-12-01T16:09:59.999Z").toEpochMilli();
    private static final long SECOND_WINDOW =
            Instant.parse("2015-12-01T16:19:59.999Z").toEpochMilli();

    // cells as shown by any geohash calculator
    private static final double[] TIMES_SQUARE = {40.7580, -73.9855};
    private static final String TIMES_SQUARE_CELL = "dr5ru7";
    private static final double[] WALL_STREET = {40.7060, -74.0090};
    private static final String WALL_STREET_CELL = "dr5ref";
    private static final double[] JFK = {40.6413, -73.7781};
    private static final double[] LGA = {40.7769, -73.8740};

    @RegisterExtension
    static final MiniClusterExtension FLINK = new MiniClusterExtension(new MiniClusterResourceConfiguration.Builder()
            .setNumberSlotsPerTaskManager(2)
            .build());

    private long nextTripId = 1;

    @Test
    void countsTripsByCellAndDropoffWindow() throws Exception {
        var results = analyze(
                trip(TIMES_SQUARE, WALL_STREET, "16:00", 10),
                trip(TIMES_SQUARE, WALL_STREET, "16:09", 60),
                trip(WALL_STREET, TIMES_SQUARE, "16:09", 9),
                trip(WALL_STREET, TIMES_SQUARE, "16:09", 9),
                trip(WALL_STREET, TIMES_SQUARE, "16:09", 9),
                trip(TIMES_SQUARE, WALL_STREET, "16:10", 10),
                trip(TIMES_SQUARE, WALL_STREET, "16:19", 10));

        assertThat(results.pickupCounts)
                .containsExactlyInAnyOrder(
                        new PickupCount(FIRST_WINDOW, TIMES_SQUARE_CELL, 2),
                        new PickupCount(FIRST_WINDOW, WALL_STREET_CELL, 3),
                        new PickupCount(SECOND_WINDOW, TIMES_SQUARE_CELL, 2));
        assertThat(results.tripDurations).isEmpty();
    }

    @Test
    void sumsTheMinutesToEachAirport() throws Exception {
        var results = analyze(
                trip(TIMES_SQUARE, JFK, "16:01", 50),
                trip(TIMES_SQUARE, JFK, "16:02", 41),
                trip(TIMES_SQUARE, LGA, "16:03", 20),
                trip(TIMES_SQUARE, LGA, "16:04", 30),
                trip(TIMES_SQUARE, LGA, "16:05", 25),
                trip(WALL_STREET, JFK, "16:06", 70));

        assertThat(results.tripDurations)
                .containsExactlyInAnyOrder(
                        new TripDuration(FIRST_WINDOW, TIMES_SQUARE_CELL, "JFK", 2, 91.0),
                        new TripDuration(FIRST_WINDOW, TIMES_SQUARE_CELL, "LGA", 3, 75.0));
        assertThat(results.pickupCounts).containsExactly(new PickupCount(FIRST_WINDOW, TIMES_SQUARE_CELL, 5));
    }

    @Test
    void averageIsNotRounded() throws Exception {
        var results = analyze(
                trip(TIMES_SQUARE, JFK, "16:01", 30),
                trip(TIMES_SQUARE, JFK, "16:02", 31),
                trip(TIMES_SQUARE, JFK, "16:03", 39));

        assertThat(results.tripDurations)
                .singleElement()
                .extracting(TripDuration::avgTripDuration)
                .isEqualTo(33.333333333333336);
    }

    @Test
    void redeliveredTripCountsOnce() throws Exception {
        List<IncomingRecord> once = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            once.add(trip(TIMES_SQUARE, JFK, "16:0" + i % 10, 30));
        }
        List<IncomingRecord> twice = new ArrayList<>(once);
        twice.addAll(once);
        Collections.shuffle(twice, new Random(1));

        var results = analyze(AnalysisOptions.DEFAULTS, twice);

        assertThat(results.pickupCounts).containsExactly(new PickupCount(FIRST_WINDOW, TIMES_SQUARE_CELL, 100));
        assertThat(results.tripDurations)
                .containsExactly(new TripDuration(FIRST_WINDOW, TIMES_SQUARE_CELL, "JFK", 100, 3000.0));
    }

    @ParameterizedTest
    @CsvSource({
        // the service area, bounds included
        "40.40, -74.00, 40.70, -74.00, true",
        "41.15, -74.00, 40.70, -74.00, true",
        "40.70, -74.55, 40.70, -74.00, true",
        "40.70, -73.45, 40.70, -74.00, true",
        "40.3999999, -74.00, 40.70, -74.00, false",
        "41.1500001, -74.00, 40.70, -74.00, false",
        "40.70, -74.5500001, 40.70, -74.00, false",
        "40.70, -73.4499999, 40.70, -74.00, false",
        "40.70, -74.00, 0, 0, false",
        "0, 0, 40.70, -74.00, false"
    })
    void excludesTripsOutsideTheServiceArea(
            double pickupLat, double pickupLon, double dropoffLat, double dropoffLon, boolean counted)
            throws Exception {
        double[] pickup = {pickupLat, pickupLon};
        double[] dropoff = {dropoffLat, dropoffLon};

        var results = analyze(trip(pickup, dropoff, "16:00", 10), trip(pickup, dropoff, "16:01", 10));

        assertThat(results.pickupCounts).hasSize(counted ? 1 : 0);
    }

    @ParameterizedTest
    @CsvSource({"0, true", "360, true", "-1, false", "361, false"})
    void excludesImplausibleTrips(int minutes, boolean counted) throws Exception {
        var results = analyze(trip(TIMES_SQUARE, JFK, "16:00", minutes), trip(TIMES_SQUARE, JFK, "16:01", minutes));

        assertThat(results.pickupCounts).hasSize(counted ? 1 : 0);
        assertThat(results.tripDurations).hasSize(counted ? 1 : 0);
    }

    @ParameterizedTest
    @CsvSource({
        "40.6200, -73.8220, JFK",
        "40.6650, -73.7450, JFK",
        "40.6199999, -73.8, ",
        "40.64, -73.7449999, ",
        "40.7665, -73.8900, LGA",
        "40.7880, -73.8550, LGA",
        "40.7664999, -73.87, ",
        "40.77, -73.8549999, "
    })
    void findsAirportsByTheirBounds(double lat, double lon, String airport) throws Exception {
        double[] dropoff = {lat, lon};

        var results = analyze(trip(TIMES_SQUARE, dropoff, "16:00", 10), trip(TIMES_SQUARE, dropoff, "16:01", 10));

        assertThat(results.tripDurations)
                .map(TripDuration::airportCode)
                .isEqualTo(airport == null ? List.of() : List.of(airport));
    }

    @Test
    void emitsAWindowWhenTheWatermarkPassesItsEnd() throws Exception {
        // the trip of the second window closes the first window, so the next one is late
        var late = trip(TIMES_SQUARE, JFK, "16:09", 10);
        var results = analyze(
                trip(TIMES_SQUARE, WALL_STREET, "16:00", 10),
                trip(TIMES_SQUARE, WALL_STREET, "16:01", 10),
                trip(TIMES_SQUARE, WALL_STREET, "16:11", 10),
                late);

        assertThat(results.pickupCounts).containsExactly(new PickupCount(FIRST_WINDOW, TIMES_SQUARE_CELL, 2));
        assertThat(results.lateTrips)
                .containsExactly(new LateTrip(
                        late.trip().tripId(),
                        late.trip().pickupMillis(),
                        late.trip().dropoffMillis(),
                        TIMES_SQUARE_CELL,
                        "JFK"));
    }

    @Test
    void lateTripUpdatesItsResultWithinAllowedLateness() throws Exception {
        var results = analyze(
                options(TimeCharacteristic.EVENT_TIME, Duration.ofMinutes(5)),
                List.of(
                        trip(TIMES_SQUARE, WALL_STREET, "16:00", 10),
                        trip(TIMES_SQUARE, WALL_STREET, "16:01", 10),
                        trip(TIMES_SQUARE, WALL_STREET, "16:11", 10),
                        trip(TIMES_SQUARE, WALL_STREET, "16:09", 10)));

        assertThat(results.pickupCounts)
                .containsExactly(
                        new PickupCount(FIRST_WINDOW, TIMES_SQUARE_CELL, 2),
                        new PickupCount(FIRST_WINDOW, TIMES_SQUARE_CELL, 3));
        assertThat(results.lateTrips).isEmpty();
    }

    @Test
    void malformedRecordsGoToASideOutputWithTheirReason() throws Exception {
        byte[] data = "{".getBytes(StandardCharsets.UTF_8);
        var results = analyze(
                IncomingRecord.of(new MalformedRecord("NOT_JSON", "not JSON", data)),
                trip(TIMES_SQUARE, WALL_STREET, "16:00", 10),
                trip(TIMES_SQUARE, WALL_STREET, "16:00", 10));

        assertThat(results.malformedRecords).singleElement().satisfies(record -> {
            assertThat(record.reason()).isEqualTo("NOT_JSON");
            assertThat(record.data()).isEqualTo(data);
        });
        assertThat(results.pickupCounts).hasSize(1);
    }

    @Test
    void windowGeohashPrecisionMinimumAndAirportsAreConfigurable() throws Exception {
        AnalysisOptions options = new AnalysisOptions(
                TimeCharacteristic.EVENT_TIME,
                Duration.ofMinutes(5),
                Duration.ZERO,
                4,
                3,
                Duration.ofMinutes(45),
                new GeoBox(40.6, 40.8, -74.1, -73.7),
                List.of(new Airport("WST", new GeoBox(40.70, 40.71, -74.02, -74.00))));

        var results = analyze(
                options,
                List.of(
                        trip(TIMES_SQUARE, WALL_STREET, "16:00", 10),
                        trip(TIMES_SQUARE, WALL_STREET, "16:01", 20),
                        trip(WALL_STREET, WALL_STREET, "16:02", 45),
                        trip(WALL_STREET, WALL_STREET, "16:03", 46),
                        trip(TIMES_SQUARE, JFK, "16:04", 30),
                        trip(TIMES_SQUARE, WALL_STREET, "16:05", 10),
                        trip(TIMES_SQUARE, WALL_STREET, "16:06", 10)));

        long firstWindow = Instant.parse("2015-12-01T16:04:59.999Z").toEpochMilli();
        assertThat(results.pickupCounts).containsExactly(new PickupCount(firstWindow, "dr5r", 4));
        assertThat(results.tripDurations).containsExactly(new TripDuration(firstWindow, "dr5r", "WST", 3, 75.0));
    }

    @Test
    void restoreFailsWithDifferentAnalysisOptions() throws Exception {
        var taken = locateTrips(AnalysisOptions.DEFAULTS);
        taken.open();
        OperatorSubtaskState state = taken.snapshot(1, 1);
        taken.close();

        var same = locateTrips(options(TimeCharacteristic.EVENT_TIME, Duration.ofMinutes(5)));
        same.initializeState(state);
        same.close();

        var other = locateTrips(options(TimeCharacteristic.PROCESSING_TIME, Duration.ZERO));
        assertThatThrownBy(() -> other.initializeState(state))
                .hasMessageContaining("in event time")
                .hasMessageContaining("in processing time")
                .hasMessageContaining("--drain");
        other.close();
    }

    private static OneInputStreamOperatorTestHarness<IncomingRecord, CellTrip> locateTrips(AnalysisOptions options)
            throws Exception {
        OutputTag<MalformedRecord> malformed = new OutputTag<>("malformed", TypeInformation.of(MalformedRecord.class));
        return new OneInputStreamOperatorTestHarness<>(new ProcessOperator<>(new LocateTrips(
                options, null, malformed, new OutputTag<>("late", TypeInformation.of(CellTrips.class)))));
    }

    private static AnalysisOptions options(TimeCharacteristic timeCharacteristic, Duration allowedLateness) {
        AnalysisOptions defaults = AnalysisOptions.DEFAULTS;
        return new AnalysisOptions(
                timeCharacteristic,
                defaults.windowLength(),
                allowedLateness,
                defaults.geohashPrecision(),
                defaults.minTrips(),
                defaults.maxTripDuration(),
                defaults.serviceArea(),
                defaults.airports());
    }

    @Test
    void tripBehindItsShardWatermarkIsLateEvenBeforeTheJobHasAWatermark() throws Exception {
        var first = trip(TIMES_SQUARE, WALL_STREET, "16:00", 10, FIRST_WINDOW);
        var second = trip(TIMES_SQUARE, WALL_STREET, "16:09", 10, FIRST_WINDOW);
        var inTime = trip(WALL_STREET, TIMES_SQUARE, "16:09", 10, FIRST_WINDOW - 1);

        var results = analyze(first, second, inTime, trip(WALL_STREET, TIMES_SQUARE, "16:09", 10, Long.MIN_VALUE));

        assertThat(results.lateTrips)
                .extracting(LateTrip::tripId)
                .containsExactlyInAnyOrder(first.trip().tripId(), second.trip().tripId());
        assertThat(results.pickupCounts).containsExactly(new PickupCount(FIRST_WINDOW, WALL_STREET_CELL, 2));
    }

    private IncomingRecord trip(double[] pickup, double[] dropoff, String dropoffTime, int minutes) {
        return trip(pickup, dropoff, dropoffTime, minutes, Long.MIN_VALUE);
    }

    private IncomingRecord trip(
            double[] pickup, double[] dropoff, String dropoffTime, int minutes, long watermarkMillis) {
        Instant end = FOUR_OCLOCK.plus(Duration.ofMinutes(Long.parseLong(dropoffTime.substring(3))));
        Instant start = end.minus(Duration.ofMinutes(minutes));
        return IncomingRecord.of(
                new TripEvent(
                        nextTripId++,
                        start.toEpochMilli(),
                        end.toEpochMilli(),
                        pickup[0],
                        pickup[1],
                        dropoff[0],
                        dropoff[1],
                        10),
                watermarkMillis);
    }

    private record Collected(
            List<PickupCount> pickupCounts,
            List<TripDuration> tripDurations,
            List<MalformedRecord> malformedRecords,
            List<LateTrip> lateTrips) {}

    private static Collected analyze(IncomingRecord... records) throws Exception {
        return analyze(AnalysisOptions.DEFAULTS, List.of(records));
    }

    /** Runs the topology over a list, with a watermark after each trip, just before the latest time. */
    private static Collected analyze(AnalysisOptions options, List<IncomingRecord> records) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(ExecutionOptions.RUNTIME_MODE, RuntimeExecutionMode.STREAMING);
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(PipelineOptions.OBJECT_REUSE, true);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(1);
        DataStream<IncomingRecord> stream = env.fromData(records, TypeInformation.of(IncomingRecord.class))
                .assignTimestampsAndWatermarks(
                        WatermarkStrategy.<IncomingRecord>forGenerator(context -> new WatermarkAfterEachTrip())
                                .withTimestampAssigner((record, timestamp) -> record.trip() == null
                                        ? timestamp
                                        : record.trip().timestampMillis()));

        TripAnalysis.Results results = TripAnalysis.analyze(stream, options);

        CloseableIterator<PickupCount> pickupCounts = results.pickupCounts().collectAsync();
        CloseableIterator<TripDuration> tripDurations = results.tripDurations().collectAsync();
        CloseableIterator<MalformedRecord> malformed =
                results.malformedRecords().collectAsync();
        CloseableIterator<LateTrip> late = results.lateTrips().collectAsync();
        env.execute();
        return new Collected(drain(pickupCounts), drain(tripDurations), drain(malformed), drain(late));
    }

    private static <T> List<T> drain(CloseableIterator<T> iterator) throws Exception {
        try (iterator) {
            List<T> all = new ArrayList<>();
            iterator.forEachRemaining(all::add);
            return all;
        }
    }

    private static final class WatermarkAfterEachTrip implements WatermarkGenerator<IncomingRecord> {

        private long latestMillis = Long.MIN_VALUE + 1;

        @Override
        public void onEvent(IncomingRecord record, long timestampMillis, WatermarkOutput output) {
            if (record.trip() != null) {
                latestMillis = Math.max(latestMillis, timestampMillis);
                output.emitWatermark(new Watermark(latestMillis - 1));
            }
        }

        @Override
        public void onPeriodicEmit(WatermarkOutput output) {}
    }
}
