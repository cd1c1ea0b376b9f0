package io.taxistream.processor.trips;

import io.taxistream.processor.trips.AnalysisOptions.TimeCharacteristic;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingProcessingTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.WindowAssigner;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.OutputTag;

/**
 * Counts pick-ups by geohash cell and adds up trip durations to the airports, in tumbling windows.
 *
 * <p>The topology is a function from a stream to streams; sources and sinks are attached outside. Trips are keyed once, by
 * the cell where they began, and a single window operator adds up all there is to know of a cell. Each trip counts once,
 * however often it is delivered, because a window remembers the ids of its trips: a window of New York holds a few
 * thousand, whatever the speed of the replay.
 *
 * <p>The input must carry event timestamps and watermarks from its source, and nothing may redistribute it on the way here:
 * a rebalance between the shards and the watermarks would let one shard's watermark overtake another's trips.
 */
public final class TripAnalysis {

    /** Metric: trips read, those included that are left out, come late or were delivered twice. */
    public static final String TRIPS_METRIC = "trips";

    /** Metric: trips left out because they do not begin and end in the service area. */
    public static final String OUTSIDE_AREA_METRIC = "tripsOutsideArea";

    /** Metric: trips left out because they end before they begin, or take too long. */
    public static final String IMPLAUSIBLE_METRIC = "tripsImplausible";

    /** Metric: records left out because they are no events. */
    public static final String MALFORMED_METRIC = "recordsMalformed";

    /** Metric: trips that came after their window's results had been given out for good. */
    public static final String LATE_METRIC = "tripsLate";

    private static final OutputTag<MalformedRecord> MALFORMED =
            new OutputTag<>("malformed-records", TypeInformation.of(MalformedRecord.class));

    private static final OutputTag<CellTrip> LATE = new OutputTag<>("late-trips", TypeInformation.of(CellTrip.class));

    private static final OutputTag<TripDuration> TRIP_DURATIONS =
            new OutputTag<>("trip-durations", TypeInformation.of(TripDuration.class));

    private TripAnalysis() {}

    /**
     * What comes of the trips.
     *
     * @param pickupCounts one for each cell and window with enough trips
     * @param tripDurations one for each cell, airport and window with enough trips
     * @param malformedRecords records that are no events
     * @param lateTrips trips that came after their window's results had been given out for good
     */
    public record Results(
            DataStream<PickupCount> pickupCounts,
            DataStream<TripDuration> tripDurations,
            DataStream<MalformedRecord> malformedRecords,
            DataStream<LateTrip> lateTrips) {}

    /** The analysis of a stream of records. */
    public static Results analyse(DataStream<IncomingRecord> records, AnalysisOptions options) {
        SingleOutputStreamOperator<CellTrip> located = records.process(new LocateTrips(options, MALFORMED, LATE))
                .returns(CellTrip.class)
                .name("Locate trips")
                .uid("locate-trips");

        SingleOutputStreamOperator<PickupCount> pickupCounts = located.keyBy(trip -> trip.cell, Types.LONG)
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
                .process(new CountLate(options))
                .returns(LateTrip.class)
                .name("Count late trips")
                .uid("count-late-trips");

        return new Results(
                pickupCounts, pickupCounts.getSideOutput(TRIP_DURATIONS), located.getSideOutput(MALFORMED), lateTrips);
    }

    /** The windows of every result. */
    static WindowAssigner<Object, TimeWindow> windows(AnalysisOptions options) {
        return options.timeCharacteristic() == TimeCharacteristic.EVENT_TIME
                ? TumblingEventTimeWindows.of(options.windowLength())
                : TumblingProcessingTimeWindows.of(options.windowLength());
    }
}
