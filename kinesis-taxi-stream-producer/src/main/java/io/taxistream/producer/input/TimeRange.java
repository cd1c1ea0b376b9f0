package io.taxistream.producer.input;

/**
 * A span of event time, which is the drop-off time of a trip.
 *
 * @param fromMillis the first event time in it, milliseconds since the epoch
 * @param toMillis the first event time behind it, milliseconds since the epoch
 */
public record TimeRange(long fromMillis, long toMillis) {

    /** All of time. */
    public static final TimeRange ALL = new TimeRange(Long.MIN_VALUE, Long.MAX_VALUE);

    /** Whether an event time lies in it. */
    public boolean contains(long millis) {
        return millis >= fromMillis && millis < toMillis;
    }

    /** Whether no event time from one to another, both included, lies in it. */
    public boolean isDisjointFrom(long firstMillis, long lastMillis) {
        return lastMillis < fromMillis || firstMillis >= toMillis;
    }

    public boolean isAll() {
        return equals(ALL);
    }
}
