package io.taxistream.eventtime.sender;

import static io.taxistream.eventtime.PartWatermarks.NO_WATERMARK;

/**
 * Tracks events that are sent but not acknowledged, and computes the watermark.
 *
 * <p>The promise in force when an event is added is fulfilled once all earlier events are acknowledged. The watermark is
 * therefore the promise in force before the first unacknowledged event, minus one millisecond. Promises only increase, so the
 * watermark never decreases, whatever the order of acknowledgements. This class uses neither I/O nor a clock and is
 * thread-safe.
 */
final class InFlightEvents {

    /** Ticket returned when there is no room for another event. */
    static final long FULL = -1;

    private final long[] promisedMillis;
    private final boolean[] acknowledged;
    private final int mask;

    /** Ticket of the first unacknowledged event. */
    private long first;

    /** Ticket of the next event. */
    private long next;

    /** No event with an earlier timestamp will be added. */
    private long promiseMillis = NO_WATERMARK;

    /** @param capacity maximum distance between the first and the last event in flight; a power of two */
    InFlightEvents(int capacity) {
        if (Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("capacity must be a power of two, but is " + capacity);
        }
        this.promisedMillis = new long[capacity];
        this.acknowledged = new boolean[capacity];
        this.mask = capacity - 1;
    }

    /** Returns whether all events are acknowledged. */
    synchronized boolean isEmpty() {
        return next == first;
    }

    /** Returns the number of events from the first unacknowledged one to the last. */
    synchronized long size() {
        return next - first;
    }

    /** Returns the number of events added so far. */
    synchronized long added() {
        return next;
    }

    /**
     * Promises that no event with an earlier timestamp will be added.
     *
     * @throws IllegalArgumentException if a later time has already been promised
     */
    synchronized void advanceTo(long timeMillis) {
        if (timeMillis < promiseMillis) {
            throw new IllegalArgumentException(
                    "event time must not go back from " + promiseMillis + " to " + timeMillis);
        }
        promiseMillis = timeMillis;
    }

    /**
     * Adds an event that is about to be sent.
     *
     * @return its ticket for {@link #acknowledge}, or {@link #FULL}
     * @throws IllegalArgumentException if its timestamp is before the promised time
     */
    synchronized long add(long eventTimeMillis) {
        if (eventTimeMillis < promiseMillis) {
            throw new IllegalArgumentException("the event's time " + eventTimeMillis + " is before " + promiseMillis
                    + ", to which event time has advanced");
        }
        if (next - first > mask) {
            return FULL;
        }
        int slot = (int) next & mask;
        promisedMillis[slot] = promiseMillis;
        acknowledged[slot] = false;
        return next++;
    }

    /** Acknowledges an event; returns {@code false} if it was already acknowledged. */
    synchronized boolean acknowledge(long ticket) {
        if (ticket < first || ticket >= next || acknowledged[(int) ticket & mask]) {
            return false;
        }
        acknowledged[(int) ticket & mask] = true;
        while (first < next && acknowledged[(int) first & mask]) {
            first++;
        }
        return true;
    }

    /** Returns the current watermark in milliseconds since the epoch; {@code NO_WATERMARK} if nothing has been promised. */
    synchronized long watermarkMillis() {
        long promise = first < next ? promisedMillis[(int) first & mask] : promiseMillis;
        return promise == NO_WATERMARK ? NO_WATERMARK : promise - 1;
    }
}
