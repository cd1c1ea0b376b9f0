package io.taxistream.processor.trips;

/**
 * What a window knows of one cell so far. Fields are public for Flink's POJO serializer, which lets later versions add
 * some.
 */
public final class CellAccumulator {

    /** The trips counted, so that one that is delivered twice counts once. */
    public TripIdSet tripIds = new TripIdSet();

    /** Trips that began in the cell. */
    public long tripCount;

    /** Of these, the trips to each airport, by its index in {@link AnalysisOptions#airports()}. */
    public long[] airportTripCounts = {};

    /** Milliseconds that the trips to each airport took together. */
    public long[] airportDurationMillis = {};

    /** For Flink's POJO serializer. */
    public CellAccumulator() {}

    CellAccumulator(int airports) {
        airportTripCounts = new long[airports];
        airportDurationMillis = new long[airports];
    }

    void add(CellTrip trip) {
        if (!tripIds.add(trip.tripId)) {
            return;
        }
        tripCount++;
        if (trip.airport != CellTrip.NO_AIRPORT) {
            airportTripCounts[trip.airport]++;
            airportDurationMillis[trip.airport] += trip.durationMillis;
        }
    }
}
