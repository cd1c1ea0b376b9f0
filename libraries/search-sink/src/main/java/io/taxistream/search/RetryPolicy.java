package io.taxistream.search;

import java.io.Serializable;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How long to wait before what failed is sent again: twice as long each time, up to a limit, with up to half of the wait
 * taken off by chance so that the writers of a job do not come back all at once.
 *
 * @param firstDelay wait after the first failure
 * @param maxDelay longest wait; a checkpoint may have to wait as long
 * @param timeout how long after its first failure a document is given up and the job fails
 */
record RetryPolicy(Duration firstDelay, Duration maxDelay, Duration timeout) implements Serializable {

    private static final int MAX_DOUBLINGS = 30;

    /**
     * Milliseconds to wait, at least 1.
     *
     * @param failures how often it failed so far, at least 1
     * @param random gives numbers from 0 (inclusive) to 1 (exclusive)
     */
    long delayMillis(int failures, DoubleSupplier random) {
        long doubled = firstDelay.toMillis() << Math.min(failures - 1, MAX_DOUBLINGS);
        long longest = Math.min(doubled, maxDelay.toMillis());
        return Math.max(1, Math.round(longest * (1 - random.getAsDouble() / 2)));
    }
}
