package io.taxistream.processor.trips;

import java.util.Arrays;

/**
 * Trips of one cell and one window, as they are sent to the windows over the network.
 *
 * <p>The arrays are parallel, with one entry for each trip. Fields are public for Flink's POJO serializer. It is not part of any
 * state, so no later build has to read it.
 */
public final class CellTrips {

    private static final int INITIAL_CAPACITY = 4;

    /** Geohash cell where the trips began, from {@link AnalysisOptions#cellAt(double, double)}. */
    public long cell;

    /** Identify the trips, so that each counts once. */
    public long[] tripIds = new long[INITIAL_CAPACITY];

    /** Indices of the airports in {@link AnalysisOptions#airports()}, or {@link CellTrip#NO_AIRPORT}. */
    public int[] airports = new int[INITIAL_CAPACITY];

    /** Milliseconds from pick-up to drop-off. */
    public long[] durationMillis = new long[INITIAL_CAPACITY];

    /** Ends of the trips, milliseconds since the epoch. */
    public long[] dropoffMillis = new long[INITIAL_CAPACITY];

    /** Number of trips; later entries of the arrays are unused. */
    public int count;

    /** For Flink's POJO serializer. */
    public CellTrips() {}

    CellTrips(long cell) {
        this.cell = cell;
    }

    /** Returns one trip. */
    static CellTrips of(CellTrip trip) {
        CellTrips trips = new CellTrips(trip.cell);
        trips.add(trip);
        return trips.trimmed();
    }

    /** Adds a trip of the cell. */
    void add(CellTrip trip) {
        if (count == tripIds.length) {
            resize(count * 2);
        }
        tripIds[count] = trip.tripId;
        airports[count] = trip.airport;
        durationMillis[count] = trip.durationMillis;
        dropoffMillis[count] = trip.dropoffMillis;
        count++;
    }

    /** Removes the unused entries, so that they are not sent. */
    CellTrips trimmed() {
        if (count < tripIds.length) {
            resize(count);
        }
        return this;
    }

    private void resize(int length) {
        tripIds = Arrays.copyOf(tripIds, length);
        airports = Arrays.copyOf(airports, length);
        durationMillis = Arrays.copyOf(durationMillis, length);
        dropoffMillis = Arrays.copyOf(dropoffMillis, length);
    }
}
