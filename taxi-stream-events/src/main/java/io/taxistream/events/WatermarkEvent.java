package io.taxistream.events;

import io.taxistream.eventtime.WatermarkRecord;

/** A watermark: the promise that no trip with an event time up to and including this one follows from the same part. */
public record WatermarkEvent(WatermarkRecord watermark) implements Event {

    /**
     * Creates a watermark of a stream's only producer.
     *
     * @param watermarkMillis milliseconds since the epoch
     * @throws IllegalArgumentException if the time is outside the years 0 to 9999
     */
    public WatermarkEvent(long watermarkMillis) {
        this(WatermarkRecord.of(watermarkMillis));
    }

    /** Returns the watermark in milliseconds since the epoch. */
    public long watermarkMillis() {
        return watermark.watermarkMillis();
    }

    @Override
    public long timestampMillis() {
        return watermarkMillis();
    }
}
