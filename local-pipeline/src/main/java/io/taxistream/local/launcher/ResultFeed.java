package io.taxistream.local.launcher;

import static io.taxistream.local.services.JsonHttp.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.taxistream.local.page.TimeRange;
import io.taxistream.local.page.Timeline;
import io.taxistream.local.page.Timeline.Step;
import io.taxistream.local.page.Timeline.Trips;
import io.taxistream.local.services.SearchClient;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Answers the page's queries from the search engine, by aggregations whose size does not depend on the number of documents:
 * sums over the steps of a timeline and over the cells of the map. Caches only the timeline of the last query.
 */
final class ResultFeed {

    /** Requests in quicker succession share a result. */
    private static final Duration INTERVAL = Duration.ofMillis(500);

    /** The same until the first results are found; queries find nothing quickly. */
    private static final Duration FIRST_INTERVAL = Duration.ofMillis(100);

    /** Minimum pause after a timeline query, as a multiple of its duration. */
    private static final int PAUSE_PER_QUERY = 4;

    /** A search engine that does not answer for this long has failed rather than being busy. */
    private static final Duration NO_ANSWER_TIMEOUT = Duration.ofSeconds(30);

    /** More than the number of cells in the service area. */
    private static final int MAX_CELLS = 20_000;

    private static final int MAX_AIRPORTS = 10;
    private static final int GEOHASH_LENGTH = 6;

    private final SearchClient search;
    private final Clock clock;
    private final String mapIndex;
    private final String mapField;
    private final String durationIndex;
    private Timeline timeline = new Timeline();
    private Optional<TimeRange> range = Optional.empty();
    private Instant nextQuery = Instant.MIN;
    private Instant lastAnswer;

    /**
     * Creates a feed for the map and the chart.
     *
     * @param mapIndex index of the documents that the map draws
     * @param mapField numeric field drawn for each cell and window; the map truncates it to an integer
     * @param durationIndex index of the documents that the chart draws
     */
    ResultFeed(SearchClient search, Clock clock, String mapIndex, String mapField, String durationIndex) {
        this.search = search;
        this.clock = clock;
        this.mapIndex = mapIndex;
        this.mapField = mapField;
        this.durationIndex = durationIndex;
        this.lastAnswer = clock.instant();
    }

    /**
     * Returns the steps of the timeline that have changed since a version; see {@link Timeline#changedSince}.
     *
     * @param newRange empty for all results
     * @throws IOException if the search engine has not answered for longer than it may be busy
     */
    synchronized ObjectNode timeline(long version, Optional<TimeRange> newRange) throws IOException {
        boolean isOther = !newRange.equals(range);
        if (isOther) {
            range = newRange;
            timeline = new Timeline();
        }
        if (isOther || !clock.instant().isBefore(nextQuery)) {
            Instant start = clock.instant();
            query();
            nextQuery = clock.instant().plus(pauseAfter(Duration.between(start, clock.instant())));
        }
        return timeline.changedSince(isOther ? 0 : version);
    }

    private Duration pauseAfter(Duration query) {
        if (timeline.isEmpty()) {
            return FIRST_INTERVAL;
        }
        Duration pause = query.multipliedBy(PAUSE_PER_QUERY);
        return pause.compareTo(INTERVAL) > 0 ? pause : INTERVAL;
    }

    /**
     * Returns the map up to a window: {@code cells} (by geohash, totals over the windows) and {@code durations} of the last
     * window (trips and their total minutes, by airport and cell).
     *
     * @param timestamp timestamp of the last window
     * @param windows number of windows, 0 for all of them
     */
    ObjectNode map(long timestamp, int windows) throws IOException {
        long after = windows == 0 ? Long.MIN_VALUE : timestamp - windows * Timeline.WINDOW.toMillis();
        ObjectNode query = aggregation(new TimeRange(after + 1, timestamp));
        ObjectNode grid = query.withObject("/aggs").putObject("cells");
        grid.putObject("geohash_grid")
                .put("field", "location")
                .put("precision", GEOHASH_LENGTH)
                .put("size", MAX_CELLS);
        grid.putObject("aggs").putObject("sum").putObject("sum").put("field", mapField);

        ObjectNode json = JSON.createObjectNode();
        ObjectNode cells = json.putObject("cells");
        for (JsonNode cell : search.search(mapIndex, query).at("/aggregations/cells/buckets")) {
            cells.put(cell.get("key").textValue(), cell.at("/sum/value").longValue());
        }
        ObjectNode durations = json.putObject("durations");
        ObjectNode lastWindow = JSON.createObjectNode();
        lastWindow.putObject("term").put("timestamp", timestamp);
        search.forEachDocument(
                durationIndex,
                lastWindow,
                (id, document) -> durations
                        .withObject("/" + document.get("airport_code").textValue())
                        .putArray(document.get("location").textValue())
                        .add(document.get("trip_count").longValue())
                        .add(document.get("sum_trip_duration").doubleValue()));
        return json;
    }

    private void query() throws IOException {
        try {
            read();
            lastAnswer = clock.instant();
        } catch (IOException e) {
            // A new index cannot be searched for a moment: keep the last result until the next query.
            if (clock.instant().isAfter(lastAnswer.plus(NO_ANSWER_TIMEOUT))) {
                throw e;
            }
        }
    }

    private void read() throws IOException {
        ObjectNode limits = aggregation(range.orElse(TimeRange.ALL));
        limits.withObject("/aggs").putObject("first").putObject("min").put("field", "timestamp");
        limits.withObject("/aggs").putObject("last").putObject("max").put("field", "timestamp");
        JsonNode found = search.search(mapIndex + "," + durationIndex, limits);
        JsonNode first = found.at("/aggregations/first/value");
        if (!first.isNumber()) {
            return;
        }
        long firstTimestamp = first.longValue();
        long lastTimestamp = found.at("/aggregations/last/value").longValue();
        Duration step = Timeline.stepFor(firstTimestamp, lastTimestamp);
        TimeRange known = new TimeRange(firstTimestamp, lastTimestamp);
        Map<Long, Step> steps = new HashMap<>();
        readPickups(known, step, steps);
        readDurations(known, step, steps);
        timeline.update(step, steps);
    }

    private void readPickups(TimeRange known, Duration step, Map<Long, Step> steps) throws IOException {
        ObjectNode query = aggregation(known);
        ObjectNode inStep = histogram(query, step);
        inStep.putObject("pickups").putObject("sum").put("field", mapField);
        for (JsonNode bucket : search.search(mapIndex, query).at("/aggregations/steps/buckets")) {
            add(steps, bucket, bucket.at("/pickups/value").doubleValue(), Map.of());
        }
    }

    private void readDurations(TimeRange known, Duration step, Map<Long, Step> steps) throws IOException {
        ObjectNode query = aggregation(known);
        ObjectNode airports = histogram(query, step).putObject("airports");
        airports.putObject("terms").put("field", "airport_code").put("size", MAX_AIRPORTS);
        ObjectNode sums = airports.putObject("aggs");
        sums.putObject("trips").putObject("sum").put("field", "trip_count");
        sums.putObject("minutes").putObject("sum").put("field", "sum_trip_duration");
        for (JsonNode bucket : search.search(durationIndex, query).at("/aggregations/steps/buckets")) {
            Map<String, Trips> byAirport = new HashMap<>();
            for (JsonNode airport : bucket.at("/airports/buckets")) {
                byAirport.put(
                        airport.get("key").textValue(),
                        new Trips(
                                airport.at("/trips/value").longValue(),
                                airport.at("/minutes/value").doubleValue()));
            }
            add(steps, bucket, 0, byAirport);
        }
    }

    private static void add(Map<Long, Step> steps, JsonNode bucket, double pickups, Map<String, Trips> airports) {
        Step step = new Step(bucket.at("/last/value").longValue(), pickups, airports);
        steps.merge(bucket.get("key").longValue(), step, Step::plus);
    }

    /** Returns a search that returns no documents, only aggregations over those in a range. */
    private static ObjectNode aggregation(TimeRange range) {
        ObjectNode search = JSON.createObjectNode().put("size", 0);
        search.putObject("query")
                .putObject("range")
                .putObject("timestamp")
                .put("gte", range.firstTimestamp())
                .put("lte", range.lastTimestamp());
        search.putObject("aggs");
        return search;
    }

    /** Adds a bucket for each step, with its latest timestamp; returns the node for further sub-aggregations. */
    private static ObjectNode histogram(ObjectNode search, Duration step) {
        ObjectNode steps = search.withObject("/aggs").putObject("steps");
        steps.putObject("date_histogram")
                .put("field", "timestamp")
                .put("fixed_interval", step.toMillis() + "ms")
                .put("min_doc_count", 1);
        ObjectNode inStep = steps.putObject("aggs");
        inStep.putObject("last").putObject("max").put("field", "timestamp");
        return inStep;
    }
}
