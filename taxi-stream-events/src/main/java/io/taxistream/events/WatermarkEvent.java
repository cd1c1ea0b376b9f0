package io.taxistream.events;

import io.taxistream.eventtime.WatermarkRecord;

/** The promise that no trip with an event time up to and including this one follows from the part that has sent it. */
public record WatermarkEvent(WatermarkRecord watermark) implements Event {

    /**
     * A watermark of a stream's only producer.
     *
     * @param watermarkMillis milliseconds since the epoch
     * @throws IllegalArgumentException if the time lies outside the years 0 to 9999
     */
    public WatermarkEvent(long watermarkMillis) {
        this(WatermarkRecord.of(watermarkMillis));
    }

    /** Milliseconds since the epoch. */
    public long watermarkMillis() {
        return watermark.watermarkMillis();
    }

    @Override
    public long timestampMillis() {
        return watermarkMillis();
    }
}
