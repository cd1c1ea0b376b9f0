package io.taxistream.processor.trips;

/**
 * Duration of the trips from a geohash cell to an airport that ended in one window.
 *
 * @param timestampMillis last millisecond of the window, since the epoch
 * @param location geohash of the cell where the trips began
 * @param airportCode IATA code of the airport where they ended
 * @param tripCount number of trips, each counted once
 * @param sumTripDuration total duration in minutes
 */
public record TripDuration(
        long timestampMillis, String location, String airportCode, long tripCount, double sumTripDuration) {

    /** Average duration in minutes, not rounded. */
    public double avgTripDuration() {
        return sumTripDuration / tripCount;
    }
}
