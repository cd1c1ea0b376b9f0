package io.taxistream.processor.trips;

import java.util.List;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Turns the totals of a cell into results: the pick-up count, and as a side output the duration for each airport. */
final class EmitResults extends ProcessWindowFunction<CellAccumulator, PickupCount, Long, TimeWindow> {

    private static final double MILLIS_PER_MINUTE = 60_000.0;

    private final AnalysisOptions options;
    private final int minTrips;
    private final List<String> airportCodes;
    private final OutputTag<TripDuration> tripDurations;

    EmitResults(AnalysisOptions options, OutputTag<TripDuration> tripDurations) {
        this.options = options;
        this.minTrips = options.minTrips();
        this.airportCodes = options.airportCodes();
        this.tripDurations = tripDurations;
    }

    @Override
    public void process(
            Long cell, Context context, Iterable<CellAccumulator> accumulators, Collector<PickupCount> pickupCounts) {
        CellAccumulator accumulator = accumulators.iterator().next();
        if (accumulator.tripCount < minTrips) {
            return; // the other airports of the cell cannot have more trips
        }
        long timestampMillis = context.window().maxTimestamp();
        String location = options.location(cell);
        pickupCounts.collect(new PickupCount(timestampMillis, location, accumulator.tripCount));
        for (int airport = 0; airport < airportCodes.size(); airport++) {
            long tripCount = accumulator.airportTripCounts[airport];
            if (tripCount >= minTrips) {
                double minutes = accumulator.airportDurationMillis[airport] / MILLIS_PER_MINUTE;
                context.output(
                        tripDurations,
                        new TripDuration(timestampMillis, location, airportCodes.get(airport), tripCount, minutes));
            }
        }
    }
}
