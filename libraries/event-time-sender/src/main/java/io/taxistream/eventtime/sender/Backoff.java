package io.taxistream.eventtime.sender;

import java.time.Duration;

/**
 * Exponential backoff: the delay doubles with each failure, up to a maximum.
 *
 * @param first delay after the first failure
 * @param longest maximum delay
 */
record Backoff(Duration first, Duration longest) {

    /** @param failures number of consecutive failures before this one */
    long nanos(int failures) {
        return Math.min(longest.toNanos(), first.toNanos() << Math.min(failures, 10));
    }
}
