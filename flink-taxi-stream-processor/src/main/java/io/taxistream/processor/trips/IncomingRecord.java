package io.taxistream.processor.trips;

import io.taxistream.events.TripEvent;

/**
 * A record of the stream as it was understood: either a trip or malformed, the other is null. (A source has one output,
 * so both come this way and part in the analysis.)
 */
public record IncomingRecord(TripEvent trip, MalformedRecord malformed) {

    /** A record that is a trip. */
    public static IncomingRecord of(TripEvent trip) {
        return new IncomingRecord(trip, null);
    }

    /** A record that could not be read. */
    public static IncomingRecord of(MalformedRecord malformed) {
        return new IncomingRecord(null, malformed);
    }
}
