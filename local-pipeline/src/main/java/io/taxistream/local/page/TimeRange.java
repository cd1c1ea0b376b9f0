package io.taxistream.local.page;

/**
 * A range of windows by their timestamps, milliseconds since the epoch, both included.
 *
 * @param lastTimestamp not before the first
 */
public record TimeRange(long firstTimestamp, long lastTimestamp) {

    private static final long YEAR_9999 = 253_402_300_799_999L;

    /** Every window that a search engine can hold. */
    public static final TimeRange ALL = new TimeRange(-YEAR_9999, YEAR_9999);

    /** Limits the range to what a search engine understands. */
    public TimeRange {
        firstTimestamp = Math.max(firstTimestamp, -YEAR_9999);
        lastTimestamp = Math.min(lastTimestamp, YEAR_9999);
    }
}
