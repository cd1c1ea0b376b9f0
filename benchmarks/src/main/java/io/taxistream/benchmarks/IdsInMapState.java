package io.taxistream.benchmarks;

import static java.util.Objects.requireNonNull;

import io.taxistream.events.TripEvent;
import io.taxistream.processor.trips.AnalysisOptions;
import io.taxistream.processor.trips.CellTrip;
import io.taxistream.processor.trips.IncomingRecord;
import io.taxistream.processor.trips.PickupCount;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Counts pick-ups with a different shape of state, for comparison on RocksDB: the trip ids of a window are entries of a
 * separate map instead of a part of the accumulator, so that each trip writes only its id and a counter. Durations are
 * left out; they would only make it slower.
 */
final class IdsInMapState {

    private static final AnalysisOptions OPTIONS = AnalysisOptions.DEFAULTS;
    private static final long WINDOW_MILLIS = OPTIONS.windowLength().toMillis();

    private IdsInMapState() {}

    static DataStream<PickupCount> build(DataStream<IncomingRecord> records) {
        return records.flatMap(new Locate())
                .returns(CellTrip.class)
                .keyBy(trip -> trip.cell, Types.LONG)
                .process(new Count())
                .returns(PickupCount.class);
    }

    /** Cells occupy the high bits of a long, which leaves the low bits for the number of the window. */
    private static final class Locate implements FlatMapFunction<IncomingRecord, CellTrip> {

        @Override
        public void flatMap(IncomingRecord record, Collector<CellTrip> out) {
            TripEvent trip = requireNonNull(record.trip(), "all records are trips");
            if (OPTIONS.isInServiceArea(trip) && OPTIONS.isPlausible(trip)) {
                CellTrip located = new CellTrip();
                located.tripId = trip.tripId();
                located.cell = OPTIONS.cellAt(trip.pickupLat(), trip.pickupLon())
                        | Math.floorDiv(trip.dropoffMillis(), WINDOW_MILLIS);
                located.airport = -1;
                located.durationMillis = trip.dropoffMillis() - trip.pickupMillis();
                out.collect(located);
            }
        }
    }

    private static final class Count extends KeyedProcessFunction<Long, CellTrip, PickupCount> {

        private transient MapState<Long, Boolean> ids;
        private transient ValueState<Long> count;

        @Override
        public void open(OpenContext context) {
            ids = getRuntimeContext().getMapState(new MapStateDescriptor<>("ids", Types.LONG, Types.BOOLEAN));
            count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
        }

        @Override
        public void processElement(CellTrip trip, Context context, Collector<PickupCount> out) throws Exception {
            if (ids.contains(trip.tripId)) {
                return;
            }
            ids.put(trip.tripId, true);
            Long before = count.value();
            count.update(before == null ? 1 : before + 1);
            if (before == null) {
                long start = context.timestamp() - Math.floorMod(context.timestamp(), WINDOW_MILLIS);
                context.timerService().registerEventTimeTimer(start + WINDOW_MILLIS - 1);
            }
        }

        @Override
        public void onTimer(long timestampMillis, OnTimerContext context, Collector<PickupCount> out) throws Exception {
            if (count.value() >= OPTIONS.minTrips()) {
                out.collect(new PickupCount(timestampMillis, OPTIONS.location(context.getCurrentKey()), count.value()));
            }
            ids.clear();
            count.clear();
        }
    }
}
