package io.taxistream.local.launcher;

import static io.taxistream.local.services.JsonHttp.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.taxistream.local.page.ResultWindows;
import io.taxistream.local.page.ResultWindows.Sums;
import io.taxistream.local.page.ResultWindows.Window;
import io.taxistream.local.services.SearchClient;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Brings the documents of the search engine to the page, when it asks: the sums of each window at every look, and the
 * documents of a window when its sums have changed.
 */
public final class ResultFeed {

    /** Looks that follow each other more closely answer what the one before has read. */
    private static final Duration INTERVAL = Duration.ofMillis(500);

    /** A search engine that does not answer for so long is more than busy. */
    private static final Duration SILENCE_LIMIT = Duration.ofSeconds(30);

    private final SearchClient search;
    private final Clock clock;
    private final String mapIndex;
    private final String mapField;
    private final String durationIndex;
    private final ResultWindows windows = new ResultWindows();
    private Instant nextLook = Instant.MIN;
    private Instant lastAnswer;

    /**
     * A feed of two pictures.
     *
     * @param mapIndex documents of what the map draws
     * @param mapField their number for a cell and window; the map draws it without its fraction
     * @param durationIndex documents of what the chart draws
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
     * The windows that have changed since a version; see {@link ResultWindows#changedSince}.
     *
     * @throws IOException if the search engine has not answered for longer than it may be busy
     */
    synchronized ObjectNode changedSince(long version) throws IOException {
        if (!clock.instant().isBefore(nextLook)) {
            look();
            nextLook = clock.instant().plus(INTERVAL);
        }
        return windows.changedSince(version);
    }

    private void look() throws IOException {
        try {
            read();
            lastAnswer = clock.instant();
        } catch (IOException e) {
            // An index that was just created has no shard to search for a moment: what is known stands until the next
            // look.
            if (clock.instant().isAfter(lastAnswer.plus(SILENCE_LIMIT))) {
                throw e;
            }
        }
    }

    private void read() throws IOException {
        Map<Long, Sums> current = ResultWindows.together(
                sums(mapIndex, mapField, mapField, 0), sums(durationIndex, "trip_count", "sum_trip_duration", 1));
        Set<Long> outdated = windows.outdated(current);
        if (outdated.isEmpty()) {
            return;
        }
        Map<Long, Window> read = new HashMap<>();
        ObjectNode query = JSON.createObjectNode();
        var timestamps = query.putObject("terms").putArray("timestamp");
        outdated.forEach(timestamps::add);
        search.forEachDocument(
                mapIndex,
                query,
                (id, document) -> window(read, document)
                        .addPickups(
                                document.get("location").textValue(),
                                document.get(mapField).longValue()));
        search.forEachDocument(
                durationIndex,
                query,
                (id, document) -> window(read, document)
                        .addDuration(
                                document.get("airport_code").textValue(),
                                document.get("location").textValue(),
                                document.get("trip_count").longValue(),
                                document.get("sum_trip_duration").doubleValue()));
        windows.update(current, outdated, read);
    }

    private static Window window(Map<Long, Window> windows, JsonNode document) {
        return windows.computeIfAbsent(document.get("timestamp").longValue(), timestamp -> new Window());
    }

    /** The sums of the latest windows of an index, by timestamp. */
    private Map<Long, Sums> sums(String index, String trips, String minutes, int minutesFactor) throws IOException {
        ObjectNode search = JSON.createObjectNode().put("size", 0);
        ObjectNode byWindow = search.putObject("aggs").putObject("windows");
        ObjectNode terms = byWindow.putObject("terms");
        terms.put("field", "timestamp").put("size", ResultWindows.CAPACITY);
        terms.putObject("order").put("_key", "desc");
        ObjectNode inWindow = byWindow.putObject("aggs");
        inWindow.putObject("trips").putObject("sum").put("field", trips);
        inWindow.putObject("minutes").putObject("sum").put("field", minutes);
        Map<Long, Sums> sums = new HashMap<>();
        for (JsonNode bucket : this.search.search(index, search).at("/aggregations/windows/buckets")) {
            sums.put(
                    bucket.get("key").longValue(),
                    new Sums(
                            bucket.get("doc_count").longValue(),
                            bucket.at("/trips/value").longValue(),
                            minutesFactor * bucket.at("/minutes/value").doubleValue()));
        }
        return sums;
    }
}
