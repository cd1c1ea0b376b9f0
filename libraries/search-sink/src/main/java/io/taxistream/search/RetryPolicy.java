package io.taxistream.search;

import java.io.Serializable;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * Exponential backoff with jitter: the delay doubles with each failure up to a maximum and is then reduced by up to half at
 * random, so that the writers of a job do not retry simultaneously.
 *
 * @param firstDelay delay after the first failure
 * @param maxDelay maximum delay; may delay a checkpoint by the same time
 * @param timeout time after the first failure of a document at which it is given up and the job fails
 */
record RetryPolicy(Duration firstDelay, Duration maxDelay, Duration timeout) implements Serializable {

    private static final int MAX_DOUBLINGS = 30;

    /**
     * Returns the delay in milliseconds, at least 1.
     *
     * @param failures number of failures so far, at least 1
     * @param random returns numbers from 0 (inclusive) to 1 (exclusive)
     */
    long delayMillis(int failures, DoubleSupplier random) {
        long doubled = firstDelay.toMillis() << Math.min(failures - 1, MAX_DOUBLINGS);
        long longest = Math.min(doubled, maxDelay.toMillis());
        return Math.max(1, Math.round(longest * (1 - random.getAsDouble() / 2)));
    }
}
