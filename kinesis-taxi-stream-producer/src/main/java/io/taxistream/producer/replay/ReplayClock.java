package io.taxistream.producer.replay;

/**
 * Determines when events are due: from the first event on, event time advances faster than the wall clock by the factor
 * of the speed-up.
 *
 * <p>Gaps in event time beyond a maximum are skipped, because real files hold events dated years away.
 */
final class ReplayClock {

    private final double speedup;
    private final long maxGapMillis;

    private boolean started;
    private long startNanos;
    private long startMillis;
    private long lastMillis;

    /**
     * @param speedup ratio of event time to wall-clock time; 0 for no waiting
     * @param maxGapMillis longest gap between consecutive events to wait for, in milliseconds of event time
     */
    ReplayClock(double speedup, long maxGapMillis) {
        this.speedup = speedup;
        this.maxGapMillis = maxGapMillis;
    }

    /** Returns whether events wait for their time at all. */
    boolean paced() {
        return speedup > 0;
    }

    /**
     * Returns when the next event is due.
     *
     * @param eventTimeMillis event time, not before that of the previous event
     * @param nowNanos current value of {@link TimeSource#nanoTime}
     * @return due time on the scale of {@link TimeSource#nanoTime}
     */
    long dueNanos(long eventTimeMillis, long nowNanos) {
        if (!started) {
            started = true;
            startNanos = nowNanos;
            startMillis = eventTimeMillis;
            lastMillis = eventTimeMillis;
        }
        long gap = eventTimeMillis - lastMillis;
        if (gap > maxGapMillis) {
            startMillis += gap;
        }
        lastMillis = eventTimeMillis;
        return startNanos + (long) ((eventTimeMillis - startMillis) * 1e6 / speedup);
    }
}
