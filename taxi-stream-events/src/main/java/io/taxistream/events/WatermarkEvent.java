package io.taxistream.events;

/**
 * The promise that no trip with an event time up to and including this one follows in the same shard.
 *
 * @param watermarkMillis milliseconds since the epoch
 */
public record WatermarkEvent(long watermarkMillis) implements Event {

    /** @throws IllegalArgumentException if the time lies outside the years 0 to 9999 */
    public WatermarkEvent {
        DateTimes.requireFourDigitYear("watermarkMillis", watermarkMillis);
    }

    @Override
    public long timestampMillis() {
        return watermarkMillis;
    }
}
