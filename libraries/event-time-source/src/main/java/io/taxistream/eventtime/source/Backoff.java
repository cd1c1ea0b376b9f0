package io.taxistream.eventtime.source;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before a failed call is tried again: doubled with each attempt up to a maximum, and spread at random
 * over the upper half, so that many callers do not return at once.
 */
final class Backoff {

    private final long firstMillis;
    private final long maxMillis;
    private final RandomGenerator random;

    Backoff(Duration first, Duration max, RandomGenerator random) {
        this.firstMillis = first.toMillis();
        this.maxMillis = max.toMillis();
        this.random = random;
    }

    /**
     * The time to wait, in milliseconds.
     *
     * @param attempt number of attempts that have failed in a row, from 1
     */
    long delayMillis(int attempt) {
        long full = Math.min(maxMillis, firstMillis << Math.min(attempt - 1, 30));
        return full - random.nextLong(full / 2 + 1);
    }
}
