package io.taxistream.eventtime.sender;

import java.time.Duration;

/**
 * Measures how long something has not happened, in time during which this process could have seen it: however long the process got no
 * CPU between two looks, such as while the machine slept, counts as one step at most.
 */
final class Stopwatch {

    private final long longestStepNanos;
    private long lastNanos;
    private long elapsedNanos;

    /** @param longestStep the most that counts between two looks */
    Stopwatch(Duration longestStep, long nowNanos) {
        this.longestStepNanos = longestStep.toNanos();
        this.lastNanos = nowNanos;
    }

    /** Begins again. */
    void reset(long nowNanos) {
        lastNanos = nowNanos;
        elapsedNanos = 0;
    }

    /** Looks again: counts the time since the last look. */
    Duration look(long nowNanos) {
        elapsedNanos += Math.min(nowNanos - lastNanos, longestStepNanos);
        lastNanos = nowNanos;
        return Duration.ofNanos(elapsedNanos);
    }
}
