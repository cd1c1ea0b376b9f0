package io.taxistream.local.faults;

import java.time.Duration;

/**
 * When a fault happens: to which requests, how likely, how often at most, and for how long.
 *
 * <pre>{@code
 * SearchFaultRule.onBulks(new SearchFault.Status(429, false)).withProbability(0.3).lasting(Duration.ofSeconds(20))
 * }</pre>
 *
 * @param fault what happens
 * @param bulksOnly whether it happens to bulk requests only
 * @param probability of it in one request, 0 to 1
 * @param times how often it happens at most
 * @param duration how long it may happen, from the moment that the rule is added
 */
public record SearchFaultRule(SearchFault fault, boolean bulksOnly, double probability, long times, Duration duration) {

    private static final Duration FOR_EVER = Duration.ofDays(36_500);

    /** @throws IllegalArgumentException if the probability is not 0 to 1, or the count or the time is negative */
    public SearchFaultRule {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("the probability of a fault must be 0 to 1, but is " + probability);
        }
        if (times < 0) {
            throw new IllegalArgumentException("the times that a fault happens must be 0 or more, but are " + times);
        }
        if (duration.isNegative()) {
            throw new IllegalArgumentException("the duration of a fault must not be negative, but is " + duration);
        }
    }

    /** A fault of every bulk request, until it is narrowed down. */
    public static SearchFaultRule onBulks(SearchFault fault) {
        return new SearchFaultRule(fault, true, 1, Long.MAX_VALUE, FOR_EVER);
    }

    /** A fault of every request, until it is narrowed down. */
    public static SearchFaultRule onAll(SearchFault fault) {
        return new SearchFaultRule(fault, false, 1, Long.MAX_VALUE, FOR_EVER);
    }

    /** The same with a probability of 0 to 1 in each request. */
    public SearchFaultRule withProbability(double newProbability) {
        return new SearchFaultRule(fault, bulksOnly, newProbability, times, duration);
    }

    /** The same, but so many times at most. */
    public SearchFaultRule times(long newTimes) {
        return new SearchFaultRule(fault, bulksOnly, probability, newTimes, duration);
    }

    /** The same, but only for a time. */
    public SearchFaultRule lasting(Duration newDuration) {
        return new SearchFaultRule(fault, bulksOnly, probability, times, newDuration);
    }
}
