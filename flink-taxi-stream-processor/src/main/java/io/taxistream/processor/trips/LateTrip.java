package io.taxistream.processor.trips;

/**
 * A trip that came after its window's results had been given out for good, as far as it is still known.
 *
 * @param tripId identifies the trip in the stream and in its source
 * @param pickupMillis start of the trip, milliseconds since the epoch
 * @param dropoffMillis end of the trip, milliseconds since the epoch
 * @param location geohash of the cell where it began
 * @param airportCode IATA code of the airport where it ended; null if it did not end at one
 */
public record LateTrip(long tripId, long pickupMillis, long dropoffMillis, String location, String airportCode) {}
