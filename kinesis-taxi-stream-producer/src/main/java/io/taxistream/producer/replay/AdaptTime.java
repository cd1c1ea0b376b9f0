package io.taxistream.producer.replay;

/** What an event's times are in the stream. */
public enum AdaptTime {
    /** As they are in the input. */
    ORIGINAL,
    /** All shifted alike, so that the time of the first event is that when the producer started. */
    INVOCATION,
    /** Each shifted so that its time is that when it is sent. */
    INGESTION
}
