package io.taxistream.processor.kinesis;

/**
 * The interval at which a shard is read: it grows while Kinesis throttles, because other consumers share the shard's
 * five reads a second, and shrinks again to what was asked for while reads succeed.
 */
final class PollPace {

    private static final double GROWTH = 1.5;
    private static final double RECOVERY = 0.95;

    /** At most this many times what was asked for. */
    private static final double MAX_GROWTH = 20;

    private final double shortestMillis;
    private double intervalMillis;

    PollPace(long shortestMillis) {
        this.shortestMillis = shortestMillis;
        this.intervalMillis = shortestMillis;
    }

    long intervalMillis() {
        return Math.round(intervalMillis);
    }

    void throttled() {
        intervalMillis = Math.min(intervalMillis * GROWTH, shortestMillis * MAX_GROWTH);
    }

    void succeeded() {
        intervalMillis = Math.max(intervalMillis * RECOVERY, shortestMillis);
    }
}
