package io.taxistream.embeddedkinesis;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * A fault with the operations, probability, maximum count and duration for which it is injected.
 *
 * <pre>{@code
 * FaultRule.of(new Fault.ServerError(500, true))
 *         .on(PUT_RECORD, PUT_RECORDS)
 *         .withProbability(0.2)
 *         .lasting(Duration.ofSeconds(30))
 * }</pre>
 *
 * @param fault fault to inject
 * @param operations affected operations
 * @param probability probability per call, 0 to 1
 * @param times maximum number of injections
 * @param duration time from the addition of the rule during which it applies
 */
public record FaultRule(
        Fault fault, Set<KinesisOperation> operations, double probability, long times, Duration duration) {

    private static final Set<KinesisOperation> SUBSCRIPTION_OPERATIONS = Set.of(KinesisOperation.SUBSCRIBE_TO_SHARD);
    private static final Duration UNLIMITED = Duration.ofDays(36_500);

    /**
     * @throws IllegalArgumentException if the probability is not 0 to 1, the count or the duration is negative, or a fault of
     *     subscriptions is combined with another operation
     */
    public FaultRule {
        operations = Set.copyOf(operations);
        if (fault instanceof Fault.SubscriptionFault && !SUBSCRIPTION_OPERATIONS.containsAll(operations)) {
            throw new IllegalArgumentException(fault + " applies to SubscribeToShard only, not to " + operations);
        }
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

    /** Returns a rule for every call that the fault can apply to; narrow it with the other methods. */
    public static FaultRule of(Fault fault) {
        return new FaultRule(
                fault,
                fault instanceof Fault.SubscriptionFault
                        ? SUBSCRIPTION_OPERATIONS
                        : EnumSet.allOf(KinesisOperation.class),
                1,
                Long.MAX_VALUE,
                UNLIMITED);
    }

    /** Returns a copy of this rule that is limited to these operations. */
    public FaultRule on(KinesisOperation first, KinesisOperation... more) {
        return new FaultRule(fault, EnumSet.of(first, more), probability, times, duration);
    }

    /** Returns a copy of this rule with a probability per call, 0 to 1. */
    public FaultRule withProbability(double newProbability) {
        return new FaultRule(fault, operations, newProbability, times, duration);
    }

    /** Returns a copy of this rule with a maximum number of injections. */
    public FaultRule times(long newTimes) {
        return new FaultRule(fault, operations, probability, newTimes, duration);
    }

    /** Returns a copy of this rule that is limited in time. */
    public FaultRule lasting(Duration newDuration) {
        return new FaultRule(fault, operations, probability, times, newDuration);
    }
}
