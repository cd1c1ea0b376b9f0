package io.taxistream.eventtime.sender;

import java.time.Duration;

/**
 * How long to wait before a failed call is made again: doubled with each failure up to a maximum.
 *
 * @param first wait after the first failure
 * @param longest maximum wait
 */
record Backoff(Duration first, Duration longest) {

    /** @param failures failures in a row before this one */
    long nanos(int failures) {
        return Math.min(longest.toNanos(), first.toNanos() << Math.min(failures, 10));
    }
}
