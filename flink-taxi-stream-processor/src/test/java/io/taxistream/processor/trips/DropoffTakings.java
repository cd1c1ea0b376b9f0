package io.taxistream.processor.trips;

import io.taxistream.events.TripEvent;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

// tag::analysis[]
/** Sums the amounts that passengers paid, by the geohash cell where their trips ended, in the windows of the analysis. */
public final class DropoffTakings {

    private DropoffTakings() {}

    /**
     * Amount paid for the trips that ended in a geohash cell in one window.
     *
     * @param timestampMillis last millisecond of the window, since the epoch
     * @param location geohash of the cell
     * @param totalAmount US dollars
     */
    public record CellTakings(long timestampMillis, String location, double totalAmount) {}

    /** The takings of each cell and window with enough trips. */
    public static DataStream<CellTakings> analyze(DataStream<IncomingRecord> records, AnalysisOptions options) {
        return records.filter(record -> record.trip() != null
                        && options.isInServiceArea(record.trip())
                        && options.isPlausible(record.trip()))
                .name("Keep trips to be added up")
                .uid("keep-trips-to-be-added-up")
                .keyBy(record -> dropoffCell(record.trip(), options), Types.LONG)
                .window(TripAnalysis.windows(options))
                .allowedLateness(options.allowedLateness())
                .aggregate(
                        new AddUp(),
                        new EmitTakings(options),
                        TypeInformation.of(Sum.class),
                        TypeInformation.of(Sum.class),
                        TypeInformation.of(CellTakings.class))
                .name("Add up takings")
                .uid("add-up-takings");
    }

    private static long dropoffCell(TripEvent trip, AnalysisOptions options) {
        return options.cellAt(trip.dropoffLat(), trip.dropoffLon());
    }

    /** Accumulator of a cell in a window; public, with public fields, for Flink's POJO serializer. */
    public static final class Sum {

        /** IDs of the trips added, so that a trip that is delivered twice counts once. */
        public TripIdSet tripIds = new TripIdSet();

        /** Number of trips added. */
        public long tripCount;

        /** Sum of their amounts in cents, because a sum of doubles depends on the order of the trips. */
        public long cents;
    }

    private static final class AddUp implements AggregateFunction<IncomingRecord, Sum, Sum> {

        @Override
        public Sum createAccumulator() {
            return new Sum();
        }

        @Override
        public Sum add(IncomingRecord record, Sum sum) {
            if (sum.tripIds.add(record.trip().tripId())) {
                sum.tripCount++;
                sum.cents += Math.round(record.trip().totalAmount() * 100);
            }
            return sum;
        }

        @Override
        public Sum getResult(Sum sum) {
            return sum;
        }

        @Override
        public Sum merge(Sum one, Sum other) {
            throw new UnsupportedOperationException("tumbling windows are never merged");
        }
    }

    private static final class EmitTakings extends ProcessWindowFunction<Sum, CellTakings, Long, TimeWindow> {

        private final AnalysisOptions options;

        EmitTakings(AnalysisOptions options) {
            this.options = options;
        }

        @Override
        public void process(Long cell, Context context, Iterable<Sum> sums, Collector<CellTakings> out) {
            Sum sum = sums.iterator().next();
            if (sum.tripCount >= options.minTrips()) {
                long timestampMillis = context.window().maxTimestamp();
                double dollars = sum.cents / 100.0;
                out.collect(new CellTakings(timestampMillis, options.location(cell), dollars));
            }
        }
    }
}
// end::analysis[]
