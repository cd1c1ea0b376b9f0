package io.taxistream.producer.input;

/**
 * A range of event time; the event time of a trip is its drop-off.
 *
 * @param fromMillis start of the range, milliseconds since the epoch
 * @param toMillis exclusive end of the range, milliseconds since the epoch
 */
public record TimeRange(long fromMillis, long toMillis) {

    /** The range of all times. */
    public static final TimeRange ALL = new TimeRange(Long.MIN_VALUE, Long.MAX_VALUE);

    /** Returns whether an event time is in the range. */
    public boolean contains(long millis) {
        return millis >= fromMillis && millis < toMillis;
    }

    /** Returns whether no event time from {@code firstMillis} to {@code lastMillis}, inclusive, is in the range. */
    public boolean isDisjointFrom(long firstMillis, long lastMillis) {
        return lastMillis < fromMillis || firstMillis >= toMillis;
    }

    public boolean isAll() {
        return equals(ALL);
    }
}
