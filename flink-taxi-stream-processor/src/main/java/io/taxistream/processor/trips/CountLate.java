package io.taxistream.processor.trips;

import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Counts trips that arrived after their window had closed for good, and emits them with their remaining fields.
 *
 * <p>Late trips are detected in two places, before and after the exchange by cell, and a side output of the window
 * operator has the type of its input. So a late trip is restored from {@link CellTrips}, rather than every trip carrying
 * all its fields across the exchange.
 */
final class CountLate extends ProcessFunction<CellTrips, LateTrip> {

    private final AnalysisOptions options;
    private final List<String> airportCodes;

    private final @Nullable String metricGroup;

    private transient Counter late;

    /** @param metricGroup as in {@link MetricGroups#of} */
    CountLate(AnalysisOptions options, @Nullable String metricGroup) {
        this.options = options;
        this.metricGroup = metricGroup;
        this.airportCodes = options.airportCodes();
    }

    @Override
    public void open(OpenContext context) {
        late = MetricGroups.of(getRuntimeContext(), metricGroup).counter(TripAnalysis.LATE_METRIC);
    }

    @Override
    public void processElement(CellTrips trips, Context context, Collector<LateTrip> out) {
        late.inc(trips.count);
        String location = options.location(trips.cell);
        for (int i = 0; i < trips.count; i++) {
            int airport = trips.airports[i];
            out.collect(new LateTrip(
                    trips.tripIds[i],
                    trips.dropoffMillis[i] - trips.durationMillis[i],
                    trips.dropoffMillis[i],
                    location,
                    airport == CellTrip.NO_AIRPORT ? null : airportCodes.get(airport)));
        }
    }
}
