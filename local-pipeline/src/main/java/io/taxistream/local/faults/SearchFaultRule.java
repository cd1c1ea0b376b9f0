package io.taxistream.local.faults;

import java.time.Duration;

/**
 * When a fault occurs: for which requests, with which probability, how many times at most, and for how long.
 *
 * <pre>{@code
 * SearchFaultRule.onBulks(new SearchFault.Status(429, false)).withProbability(0.3).lasting(Duration.ofSeconds(20))
 * }</pre>
 *
 * @param fault fault to inject
 * @param bulksOnly whether it applies to bulk requests only
 * @param probability probability per request, 0 to 1
 * @param times maximum number of occurrences
 * @param duration lifetime of the rule, from the moment it is added
 */
public record SearchFaultRule(SearchFault fault, boolean bulksOnly, double probability, long times, Duration duration) {

    private static final Duration UNLIMITED_DURATION = Duration.ofDays(36_500);

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the probability is not 0 to 1, or the count or the time is negative
     */
    public SearchFaultRule {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("probability must be 0 to 1, but is " + probability);
        }
        if (times < 0) {
            throw new IllegalArgumentException("times must be 0 or more, but is " + times);
        }
        if (duration.isNegative()) {
            throw new IllegalArgumentException("duration must not be negative, but is " + duration);
        }
    }

    /** Creates a rule for every bulk request, without limits. */
    public static SearchFaultRule onBulks(SearchFault fault) {
        return new SearchFaultRule(fault, true, 1, Long.MAX_VALUE, UNLIMITED_DURATION);
    }

    /** Creates a rule for every request, without limits. */
    public static SearchFaultRule onAll(SearchFault fault) {
        return new SearchFaultRule(fault, false, 1, Long.MAX_VALUE, UNLIMITED_DURATION);
    }

    /** Returns this rule with a probability of 0 to 1 per request. */
    public SearchFaultRule withProbability(double newProbability) {
        return new SearchFaultRule(fault, bulksOnly, newProbability, times, duration);
    }

    /** Returns this rule with a maximum number of occurrences. */
    public SearchFaultRule times(long newTimes) {
        return new SearchFaultRule(fault, bulksOnly, probability, newTimes, duration);
    }

    /** Returns this rule with a limited lifetime. */
    public SearchFaultRule lasting(Duration newDuration) {
        return new SearchFaultRule(fault, bulksOnly, probability, times, newDuration);
    }
}
