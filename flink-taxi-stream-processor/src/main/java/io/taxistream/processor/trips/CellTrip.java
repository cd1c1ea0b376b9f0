package io.taxistream.processor.trips;

/**
 * The fields of a trip that the windows need. It stays within a task: trips cross the network as {@link CellTrips}. Fields are
 * public for Flink's POJO serializer.
 */
public final class CellTrip {

    /** Value of {@link #airport} for a trip that does not end at an airport. */
    static final int NO_AIRPORT = -1;

    /** Identifies the trip, so that it counts once. */
    public long tripId;

    /** Geohash cell of the pick-up, from {@link AnalysisOptions#cellAt(double, double)}. */
    public long cell;

    /** Index of the airport in {@link AnalysisOptions#airports()}, or {@link #NO_AIRPORT}. */
    public int airport;

    /** Milliseconds from pick-up to drop-off. */
    public long durationMillis;

    /** End of the trip, milliseconds since the epoch. */
    public long dropoffMillis;
}
