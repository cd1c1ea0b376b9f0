package io.taxistream.eventtime.source;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential backoff with jitter: the delay doubles with each attempt up to a maximum and is then reduced by up to half at
 * random, so that many callers do not retry at the same time.
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
     * Returns the delay in milliseconds.
     *
     * @param attempt number of consecutive failed attempts, from 1
     */
    long delayMillis(int attempt) {
        long full = Math.min(maxMillis, firstMillis << Math.min(attempt - 1, 30));
        return full - random.nextLong(full / 2 + 1);
    }
}
