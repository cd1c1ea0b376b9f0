package io.taxistream.processor.trips;

/**
 * How long the trips from a geohash cell to an airport took, of those that ended in one window.
 *
 * @param timestampMillis last millisecond of the window, since the epoch
 * @param location geohash of the cell where the trips began
 * @param airportCode IATA code of the airport where they ended
 * @param tripCount trips, each counted once
 * @param sumTripDuration minutes of all trips together
 */
public record TripDuration(
        long timestampMillis, String location, String airportCode, long tripCount, double sumTripDuration) {

    /** Minutes, not rounded. */
    public double avgTripDuration() {
        return sumTripDuration / tripCount;
    }
}
