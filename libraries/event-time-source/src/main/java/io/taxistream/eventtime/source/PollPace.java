package io.taxistream.eventtime.source;

/**
 * How long to wait from the start of one read of a shard to the next.
 *
 * <p>The interval grows while Kinesis throttles, because other consumers share the shard's five reads a second, and
 * shrinks again to what was asked for while reads succeed. A shard that has throttled is also given the time that its
 * bandwidth takes for what it gave: one read may bring as much as it allows in five seconds, and would be followed by
 * nothing but refusals. An endpoint without limits never throttles and is read as fast as asked for.
 */
final class PollPace {

    private static final double GROWTH = 1.5;
    private static final double RECOVERY = 0.95;

    /** At most this many times what was asked for. */
    private static final double MAX_GROWTH = 20;

    /** What a shard gives to all of its consumers together. */
    private static final long SHARD_BYTES_PER_SECOND = 2L * 1024 * 1024;

    private final double shortestMillis;
    private double intervalMillis;
    private boolean hasThrottled;
    private long lastReadMillis;

    PollPace(long shortestMillis) {
        this.shortestMillis = shortestMillis;
        this.intervalMillis = shortestMillis;
    }

    long intervalMillis() {
        return Math.max(Math.round(intervalMillis), hasThrottled ? lastReadMillis : 0);
    }

    void throttled() {
        hasThrottled = true;
        intervalMillis = Math.min(intervalMillis * GROWTH, shortestMillis * MAX_GROWTH);
    }

    /**
     * Takes note of a read that was answered.
     *
     * @param bytes size of what it brought
     */
    void succeeded(long bytes) {
        lastReadMillis = bytes * 1000 / SHARD_BYTES_PER_SECOND;
        intervalMillis = Math.max(intervalMillis * RECOVERY, shortestMillis);
    }
}
