package io.taxistream.embeddedkinesis;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * A fault with the operations, probability, maximum count and time for which it happens.
 *
 * <pre>{@code
 * FaultRule.of(new Fault.ServerError(500, true)).on(PUT_RECORD, PUT_RECORDS).withProbability(0.2).lasting(Duration.ofSeconds(30))
 * }</pre>
 *
 * @param fault what happens
 * @param operations the operations that it happens to
 * @param probability of it in one call, 0 to 1
 * @param times maximum number of times that it happens
 * @param duration how long it may happen, from when the rule is added
 */
public record FaultRule(
        Fault fault, Set<KinesisOperation> operations, double probability, long times, Duration duration) {

    private static final Set<KinesisOperation> OF_SUBSCRIPTIONS = Set.of(KinesisOperation.SUBSCRIBE_TO_SHARD);
    private static final Duration UNLIMITED = Duration.ofDays(36_500);

    /**
     * @throws IllegalArgumentException if the probability is not 0 to 1, the count or the time is negative, or a fault of
     *     subscriptions is to happen to another operation
     */
    public FaultRule {
        operations = Set.copyOf(operations);
        if (fault instanceof Fault.OfSubscription && !OF_SUBSCRIPTIONS.containsAll(operations)) {
            throw new IllegalArgumentException(fault + " can happen to SubscribeToShard only, not to " + operations);
        }
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

    /** Returns a rule for every call that the fault can happen to, to be narrowed. */
    public static FaultRule of(Fault fault) {
        return new FaultRule(
                fault,
                fault instanceof Fault.OfSubscription ? OF_SUBSCRIPTIONS : EnumSet.allOf(KinesisOperation.class),
                1,
                Long.MAX_VALUE,
                UNLIMITED);
    }

    /** Returns this rule for these operations only. */
    public FaultRule on(KinesisOperation first, KinesisOperation... more) {
        return new FaultRule(fault, EnumSet.of(first, more), probability, times, duration);
    }

    /** Returns this rule with a probability per call, 0 to 1. */
    public FaultRule withProbability(double newProbability) {
        return new FaultRule(fault, operations, newProbability, times, duration);
    }

    /** Returns this rule with a maximum number of times. */
    public FaultRule times(long newTimes) {
        return new FaultRule(fault, operations, probability, newTimes, duration);
    }

    /** Returns this rule for a limited time. */
    public FaultRule lasting(Duration newDuration) {
        return new FaultRule(fault, operations, probability, times, newDuration);
    }
}
