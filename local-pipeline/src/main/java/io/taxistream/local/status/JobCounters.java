package io.taxistream.local.status;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Adds up the job's counters over its attempts. Flink's counters start at zero whenever the job restarts, and the job then
 * rereads from its last checkpoint; the totals therefore continue from the values at that checkpoint. These are known only as
 * of the last update before it, so totals are estimates once the job has restarted. Not thread-safe.
 */
public final class JobCounters {

    /** Maximum number of updates after a restart for which Flink may report the previous attempt's counters. */
    private static final int MAX_STALE_UPDATES = 12;

    private final Map<String, Long> base = new HashMap<>();
    private final Map<String, Long> atCheckpoint = new HashMap<>();
    private Map<String, Long> latest = Map.of();
    private Map<String, Long> stale = Map.of();
    private int staleUpdatesLeft;
    private String attempt = "";
    private long checkpoints;
    private boolean exact = true;

    /**
     * Updates the counters.
     *
     * @param newAttempt name of the job's current attempt
     * @param restored whether a new attempt continues from a savepoint that includes everything counted so far, rather than
     *     from the last checkpoint
     * @param completedCheckpoints number of completed checkpoints of this attempt's job
     * @param counters counters by name, without those that the attempt does not report yet
     */
    public void update(String newAttempt, boolean restored, long completedCheckpoints, Map<String, Long> counters) {
        if (!newAttempt.equals(attempt)) {
            begin(newAttempt, restored, completedCheckpoints);
        }
        if (staleUpdatesLeft > 0 && counters.entrySet().stream().anyMatch(this::isStale)) {
            staleUpdatesLeft--;
            return;
        }
        staleUpdatesLeft = 0;
        latest = Map.copyOf(counters);
        if (completedCheckpoints != checkpoints) {
            checkpoints = completedCheckpoints;
            atCheckpoint.clear();
            atCheckpoint.putAll(totals());
        }
    }

    private void begin(String newAttempt, boolean restored, long completedCheckpoints) {
        if (!attempt.isEmpty()) {
            exact = false;
            Map<String, Long> start = Map.copyOf(restored ? totals() : atCheckpoint);
            base.clear();
            base.putAll(start);
            atCheckpoint.clear();
            atCheckpoint.putAll(start);
            checkpoints = completedCheckpoints;
            stale = latest;
            staleUpdatesLeft = restored ? 0 : MAX_STALE_UPDATES;
        }
        attempt = newAttempt;
        latest = Map.of();
    }

    private boolean isStale(Map.Entry<String, Long> counter) {
        long before = stale.getOrDefault(counter.getKey(), 0L);
        return before > 0 && counter.getValue() >= before;
    }

    /** Whether the totals are exact because the job has not restarted. */
    public boolean areExact() {
        return exact;
    }

    /** Returns the total of a counter; empty if no attempt has reported it. */
    public OptionalLong total(String name) {
        Long total = totals().get(name);
        return total == null ? OptionalLong.empty() : OptionalLong.of(total);
    }

    private Map<String, Long> totals() {
        Map<String, Long> totals = new HashMap<>(base);
        latest.forEach((name, count) -> totals.merge(name, count, Long::sum));
        return totals;
    }
}
