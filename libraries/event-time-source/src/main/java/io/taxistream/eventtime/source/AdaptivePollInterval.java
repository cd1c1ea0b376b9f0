package io.taxistream.eventtime.source;

/**
 * Computes the delay between two reads of a shard, from start to start.
 *
 * <p>The interval grows while Kinesis throttles, because other consumers share the shard's limit of five reads per second, and
 * shrinks back to the configured interval while reads succeed. A shard that has throttled is also paced by its bandwidth: one
 * read can return as much data as the shard allows in five seconds, and all reads in the following seconds would be rejected.
 * An endpoint without limits never throttles and is read at the configured interval.
 */
final class AdaptivePollInterval {

    private static final double GROWTH = 1.5;
    private static final double RECOVERY = 0.95;

    /** Maximum factor by which the configured interval grows. */
    private static final double MAX_GROWTH = 20;

    /** Read throughput of a shard, shared by all of its consumers. */
    private static final long SHARD_BYTES_PER_SECOND = 2L * 1024 * 1024;

    private final double shortestMillis;
    private double intervalMillis;
    private boolean hasThrottled;
    private long lastReadMillis;

    AdaptivePollInterval(long shortestMillis) {
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
     * Records a successful read.
     *
     * @param bytes size of the returned data
     */
    void succeeded(long bytes) {
        lastReadMillis = bytes * 1000 / SHARD_BYTES_PER_SECOND;
        intervalMillis = Math.max(intervalMillis * RECOVERY, shortestMillis);
    }
}
