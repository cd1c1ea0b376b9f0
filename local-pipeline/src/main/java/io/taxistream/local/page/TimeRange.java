package io.taxistream.local.page;

/**
 * A range of windows by their timestamps, milliseconds since the epoch, both ends inclusive.
 *
 * @param lastTimestamp not before the first
 */
public record TimeRange(long firstTimestamp, long lastTimestamp) {

    private static final long YEAR_9999 = 253_402_300_799_999L;

    /** Every timestamp that a search engine can store. */
    public static final TimeRange ALL = new TimeRange(-YEAR_9999, YEAR_9999);

    /** Limits the range to timestamps that a search engine accepts. */
    public TimeRange {
        firstTimestamp = Math.max(firstTimestamp, -YEAR_9999);
        lastTimestamp = Math.min(lastTimestamp, YEAR_9999);
    }
}
