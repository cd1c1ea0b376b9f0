package io.taxistream.local.page;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * The results of the latest windows as the search engine holds them, with the version at which each was last read, so that
 * a page is sent only what it does not have. Bounded. Thread-safe.
 *
 * <p>Whether a window must be read again is told by its {@link Sums}: whoever feeds this asks the search engine for the
 * sums of all windows, and for the documents of those windows only whose sums have changed.
 */
public final class ResultWindows {

    /** So many windows are kept: a week of ten minutes each. */
    public static final int CAPACITY = 7 * 24 * 6;

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * The sums of a window's documents of both kinds; documents that are the same have the same sums.
     *
     * @param documents how many they are
     * @param trips their trips: those that started, and those to an airport
     * @param minutes of the trips to an airport
     */
    public record Sums(long documents, long trips, double minutes) {

        /** No documents. */
        public static final Sums NONE = new Sums(0, 0, 0);

        /** These and others. */
        public Sums plus(Sums others) {
            return new Sums(documents + others.documents, trips + others.trips, minutes + others.minutes);
        }
    }

    /** The documents of one window. Not thread-safe; not to be changed after it was handed on. */
    public static final class Window {

        private final Map<String, Long> pickups = new TreeMap<>();
        private final Map<String, Map<String, Duration>> durations = new TreeMap<>();

        private record Duration(long trips, double minutes) {}

        /** Adds a pick-up document: trips that started in a geohash cell. */
        public void addPickups(String cell, long trips) {
            pickups.put(cell, trips);
        }

        /** Adds a trip-duration document: trips from a geohash cell to an airport, and their minutes together. */
        public void addDuration(String airport, String cell, long trips, double minutes) {
            durations.computeIfAbsent(airport, code -> new TreeMap<>()).put(cell, new Duration(trips, minutes));
        }
    }

    private record Held(Sums sums, long version, Window window) {}

    private final NavigableMap<Long, Held> windows = new TreeMap<>();
    private long version;

    /**
     * The windows that must be read again, named by the timestamp of their documents.
     *
     * @param current sums of all windows that the search engine holds, or of the latest
     */
    public synchronized Set<Long> outdated(Map<Long, Sums> current) {
        Set<Long> outdated = new HashSet<>();
        current.forEach((timestamp, sums) -> {
            Held held = windows.get(timestamp);
            if (held == null || !held.sums().equals(sums)) {
                outdated.add(timestamp);
            }
        });
        return outdated;
    }

    /**
     * Puts windows that were read in the place of what was known of them, and forgets the oldest beyond {@link #CAPACITY}.
     *
     * @param current what {@link #outdated} was told
     * @param read the documents of the windows that it answered; a window that is missing has none any more
     */
    public synchronized void update(Map<Long, Sums> current, Collection<Long> outdated, Map<Long, Window> read) {
        if (outdated.isEmpty()) {
            return;
        }
        version++;
        for (long timestamp : outdated) {
            Window window = read.getOrDefault(timestamp, new Window());
            windows.put(timestamp, new Held(current.get(timestamp), version, window));
        }
        while (windows.size() > CAPACITY) {
            windows.pollFirstEntry();
        }
    }

    /**
     * What has changed since a version: {@code version} (of this answer), {@code first} (timestamp of the oldest window
     * kept, or null), {@code windows} by ascending time, each with {@code timestamp} (epoch milliseconds, the window's end
     * - 1), {@code pickups} (trips by geohash cell) and {@code durations} (by airport and cell: trips, and their minutes
     * together). A version that this run never had stands for none.
     */
    public synchronized ObjectNode changedSince(long knownVersion) {
        long known = knownVersion > version ? 0 : knownVersion;
        ObjectNode json = JSON.createObjectNode().put("version", version);
        json.put("first", windows.isEmpty() ? null : windows.firstKey());
        ArrayNode changed = json.putArray("windows");
        windows.forEach((timestamp, held) -> {
            if (held.version() > known) {
                add(changed.addObject().put("timestamp", timestamp), held.window());
            }
        });
        return json;
    }

    private static void add(ObjectNode json, Window window) {
        ObjectNode pickups = json.putObject("pickups");
        window.pickups.forEach(pickups::put);
        ObjectNode durations = json.putObject("durations");
        window.durations.forEach((airport, cells) -> {
            ObjectNode airportJson = durations.putObject(airport);
            cells.forEach((cell, duration) ->
                    airportJson.putArray(cell).add(duration.trips()).add(duration.minutes()));
        });
    }

    /** The sums of both kinds of documents together. */
    public static Map<Long, Sums> together(Map<Long, Sums> some, Map<Long, Sums> others) {
        Map<Long, Sums> all = new HashMap<>(some);
        others.forEach((timestamp, sums) -> all.merge(timestamp, sums, Sums::plus));
        return all;
    }
}
