package io.taxistream.local.batch;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Computes from a complete set of trips the documents that the search engine must hold once the pipeline has processed it.
 *
 * <p>Each trip must be added once. Not thread-safe.
 */
public final class BatchComputation {

    private static final long WINDOW_MILLIS = Duration.ofMinutes(10).toMillis();
    private static final Duration LONGEST_TRIP = Duration.ofHours(6);
    private static final String BASE_32 = "0123456789bcdefghjkmnpqrstuvwxyz";

    private final int minTrips;
    private final Map<String, Long> pickups = new HashMap<>();
    private final Map<String, Durations> durations = new HashMap<>();
    private Instant lastDropoff = Instant.MIN;
    private long trips;
    private long outsideArea;
    private long implausible;

    /** A position in degrees, WGS 84. */
    public record Point(double lat, double lon) {

        private boolean isInServiceArea() {
            return 40.40 <= lat && lat <= 41.15 && -74.55 <= lon && lon <= -73.45;
        }

        private @Nullable String airport() {
            if (40.6200 <= lat && lat <= 40.6650 && -73.8220 <= lon && lon <= -73.7450) {
                return "JFK";
            }
            if (40.7665 <= lat && lat <= 40.7880 && -73.8900 <= lon && lon <= -73.8550) {
                return "LGA";
            }
            return null;
        }

        /** Returns the geohash of six characters, found by halving the map fifteen times in each direction, longitude first. */
        private String geohash() {
            double south = -90;
            double north = 90;
            double west = -180;
            double east = 180;
            StringBuilder geohash = new StringBuilder();
            int character = 0;
            for (int bit = 0; bit < 30; bit++) {
                boolean upperHalf;
                if (bit % 2 == 0) {
                    double middle = (west + east) / 2;
                    upperHalf = lon >= middle;
                    west = upperHalf ? middle : west;
                    east = upperHalf ? east : middle;
                } else {
                    double middle = (south + north) / 2;
                    upperHalf = lat >= middle;
                    south = upperHalf ? middle : south;
                    north = upperHalf ? north : middle;
                }
                character = character * 2 + (upperHalf ? 1 : 0);
                if (bit % 5 == 4) {
                    geohash.append(BASE_32.charAt(character));
                    character = 0;
                }
            }
            return geohash.toString();
        }
    }

    private static final class Durations {
        private long trips;
        private long millis;
    }

    /** Creates a computation with the job's default settings. */
    public BatchComputation() {
        this(2);
    }

    /**
     * Creates a computation with the job's default settings except one.
     *
     * @param minTrips results with fewer trips are left out
     */
    public BatchComputation(int minTrips) {
        this.minTrips = minTrips;
    }

    /** Adds a trip. */
    public void add(Instant pickupTime, Instant dropoffTime, Point pickup, Point dropoff) {
        trips++;
        lastDropoff = dropoffTime.isAfter(lastDropoff) ? dropoffTime : lastDropoff;
        if (!isInServiceArea(pickup, dropoff)) {
            outsideArea++;
            return;
        }
        if (!isPlausible(pickupTime, dropoffTime)) {
            implausible++;
            return;
        }
        Duration duration = Duration.between(pickupTime, dropoffTime);
        long windowStart = Math.floorDiv(dropoffTime.toEpochMilli(), WINDOW_MILLIS) * WINDOW_MILLIS;
        long timestamp = windowStart + WINDOW_MILLIS - 1;
        String location = pickup.geohash();
        pickups.merge(location + "-" + timestamp, 1L, Long::sum);
        String airport = dropoff.airport();
        if (airport != null) {
            Durations sum =
                    durations.computeIfAbsent(location + "-" + airport + "-" + timestamp, id -> new Durations());
            sum.trips++;
            sum.millis += duration.toMillis();
        }
    }

    /** Whether such a trip is counted in results, unless it is late. */
    public static boolean counts(Instant pickupTime, Instant dropoffTime, Point pickup, Point dropoff) {
        return isInServiceArea(pickup, dropoff) && isPlausible(pickupTime, dropoffTime);
    }

    private static boolean isInServiceArea(Point pickup, Point dropoff) {
        return pickup.isInServiceArea() && dropoff.isInServiceArea();
    }

    private static boolean isPlausible(Instant pickupTime, Instant dropoffTime) {
        Duration duration = Duration.between(pickupTime, dropoffTime);
        return !duration.isNegative() && duration.compareTo(LONGEST_TRIP) <= 0;
    }

    /** Returns the latest drop-off; {@link Instant#MIN} without trips. */
    public Instant lastDropoff() {
        return lastDropoff;
    }

    /** Returns the number of trips added. */
    public long trips() {
        return trips;
    }

    /** Returns the number of trips left out because they do not begin and end in the service area. */
    public long outsideArea() {
        return outsideArea;
    }

    /** Returns the number of trips left out because they end before they begin or are too long. */
    public long implausible() {
        return implausible;
    }

    /** Returns the documents of the index of pick-up counts, fields by name, sorted by id. */
    public SortedMap<String, Map<String, Object>> pickupCounts() {
        SortedMap<String, Map<String, Object>> documents = new TreeMap<>();
        pickups.forEach((id, count) -> {
            if (count >= minTrips) {
                String[] parts = id.split("-", -1);
                documents.put(
                        id, Map.of("location", parts[0], "timestamp", Long.valueOf(parts[1]), "pickup_count", count));
            }
        });
        return documents;
    }

    /** Returns the documents of the index of trip durations, fields by name, sorted by id. */
    public SortedMap<String, Map<String, Object>> tripDurations() {
        SortedMap<String, Map<String, Object>> documents = new TreeMap<>();
        durations.forEach((id, sum) -> {
            if (sum.trips >= minTrips) {
                String[] parts = id.split("-", -1);
                double minutes = sum.millis / 60_000.0;
                documents.put(
                        id,
                        Map.of(
                                "location",
                                parts[0],
                                "airport_code",
                                parts[1],
                                "timestamp",
                                Long.valueOf(parts[2]),
                                "trip_count",
                                sum.trips,
                                "sum_trip_duration",
                                minutes,
                                "avg_trip_duration",
                                minutes / sum.trips));
            }
        });
        return documents;
    }
}
