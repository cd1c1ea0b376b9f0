package io.taxistream.embeddedkinesis;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * When a fault happens: to which operations, how likely, how often at most, and for how long.
 *
 * <pre>{@code
 * FaultRule.of(new Fault.ServerError(500, true)).on(PUT_RECORD, PUT_RECORDS).withProbability(0.2).lasting(Duration.ofSeconds(30))
 * }</pre>
 *
 * @param fault what happens
 * @param operations the operations that it happens to
 * @param probability of it in one call, 0 to 1
 * @param times how often it happens at most
 * @param duration how long it may happen, from the moment that the rule is added
 */
public record FaultRule(
        Fault fault, Set<KinesisOperation> operations, double probability, long times, Duration duration) {

    private static final Duration FOR_EVER = Duration.ofDays(36_500);

    /** @throws IllegalArgumentException if the probability is not 0 to 1, or the count or the time is negative */
    public FaultRule {
        operations = Set.copyOf(operations);
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

    /** A fault of every call of every operation, until it is narrowed down. */
    public static FaultRule of(Fault fault) {
        return new FaultRule(fault, EnumSet.allOf(KinesisOperation.class), 1, Long.MAX_VALUE, FOR_EVER);
    }

    /** The same for these operations only. */
    public FaultRule on(KinesisOperation first, KinesisOperation... more) {
        return new FaultRule(fault, EnumSet.of(first, more), probability, times, duration);
    }

    /** The same with a probability of 0 to 1 in each call. */
    public FaultRule withProbability(double newProbability) {
        return new FaultRule(fault, operations, newProbability, times, duration);
    }

    /** The same, but so many times at most. */
    public FaultRule times(long newTimes) {
        return new FaultRule(fault, operations, probability, newTimes, duration);
    }

    /** The same, but only for a time. */
    public FaultRule lasting(Duration newDuration) {
        return new FaultRule(fault, operations, probability, times, newDuration);
    }
}
