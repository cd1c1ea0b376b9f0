package io.taxistream.events;

/** A record of the stream: a trip, or a watermark that gives the progress of event time in its shard. */
public sealed interface Event permits TripEvent, WatermarkEvent {

    /** Event time in milliseconds since the epoch: a trip's drop-off, a watermark's own time. */
    long timestampMillis();
}
