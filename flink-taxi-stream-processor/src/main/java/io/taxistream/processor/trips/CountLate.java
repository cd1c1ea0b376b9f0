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
 * operator has the type of its input. So a late trip is restored from a {@link CellTrip}, rather than every trip
 * carrying fields across the exchange that only late ones need.
 */
final class CountLate extends ProcessFunction<CellTrip, LateTrip> {

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
    public void processElement(CellTrip trip, Context context, Collector<LateTrip> out) {
        late.inc();
        long dropoffMillis = context.timestamp();
        out.collect(new LateTrip(
                trip.tripId,
                dropoffMillis - trip.durationMillis,
                dropoffMillis,
                options.location(trip.cell),
                trip.airport == CellTrip.NO_AIRPORT ? null : airportCodes.get(trip.airport)));
    }
}
