package io.taxistream.embeddedkinesis;

import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Injects faults by rules that can be added and removed while the endpoint is running. The first matching rule applies.
 * Thread-safe.
 *
 * <p>The same random seed and the same sequence of calls result in the same faults.
 */
public final class FaultRules implements FaultInjector {

    private final Clock clock;
    private final Random random;
    private final List<ActiveRule> active = new ArrayList<>();
    private final Map<KinesisOperation, Long> injected = new EnumMap<>(KinesisOperation.class);

    /**
     * @param clock determines when a rule expires
     * @param random decides whether a rule applies to a call
     */
    public FaultRules(Clock clock, Random random) {
        this.clock = clock;
        this.random = random;
    }

    /** Adds a rule after the existing ones. */
    public synchronized void add(FaultRule rule) {
        active.add(new ActiveRule(rule, clock.millis() + rule.duration().toMillis()));
    }

    /** Removes all rules. */
    public synchronized void clear() {
        active.clear();
    }

    /** Returns the number of injected faults by operation. */
    public synchronized Map<KinesisOperation, Long> injected() {
        return Map.copyOf(injected);
    }

    @Override
    public synchronized Optional<Fault> next(KinesisOperation operation) {
        long now = clock.millis();
        for (Iterator<ActiveRule> rules = active.iterator(); rules.hasNext(); ) {
            ActiveRule candidate = rules.next();
            if (now >= candidate.endMillis || candidate.timesLeft == 0) {
                rules.remove();
            } else if (candidate.rule.operations().contains(operation)
                    && random.nextDouble() < candidate.rule.probability()) {
                candidate.timesLeft--;
                injected.merge(operation, 1L, Long::sum);
                return Optional.of(candidate.rule.fault());
            }
        }
        return Optional.empty();
    }

    private static final class ActiveRule {

        private final FaultRule rule;
        private final long endMillis;
        private long timesLeft;

        ActiveRule(FaultRule rule, long endMillis) {
            this.rule = rule;
            this.endMillis = endMillis;
            this.timesLeft = rule.times();
        }
    }
}
