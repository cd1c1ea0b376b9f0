package io.taxistream.processor.trips;

/**
 * What the windows need to know of a trip: all that crosses the network.
 *
 * <p>A mutable POJO, because millions a second are made, and Flink's POJO serializer sets the fields of such a one
 * without reflection of constructors.
 */
public final class CellTrip {

    /** {@link #airport} of a trip that goes to none. */
    static final int NO_AIRPORT = -1;

    /** Identifies the trip, so that it counts once. */
    public long tripId;

    /** Geohash cell of the pick-up, of {@link AnalysisOptions#cellAt(double, double)}. */
    public long cell;

    /** Index of the airport in {@link AnalysisOptions#airports()}, or {@link #NO_AIRPORT}. */
    public int airport;

    /** Milliseconds from pick-up to drop-off. */
    public long durationMillis;
}
