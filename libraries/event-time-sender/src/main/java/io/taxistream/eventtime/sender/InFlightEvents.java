package io.taxistream.eventtime.sender;

import static io.taxistream.eventtime.PartWatermarks.NO_WATERMARK;

/**
 * Keeps track of the events that have been sent and not been acknowledged, and says which watermark holds.
 *
 * <p>What has been promised when an event is added holds once all events before it are acknowledged. So the watermark is that of the
 * promise before the first event not acknowledged, less one millisecond. Promises only grow, so that it never goes back, however
 * acknowledgements come. No I/O, no clock; safe for use by several threads.
 */
final class InFlightEvents {

    /** Stands for a ticket where there is no room for another event. */
    static final long FULL = -1;

    private final long[] promisedMillis;
    private final boolean[] acknowledged;
    private final int mask;

    /** The ticket of the first event that is not acknowledged. */
    private long first;

    /** The ticket of the next event to be added. */
    private long next;

    /** No event with a time before this will be added. */
    private long promiseMillis = NO_WATERMARK;

    /** @param capacity how far apart the first and the last event in flight may be; a power of two */
    InFlightEvents(int capacity) {
        if (Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("capacity must be a power of two, but is " + capacity);
        }
        this.promisedMillis = new long[capacity];
        this.acknowledged = new boolean[capacity];
        this.mask = capacity - 1;
    }

    /** Whether every event is acknowledged. */
    synchronized boolean isEmpty() {
        return next == first;
    }

    /** Number of events from the first that is not acknowledged to the last. */
    synchronized long size() {
        return next - first;
    }

    /** Number of events added. */
    synchronized long added() {
        return next;
    }

    /**
     * Promises that no event with an earlier time will be added.
     *
     * @throws IllegalArgumentException if a later one was promised before
     */
    synchronized void advanceTo(long timeMillis) {
        if (timeMillis < promiseMillis) {
            throw new IllegalArgumentException("event time goes back from " + promiseMillis + " to " + timeMillis);
        }
        promiseMillis = timeMillis;
    }

    /**
     * Adds an event that is about to be sent.
     *
     * @return its ticket, for {@link #acknowledge}, or {@link #FULL}
     * @throws IllegalArgumentException if its time lies before the one that was promised
     */
    synchronized long add(long eventTimeMillis) {
        if (eventTimeMillis < promiseMillis) {
            throw new IllegalArgumentException("the event's time " + eventTimeMillis + " lies before " + promiseMillis
                    + ", which event time has been advanced to");
        }
        if (next - first > mask) {
            return FULL;
        }
        int slot = (int) next & mask;
        promisedMillis[slot] = promiseMillis;
        acknowledged[slot] = false;
        return next++;
    }

    /** Takes note that an event has arrived; {@code false} if that was known. */
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

    /** The watermark that holds now, milliseconds since the epoch; {@code NO_WATERMARK} if nothing has been promised. */
    synchronized long watermarkMillis() {
        long promise = first < next ? promisedMillis[(int) first & mask] : promiseMillis;
        return promise == NO_WATERMARK ? NO_WATERMARK : promise - 1;
    }
}
