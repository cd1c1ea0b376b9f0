package io.taxistream.producer.replay;

/** How the times of events are adapted for the stream. */
public enum AdaptTime {
    /** Unchanged. */
    ORIGINAL,
    /** Shifted by a constant, so that the first event has the time at which the producer started. */
    INVOCATION,
    /** Shifted individually, so that each event has the time at which it is sent. */
    INGESTION
}
