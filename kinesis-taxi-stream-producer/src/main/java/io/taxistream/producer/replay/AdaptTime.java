package io.taxistream.producer.replay;

/** What a trip's times are in the stream. */
public enum AdaptTime {
    /** As they are in the input. */
    ORIGINAL,
    /** All shifted alike, so that the first trip ends when the producer started. */
    INVOCATION,
    /** Each shifted so that it ends when it is sent. */
    INGESTION
}
