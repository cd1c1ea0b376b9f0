package io.taxistream.processor.trips;

import io.taxistream.processor.trips.AnalysisOptions.TimeCharacteristic;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.transformations.PhysicalTransformation;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingProcessingTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.WindowAssigner;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.OutputTag;

/**
 * Counts pick-ups by geohash cell and sums trip durations to the airports, in tumbling windows.
 *
 * <p>The topology is a function from a stream to streams; sources and sinks are attached by the caller. Trips are keyed
 * once, by the cell where they began, in bundles of a cell and window, and a single window operator aggregates everything about a
 * cell. Each trip counts
 * once however often it is delivered, because a window keeps the ids of its trips: a few thousand for New York, whatever
 * the speed of the replay.
 *
 * <p>The input must carry the event timestamps and watermarks of its source and must not be repartitioned after it: a
 * rebalance would let one shard's watermark overtake another shard's trips.
 */
public final class TripAnalysis {

    /** Metric: trips read, including those left out, late or delivered twice. */
    public static final String TRIPS_METRIC = "trips";

    /** Metric: trips left out because they do not begin and end in the service area. */
    public static final String OUTSIDE_AREA_METRIC = "tripsOutsideArea";

    /** Metric: trips left out because they end before they begin or take too long. */
    public static final String IMPLAUSIBLE_METRIC = "tripsImplausible";

    /** Metric: records left out because they are not valid events. */
    public static final String MALFORMED_METRIC = "recordsMalformed";

    /** Metric: trips that arrived after their window had closed for good. */
    public static final String LATE_METRIC = "tripsLate";

    private static final OutputTag<MalformedRecord> MALFORMED =
            new OutputTag<>("malformed-records", TypeInformation.of(MalformedRecord.class));

    private static final OutputTag<CellTrips> LATE = new OutputTag<>("late-trips", TypeInformation.of(CellTrips.class));

    private static final OutputTag<TripDuration> TRIP_DURATIONS =
            new OutputTag<>("trip-durations", TypeInformation.of(TripDuration.class));

    private TripAnalysis() {}

    /**
     * The output streams of the analysis.
     *
     * @param pickupCounts one per cell and window with enough trips
     * @param tripDurations one per cell, airport and window with enough trips
     * @param malformedRecords records that are not valid events
     * @param lateTrips trips that arrived after their window had closed for good
     */
    public record Results(
            DataStream<PickupCount> pickupCounts,
            DataStream<TripDuration> tripDurations,
            DataStream<MalformedRecord> malformedRecords,
            DataStream<LateTrip> lateTrips) {}

    /** Adds the analysis of a stream of records to its topology, with metrics in the operators' own groups. */
    public static Results analyze(DataStream<IncomingRecord> records, AnalysisOptions options) {
        return analyze(records, options, Optional.empty());
    }

    /**
     * Adds the analysis of a stream of records to its topology.
     *
     * @param metricGroup name of the group, within each operator's, for the metrics that the constants of this class name;
     *     if empty, they are in the operator's own
     */
    public static Results analyze(
            DataStream<IncomingRecord> records, AnalysisOptions options, Optional<String> metricGroup) {
        SingleOutputStreamOperator<CellTrip> located = records.process(
                        new LocateTrips(options, metricGroup.orElse(null), MALFORMED, LATE))
                .returns(CellTrip.class)
                .name("Locate trips")
                .uid("locate-trips");

        SingleOutputStreamOperator<CellTrips> bundled = located.transform(
                        "Bundle trips", TypeInformation.of(CellTrips.class), new BundleTrips(options))
                .uid("bundle-trips");
        chain(bundled);

        SingleOutputStreamOperator<PickupCount> pickupCounts = bundled.keyBy(trips -> trips.cell, Types.LONG)
                .window(windows(options))
                .allowedLateness(options.allowedLateness())
                .sideOutputLateData(LATE)
                .aggregate(
                        new CellAggregate(options.airports().size()),
                        new EmitResults(options, TRIP_DURATIONS),
                        TypeInformation.of(CellAccumulator.class),
                        TypeInformation.of(CellAccumulator.class),
                        TypeInformation.of(PickupCount.class))
                .name("Count pick-ups and durations")
                .uid("count-pickups-and-durations");

        SingleOutputStreamOperator<LateTrip> lateTrips = pickupCounts
                .getSideOutput(LATE)
                .union(located.getSideOutput(LATE))
                .process(new CountLate(options, metricGroup.orElse(null)))
                .returns(LateTrip.class)
                .name("Count late trips")
                .uid("count-late-trips");

        return new Results(
                pickupCounts, pickupCounts.getSideOutput(TRIP_DURATIONS), located.getSideOutput(MALFORMED), lateTrips);
    }

    /**
     * Runs an operator in the thread of the previous one, as Flink 2 does by default. Operators of Flink 2 have no field for it.
     */
    private static void chain(SingleOutputStreamOperator<?> operator) {
        ((PhysicalTransformation<?>) operator.getTransformation()).setChainingStrategy(ChainingStrategy.ALWAYS);
    }

    /** The window assigner that all results share. */
    static WindowAssigner<Object, TimeWindow> windows(AnalysisOptions options) {
        return options.timeCharacteristic() == TimeCharacteristic.EVENT_TIME
                ? TumblingEventTimeWindows.of(options.windowLength())
                : TumblingProcessingTimeWindows.of(options.windowLength());
    }
}
