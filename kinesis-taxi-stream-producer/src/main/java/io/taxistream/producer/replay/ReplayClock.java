package io.taxistream.producer.replay;

/**
 * Says when an event is due: event time runs as many times faster than the wall clock as the speed-up says, from the first
 * event on.
 *
 * <p>A gap in event time longer than a bound is jumped over, because real files hold events dated years away.
 */
final class ReplayClock {

    private final double speedup;
    private final long maxGapMillis;

    private boolean started;
    private long startNanos;
    private long startMillis;
    private long lastMillis;

    /**
     * @param speedup event time per wall-clock time; 0 for no waiting at all
     * @param maxGapMillis the longest gap between one event and the next that is waited for, milliseconds of event time
     */
    ReplayClock(double speedup, long maxGapMillis) {
        this.speedup = speedup;
        this.maxGapMillis = maxGapMillis;
    }

    /** Whether events wait for their time at all. */
    boolean paced() {
        return speedup > 0;
    }

    /**
     * When the next event is due.
     *
     * @param eventTimeMillis its event time, not before that of the event before
     * @param nowNanos {@link TimeSource#nanoTime} now
     * @return in the terms of {@link TimeSource#nanoTime}
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
