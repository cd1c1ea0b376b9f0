package io.taxistream.processor.trips;

import io.taxistream.events.TripEvent;

/**
 * A record of the stream as it was understood: either a trip or malformed, the other is null. (A source has one output,
 * so both come this way and part in the analysis.)
 *
 * @param watermarkMillis of the place in the stream that a trip was read from, {@link Long#MIN_VALUE} where there is none
 */
public record IncomingRecord(TripEvent trip, MalformedRecord malformed, long watermarkMillis) {

    /** A record that is a trip, from a place that has no watermark. */
    public static IncomingRecord of(TripEvent trip) {
        return of(trip, Long.MIN_VALUE);
    }

    /** A record that is a trip, from a place in the stream that has a watermark, milliseconds since the epoch. */
    public static IncomingRecord of(TripEvent trip, long watermarkMillis) {
        return new IncomingRecord(trip, null, watermarkMillis);
    }

    /** A record that could not be read. */
    public static IncomingRecord of(MalformedRecord malformed) {
        return new IncomingRecord(null, malformed, Long.MIN_VALUE);
    }
}
