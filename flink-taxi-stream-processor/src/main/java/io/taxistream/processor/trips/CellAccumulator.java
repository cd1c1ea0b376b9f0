package io.taxistream.processor.trips;

/**
 * Running totals of one cell in one window. Fields are public for Flink's POJO serializer, so that later versions can add
 * fields and still restore earlier state.
 */
public final class CellAccumulator {

    /** Ids of the trips counted, so that a trip delivered twice counts once. */
    public TripIdSet tripIds = new TripIdSet();

    /** Number of trips that began in the cell. */
    public long tripCount;

    /** Number of these trips to each airport, by its index in {@link AnalysisOptions#airports()}. */
    public long[] airportTripCounts = {};

    /** Total duration of the trips to each airport, in milliseconds. */
    public long[] airportDurationMillis = {};

    /** For Flink's POJO serializer. */
    public CellAccumulator() {}

    CellAccumulator(int airports) {
        airportTripCounts = new long[airports];
        airportDurationMillis = new long[airports];
    }

    void add(CellTrips trips) {
        for (int i = 0; i < trips.count; i++) {
            if (tripIds.add(trips.tripIds[i])) {
                add(trips.airports[i], trips.durationMillis[i]);
            }
        }
    }

    private void add(int airport, long durationMillis) {
        tripCount++;
        if (airport != CellTrip.NO_AIRPORT) {
            airportTripCounts[airport]++;
            airportDurationMillis[airport] += durationMillis;
        }
    }
}
