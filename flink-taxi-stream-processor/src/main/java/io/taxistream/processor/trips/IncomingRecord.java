package io.taxistream.processor.trips;

import io.taxistream.events.TripEvent;
import org.jspecify.annotations.Nullable;

/**
 * A decoded record of the stream: either a trip or a malformed record, with the other component null. A source has one
 * output type, so both travel together until the analysis separates them.
 *
 * @param watermarkMillis watermark of the shard at the trip's position, {@link Long#MIN_VALUE} if it has none
 */
public record IncomingRecord(
        @Nullable TripEvent trip, @Nullable MalformedRecord malformed, long watermarkMillis) {

    /** Creates a record for a trip from a stream without watermarks. */
    public static IncomingRecord of(TripEvent trip) {
        return of(trip, Long.MIN_VALUE);
    }

    /** Creates a record for a trip and its shard's watermark at that position, in milliseconds since the epoch. */
    public static IncomingRecord of(TripEvent trip, long watermarkMillis) {
        return new IncomingRecord(trip, null, watermarkMillis);
    }

    /** Creates a record that could not be decoded. */
    public static IncomingRecord of(MalformedRecord malformed) {
        return new IncomingRecord(null, malformed, Long.MIN_VALUE);
    }
}
