package io.taxistream.processor.trips;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/** Counts the trips that came too late for their window, and passes them on. */
final class CountLate extends ProcessFunction<CellTrip, CellTrip> {

    private transient Counter late;

    @Override
    public void open(OpenContext context) {
        late = getRuntimeContext().getMetricGroup().counter(TripAnalysis.LATE_METRIC);
    }

    @Override
    public void processElement(CellTrip trip, Context context, Collector<CellTrip> out) {
        late.inc();
        out.collect(trip);
    }
}
