package io.taxistream.processor.trips;

import org.jspecify.annotations.Nullable;

/**
 * A trip that arrived after its window had closed for good, with the fields that the analysis keeps.
 *
 * @param tripId identifies the trip in the stream and in its source
 * @param pickupMillis start of the trip, milliseconds since the epoch
 * @param dropoffMillis end of the trip, milliseconds since the epoch
 * @param location geohash of the cell where the trip began
 * @param airportCode IATA code of the airport where the trip ended; null if it did not end at one
 */
public record LateTrip(
        long tripId,
        long pickupMillis,
        long dropoffMillis,
        String location,
        @Nullable String airportCode) {}
