package io.taxistream.producer.trips;

import io.taxistream.events.TripEvent;

/** The trips of another source from an event time on; the ones before are skipped and counted. */
public final class TripsFrom implements TripSource {

    private final TripSource trips;
    private final long fromMillis;
    private final InputStatistics statistics;

    /** @param fromMillis the first event time that is handed on, milliseconds since the epoch */
    public TripsFrom(TripSource trips, long fromMillis, InputStatistics statistics) {
        this.trips = trips;
        this.fromMillis = fromMillis;
        this.statistics = statistics;
    }

    @Override
    public TripEvent next() {
        while (true) {
            TripEvent trip = trips.next();
            if (trip == null || trip.timestampMillis() >= fromMillis) {
                return trip;
            }
            statistics.countSkipped();
        }
    }

    @Override
    public void close() {
        trips.close();
    }
}
