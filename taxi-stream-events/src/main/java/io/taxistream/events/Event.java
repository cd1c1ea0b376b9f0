package io.taxistream.events;

/** What a record of the stream holds: a trip, or a watermark that says how far event time has come in its shard. */
public sealed interface Event permits TripEvent, WatermarkEvent {

    /** Event time in milliseconds since the epoch: a trip's drop-off, a watermark's own time. */
    long timestampMillis();
}
