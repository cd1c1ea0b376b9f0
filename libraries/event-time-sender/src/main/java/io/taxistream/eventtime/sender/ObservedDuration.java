package io.taxistream.eventtime.sender;

import java.time.Duration;

/**
 * Measures how long an event has failed to occur, counting only time during which this process could have observed it. A pause
 * between two calls, for example because the machine was suspended, counts as at most one step.
 */
final class ObservedDuration {

    private final long longestStepNanos;
    private long lastNanos;
    private long elapsedNanos;

    /** @param longestStep longest time that counts between two calls */
    ObservedDuration(Duration longestStep, long nowNanos) {
        this.longestStepNanos = longestStep.toNanos();
        this.lastNanos = nowNanos;
    }

    /** Restarts the measurement. */
    void reset(long nowNanos) {
        lastNanos = nowNanos;
        elapsedNanos = 0;
    }

    /** Adds the time since the last call and returns the total. */
    Duration advance(long nowNanos) {
        elapsedNanos += Math.min(nowNanos - lastNanos, longestStepNanos);
        lastNanos = nowNanos;
        return Duration.ofNanos(elapsedNanos);
    }
}
