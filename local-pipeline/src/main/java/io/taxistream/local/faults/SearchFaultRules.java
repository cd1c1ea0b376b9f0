package io.taxistream.local.faults;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/** Rules in force; the first one that strikes applies. Thread-safe. */
final class SearchFaultRules {

    private final Clock clock;
    private final Random random;
    private final List<ActiveRule> active = new ArrayList<>();
    private final Map<String, Long> injected = new TreeMap<>();

    SearchFaultRules(Clock clock, Random random) {
        this.clock = clock;
        this.random = random;
    }

    synchronized void add(SearchFaultRule rule) {
        active.add(new ActiveRule(rule, clock.millis() + rule.duration().toMillis()));
    }

    synchronized void clear() {
        active.clear();
    }

    synchronized Map<String, Long> injected() {
        return Map.copyOf(injected);
    }

    synchronized void count(String faultName) {
        injected.merge(faultName, 1L, Long::sum);
    }

    synchronized Optional<SearchFault> next(boolean bulk) {
        long now = clock.millis();
        for (Iterator<ActiveRule> rules = active.iterator(); rules.hasNext(); ) {
            ActiveRule candidate = rules.next();
            if (now >= candidate.endMillis || candidate.timesLeft == 0) {
                rules.remove();
            } else if ((bulk || !candidate.rule.bulksOnly()) && random.nextDouble() < candidate.rule.probability()) {
                candidate.timesLeft--;
                SearchFault fault = candidate.rule.fault();
                count(fault.getClass().getSimpleName());
                return Optional.of(fault);
            }
        }
        return Optional.empty();
    }

    private static final class ActiveRule {

        private final SearchFaultRule rule;
        private final long endMillis;
        private long timesLeft;

        ActiveRule(SearchFaultRule rule, long endMillis) {
            this.rule = rule;
            this.endMillis = endMillis;
            this.timesLeft = rule.times();
        }
    }
}
