package io.taxistream.events;

/** A record of the stream: a trip, or a watermark that marks the progress of event time in its shard. */
public sealed interface Event permits TripEvent, WatermarkEvent {

    /** Returns the event time in milliseconds since the epoch: a trip's drop-off time, or the time of the watermark. */
    long timestampMillis();
}
