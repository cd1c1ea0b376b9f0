package io.taxistream.producer.kinesis;

import static io.taxistream.producer.replay.SinkStatus.NO_WATERMARK;

/**
 * Keeps track of the trips that have been sent and not been acknowledged, and says which watermark holds.
 *
 * <p>The watermark is the smallest event time that may still come, less one millisecond: that of the first trip not
 * acknowledged, or of the trip to be sent next. Trips are added in the order of their event time, so that it never goes
 * back, however acknowledgements come. No I/O, no clock; safe for use by several threads.
 */
final class InFlightTrips {

    private final long[] eventTimes;
    private final long[] sourceTimes;
    private final boolean[] acknowledged;
    private final int mask;

    /** The ticket of the first trip that is not acknowledged. */
    private long first;

    /** The ticket of the next trip to be added. */
    private long next;

    /** No trip with an event time before this will be added. */
    private long nextEventTimeMillis = NO_WATERMARK;

    private boolean complete;

    /** @param capacity how far apart the first and the last trip in flight may be; a power of two */
    InFlightTrips(int capacity) {
        if (Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("capacity must be a power of two, but is " + capacity);
        }
        this.eventTimes = new long[capacity];
        this.sourceTimes = new long[capacity];
        this.acknowledged = new boolean[capacity];
        this.mask = capacity - 1;
    }

    /** Whether no trip can be added until the first in flight is acknowledged. */
    synchronized boolean isFull() {
        return next - first > mask;
    }

    /** Whether every trip is acknowledged. */
    synchronized boolean isEmpty() {
        return next == first;
    }

    /** How many trips lie between the first that is not acknowledged and the last. */
    synchronized long size() {
        return next - first;
    }

    /**
     * Promises that no trip with an earlier event time will be added.
     *
     * @throws IllegalArgumentException if a later one was promised or added before
     */
    synchronized void announce(long eventTimeMillis) {
        if (eventTimeMillis < nextEventTimeMillis) {
            throw new IllegalArgumentException(
                    "event time goes back from " + nextEventTimeMillis + " to " + eventTimeMillis);
        }
        nextEventTimeMillis = eventTimeMillis;
    }

    /**
     * Adds a trip that is about to be sent.
     *
     * @param sourceTimeMillis its event time in the input
     * @return its ticket, for {@link #acknowledge}
     * @throws IllegalArgumentException if its event time is before one that was promised or added
     * @throws IllegalStateException if {@linkplain #isFull full}, or after {@link #complete}
     */
    synchronized long add(long eventTimeMillis, long sourceTimeMillis) {
        if (isFull() || complete) {
            throw new IllegalStateException(complete ? "all trips were added" : "too many trips are in flight");
        }
        announce(eventTimeMillis);
        int slot = (int) next & mask;
        eventTimes[slot] = eventTimeMillis;
        sourceTimes[slot] = sourceTimeMillis;
        acknowledged[slot] = false;
        return next++;
    }

    /** Takes note that a trip has arrived; {@code false} if that was known. */
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

    /** Says that no trip will be added any more, so that the watermark may cover the last one. */
    synchronized void complete() {
        complete = true;
    }

    /** The watermark that holds now, milliseconds since the epoch; {@code NO_WATERMARK} if nothing is known yet. */
    synchronized long watermarkMillis() {
        if (first < next) {
            return eventTimes[(int) first & mask] - 1;
        }
        if (nextEventTimeMillis == NO_WATERMARK || complete) {
            return nextEventTimeMillis;
        }
        return nextEventTimeMillis - 1;
    }

    /** The event time in the input of the first trip not acknowledged; there must be one. */
    synchronized long firstSourceTimeMillis() {
        return sourceTimes[(int) first & mask];
    }
}
