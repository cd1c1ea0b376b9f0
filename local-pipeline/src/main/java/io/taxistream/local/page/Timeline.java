package io.taxistream.local.page;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Results over event time in steps of equal length: a window, or as many windows as it takes to limit the number of steps. Each
 * step has the version of its last change, so that a page receives changed steps only. Thread-safe.
 */
public final class Timeline {

    /** Maximum number of steps, whatever the range. */
    public static final int MAX_STEPS = 1_500;

    /** Length of the job's windows. */
    public static final Duration WINDOW = Duration.ofMinutes(10);

    /** Possible lengths of a step in windows: 10 minutes, 30 minutes, 1, 3, 6 hours, 1 day, 1 week. */
    private static final int[] WINDOWS_PER_STEP = {1, 3, 6, 18, 36, 144, 1_008};

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Trips to an airport.
     *
     * @param minutes total duration of the trips
     */
    public record Trips(long trips, double minutes) {}

    /**
     * Results of a step.
     *
     * @param lastTimestamp timestamp of the latest window with results in the step, milliseconds since the epoch: its end - 1
     * @param pickups sum of the map's field over cells and windows
     * @param airports trips by airport code
     */
    public record Step(long lastTimestamp, double pickups, Map<String, Trips> airports) {

        /** Copies the map. */
        public Step {
            airports = Map.copyOf(airports);
        }

        /** Merges the results of the same step from another index. */
        public Step plus(Step other) {
            Map<String, Trips> all = new HashMap<>(airports);
            all.putAll(other.airports);
            return new Step(Math.max(lastTimestamp, other.lastTimestamp), pickups + other.pickups, all);
        }
    }

    private record Versioned(Step step, long version) {}

    private final SortedMap<Long, Versioned> steps = new TreeMap<>();
    private Duration stepLength = WINDOW;
    private long reset;
    private long version;

    /** Returns the shortest step that covers a range of timestamps with at most {@link #MAX_STEPS} steps. */
    public static Duration stepFor(long firstTimestamp, long lastTimestamp) {
        Duration longest = WINDOW;
        for (int windows : WINDOWS_PER_STEP) {
            longest = WINDOW.multipliedBy(windows);
            if (stepsIn(firstTimestamp, lastTimestamp, longest) <= MAX_STEPS) {
                return longest;
            }
        }
        while (stepsIn(firstTimestamp, lastTimestamp, longest) > MAX_STEPS) {
            longest = longest.multipliedBy(2);
        }
        return longest;
    }

    private static long stepsIn(long firstTimestamp, long lastTimestamp, Duration step) {
        return Math.floorDiv(lastTimestamp, step.toMillis()) - Math.floorDiv(firstTimestamp, step.toMillis()) + 1;
    }

    /** Whether there are no results. */
    public synchronized boolean isEmpty() {
        return steps.isEmpty();
    }

    /**
     * Replaces all steps.
     *
     * @param newSteps steps by start time, milliseconds since the epoch
     */
    public synchronized void update(Duration newStepLength, Map<Long, Step> newSteps) {
        version++;
        if (!newStepLength.equals(stepLength) || !newSteps.keySet().containsAll(steps.keySet())) {
            stepLength = newStepLength;
            steps.clear();
            reset = version;
        }
        newSteps.forEach((start, step) -> {
            Versioned before = steps.get(start);
            if (before == null || !before.step().equals(step)) {
                steps.put(start, new Versioned(step, version));
            }
        });
    }

    /**
     * Returns the changes since a version: {@code version} (of this answer), {@code step} (length, milliseconds), {@code reset}
     * (whether to discard the steps known so far) and {@code steps} by ascending time, each with {@code start} (epoch
     * milliseconds), {@code timestamp} (of its latest window: its end - 1), {@code pickups} and {@code airports} (trips and
     * their total minutes, by code). Returns all steps for a version unknown to this run.
     */
    public synchronized ObjectNode changedSince(long knownVersion) {
        boolean isReset = knownVersion > version || knownVersion < reset || knownVersion == 0;
        ObjectNode json = JSON.createObjectNode()
                .put("version", version)
                .put("step", stepLength.toMillis())
                .put("reset", isReset);
        ArrayNode changed = json.putArray("steps");
        steps.forEach((start, versioned) -> {
            if (isReset || versioned.version() > knownVersion) {
                add(changed.addObject().put("start", start), versioned.step());
            }
        });
        return json;
    }

    private static void add(ObjectNode json, Step step) {
        json.put("timestamp", step.lastTimestamp()).put("pickups", Math.round(step.pickups()));
        ObjectNode airports = json.putObject("airports");
        new TreeMap<>(step.airports())
                .forEach((code, trips) ->
                        airports.putArray(code).add(trips.trips()).add(trips.minutes()));
    }
}
