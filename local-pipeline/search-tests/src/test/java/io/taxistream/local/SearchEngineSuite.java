package io.taxistream.local;

import static io.taxistream.local.services.JsonHttp.JSON;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.taxistream.local.services.JsonHttp;
import io.taxistream.local.services.SearchClient;
import io.taxistream.search.IndexTemplate;
import io.taxistream.search.SearchDocument;
import io.taxistream.search.SearchSink;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Behaviour of the sink that is the same on every engine. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SearchEngineSuite {

    private static final Path DASHBOARDS = Path.of("..", "..", "kibana-dashboards");

    private static final long WINDOW_MILLIS = 600_000;
    private static final long FIRST_TIMESTAMP = 1_451_606_400_000L + WINDOW_MILLIS - 1;
    private static final int WINDOWS = 6;

    /** Cells with their centres. */
    private static final Map<String, double[]> CELLS = Map.of(
            "dr5ru7", new double[] {40.7565, -73.9874},
            "dr5rsp", new double[] {40.7346, -73.9984},
            "dr5rtw", new double[] {40.7291, -73.9325});

    /** Ids with characters that have a meaning in URLs, in JSON, or in neither. */
    static final List<String> ODD_IDS = List.of(
            "with blanks",
            "50%",
            "%2F",
            "a/b",
            "a+b",
            "?a=b&c",
            "#",
            "*,*",
            "..",
            "quote\"",
            "back\\slash",
            "line\nend",
            "tab\t",
            "caf\u00e9",
            "\u6771\u4eac",
            "\ud83d\ude95");

    private JsonHttp http;
    private SearchClient search;

    abstract Engine engine();

    @BeforeAll
    void connect() throws Exception {
        var address = RunningEngine.shared(engine()).address();
        http = new JsonHttp(address, Duration.ofSeconds(60));
        search = new SearchClient(address);
    }

    @Test
    void storesDocumentsUnderTheirIdsAndReplacesThem() throws Exception {
        SinkJob.store(2_000, number -> numbered("replaced", number, 1), sink());
        SinkJob.store(1_000, number -> numbered("replaced", number, 2), sink());

        Map<String, JsonNode> stored = all("replaced");
        assertThat(stored).hasSize(2_000);
        stored.forEach((id, source) -> {
            assertThat(id).isEqualTo("id-" + source.get("number").asInt());
            assertThat(source.get("version").asInt())
                    .isEqualTo(source.get("number").asInt() < 1_000 ? 2 : 1);
        });
    }

    @Test
    void lastDocumentOfAnIdWins() throws Exception {
        List<SearchDocument> versions = new ArrayList<>();
        for (int version = 0; version < 50; version++) {
            for (int number = 0; number < 20; number++) {
                versions.add(numbered("versions", number, version));
            }
        }

        SinkJob.store(versions, sink().bulkActions(70));

        assertThat(all("versions").values())
                .hasSize(20)
                .allSatisfy(source -> assertThat(source.get("version").asInt()).isEqualTo(49));
    }

    @Test
    void namesAndIdsMayHaveAnyCharacters() throws Exception {
        SinkJob.store(unusuallyNamed("caf\u00e9+50%-pickup-count"), sink().indexTemplates(templates("caf\u00e9+50%")));

        String inPath = "caf%C3%A9%2B50%25-pickup-count";
        assertThat(all(inPath).keySet()).containsExactlyInAnyOrderElementsOf(ODD_IDS);
        assertThat(http.get("/" + inPath + "/_mapping")
                        .get("caf\u00e9+50%-pickup-count")
                        .at("/mappings/properties/location/type")
                        .asText())
                .isEqualTo("geo_point");
    }

    @Test
    void templatesApplyToIndices() throws Exception {
        SinkJob.store(results("mapped"), sink().indexTemplates(templates("mapped")));
        // existing templates and indices do no harm
        SinkJob.store(results("mapped"), sink().indexTemplates(templates("mapped")));

        JsonNode pickups = properties("mapped-pickup-count");
        assertThat(pickups.at("/location/type").asText()).isEqualTo("geo_point");
        assertThat(pickups.at("/timestamp/type").asText()).isEqualTo("date");
        assertThat(pickups.at("/timestamp/format").asText()).isEqualTo("epoch_millis");
        JsonNode durations = properties("mapped-trip-duration");
        assertThat(durations.at("/location/type").asText()).isEqualTo("geo_point");
        assertThat(durations.at("/airport_code/type").asText()).isEqualTo("keyword");
        JsonNode settings = http.get("/mapped-pickup-count/_settings")
                .get("mapped-pickup-count")
                .at("/settings/index");
        assertThat(settings.get("number_of_shards").asText()).isEqualTo("1");
        assertThat(settings.get("auto_expand_replicas").asText()).isEqualTo("0-1");
        assertThat(settings.get("refresh_interval").asText()).isEqualTo("250ms");
    }

    @Test
    void geohashIsIndexedAsAGeoPoint() throws Exception {
        SinkJob.store(results("places"), sink().indexTemplates(templates("places")));
        search.refresh("places-pickup-count");

        double[] midtown = CELLS.get("dr5ru7");
        JsonNode near = http.post("/places-pickup-count/_search", """
                {"query": {"geo_distance": {"distance": "1km", "location": {"lat": %s, "lon": %s}}}, "size": 100}
                """.formatted(midtown[0], midtown[1]));

        assertThat(near.at("/hits/hits"))
                .hasSize(WINDOWS)
                .allSatisfy(
                        hit -> assertThat(hit.at("/_source/location").asText()).isEqualTo("dr5ru7"));
    }

    @Test
    void dashboardMapShowsTheTripsOfEachCell() throws Exception {
        AnalyzedHour hour = new AnalyzedHour(1);
        hour.store("map", sink().indexTemplates(templates("map")));
        JsonNode state = visState("Areas-with-high-pickup-rates");
        ObjectNode query = JSON.createObjectNode().put("size", 0);
        ObjectNode grid = query.putObject("aggs").putObject("cells");
        ObjectNode metrics = grid.putObject("aggs");
        for (JsonNode aggregation : state.get("aggs")) {
            ObjectNode target = aggregation.get("schema").asText().equals("segment")
                    ? grid.putObject(aggregation.get("type").asText())
                    : metrics.putObject("trips")
                            .putObject(aggregation.get("type").asText());
            target.set("field", aggregation.at("/params/field"));
            if (aggregation.at("/params").has("precision")) {
                target.set("precision", aggregation.at("/params/precision"));
            }
        }
        search.refresh("map-pickup-count");

        JsonNode buckets =
                http.post("/map-pickup-count/_search", query.toString()).at("/aggregations/cells/buckets");

        Map<String, Long> shown = new TreeMap<>();
        buckets.forEach(bucket ->
                shown.put(bucket.get("key").asText(), bucket.at("/trips/value").asLong()));
        Map<String, Long> expected = new TreeMap<>();
        hour.batch()
                .pickupCounts()
                .values()
                .forEach(result ->
                        expected.merge((String) result.get("location"), (Long) result.get("pickup_count"), Long::sum));
        assertThat(expected).hasSizeGreaterThan(10);
        assertThat(shown).isEqualTo(expected);
    }

    @Test
    void dashboardLinesShowTheAverageOfAllTripsToAnAirport() throws Exception {
        AnalyzedHour hour = new AnalyzedHour(2);
        hour.store("lines", sink().indexTemplates(templates("lines")));
        search.refresh("lines-trip-duration");
        JsonNode params = visState("Average-trip-duration-to-JFK-and-LGA").get("params");
        JsonNode series = series(params, "minutes");

        for (JsonNode filter : series.get("split_filters")) {
            JsonNode buckets = http.post(
                            "/lines-trip-duration/_search",
                            lineQuery(params, series, filter.at("/filter/query").asText()))
                    .at("/aggregations/line/buckets");

            Map<Long, List<Map<String, Object>>> expected = hour.batch().tripDurations().values().stream()
                    .filter(result ->
                            result.get("airport_code").equals(filter.get("id").asText()))
                    .collect(groupingBy(result -> (Long) result.get("timestamp") - WINDOW_MILLIS + 1));
            assertThat(buckets).hasSameSizeAs(expected.keySet()).hasSize(WINDOWS);
            for (JsonNode bucket : buckets) {
                List<Map<String, Object>> cells = expected.get(bucket.get("key").asLong());
                double average = sum(cells, "sum_trip_duration") / sum(cells, "trip_count");
                assertThat(bucket.at("/average/value").asDouble()).isEqualTo(average, within(1e-9));
                assertThat(sum(cells, "avg_trip_duration") / cells.size())
                        .as("mean of the cells' averages, which is not what is wanted")
                        .isNotCloseTo(average, within(0.1));
            }
        }
    }

    private static JsonNode series(JsonNode params, String label) {
        for (JsonNode series : params.get("series")) {
            if (series.get("label").asText().equals(label)) {
                return series;
            }
        }
        throw new AssertionError("no series " + label);
    }

    private static double sum(List<Map<String, Object>> results, String field) {
        return results.stream()
                .mapToDouble(result -> ((Number) result.get(field)).doubleValue())
                .sum();
    }

    @Test
    void conflictingMappingFailsBeforeTheFirstDocument() throws Exception {
        // the engine derives a mapping, and maps a geohash to text
        SinkJob.store(List.of(SearchDocument.of("guessed-pickup-count", "old", "{\"location\":\"dr5ru7\"}")), sink());

        assertThatThrownBy(() -> SinkJob.store(results("guessed"), sink().indexTemplates(templates("guessed"))))
                .rootCause()
                .hasMessageContaining("index guessed-pickup-count exists with a mapping that does not match")
                .hasMessageContaining("delete the index, or choose another index name")
                .message()
                .hasLineCount(1);
        assertThat(all("guessed-pickup-count")).containsOnlyKeys("old");
    }

    @Test
    void missingIndexThatMayNotBeCreatedFailsTheJob() throws Exception {
        put("/_cluster/settings", """
                {"persistent": {"action.auto_create_index": "-forbidden-*,+*"}}""");

        assertThatThrownBy(() -> SinkJob.store(
                        List.of(SearchDocument.of("forbidden-documents", "any", "{\"number\":1}")), sink()))
                .rootCause()
                .hasMessageContaining("forbidden-documents/any (12 bytes) was rejected")
                .hasMessageContaining("status 404: index_not_found_exception")
                .hasMessageContaining("create the index, or allow it to be created automatically")
                .message()
                .hasLineCount(1);
    }

    @Test
    void aliasWithoutAWriteIndexFailsTheJob() throws Exception {
        put("/several-1", "{}");
        put("/several-2", "{}");
        http.post("/_aliases", """
                {"actions": [{"add": {"index": "several-*", "alias": "several"}}]}""");

        assertThatThrownBy(() -> SinkJob.store(300, number -> numbered("several", number, 1), sink()))
                .rootCause()
                .hasMessageContaining("was rejected")
                .hasMessageContaining("no write index is defined for alias [several]")
                .hasMessageContaining("set is_write_index on one index of the alias")
                .message()
                .hasLineCount(1);
        assertThat(all("several-dead-letter")).isEmpty();
    }

    @Test
    void indexThatRejectsMostDocumentsFailsTheJob() throws Exception {
        put("/strict", """
                {"mappings": {"dynamic": "strict", "properties": {"other": {"type": "long"}}}}""");

        assertThatThrownBy(() -> SinkJob.store(600, number -> numbered("strict", number, 1), sink()))
                .rootCause()
                .hasMessageMatching(
                        "\\d+ of the last \\d+ documents of index strict were rejected for the same reason: .*")
                .hasMessageContaining("strict_dynamic_mapping_exception")
                .hasMessageContaining("check the mapping and settings of the index")
                .message()
                .hasLineCount(1);
    }

    @Test
    void illegalIndexNameFailsTheJob() throws Exception {
        assertThatThrownBy(() -> SinkJob.store(3, number -> numbered("Upper", number, 1), sink()))
                .rootCause()
                .hasMessageContaining("invalid_index_name_exception")
                .hasMessageContaining("choose another name")
                .message()
                .hasLineCount(1);
    }

    @Test
    void waitsWhileTheClusterIsAtItsShardLimit() throws Exception {
        put("/_cluster/settings", """
                {"persistent": {"cluster.max_shards_per_node": 1}}""");
        try {
            var job = CompletableFuture.runAsync(() -> {
                try {
                    SinkJob.store(3, number -> numbered("one-more", number, 1), sink());
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThatThrownBy(() -> job.get(3, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);

            put("/_cluster/settings", """
                    {"persistent": {"cluster.max_shards_per_node": null}}""");
            job.get(1, TimeUnit.MINUTES);
        } finally {
            put("/_cluster/settings", """
                    {"persistent": {"cluster.max_shards_per_node": null}}""");
        }

        assertThat(all("one-more")).hasSize(3);
        assertThat(all("one-more-dead-letter")).isEmpty();
    }

    @Test
    void rejectedDocumentIsKeptWithItsReason() throws Exception {
        List<SearchDocument> documents = new ArrayList<>(results("refused"));
        documents.add(3, SearchDocument.of("refused-pickup-count", "bad", "{\"location\":\"nowhere at all\"}"));

        SinkJob.store(documents, sink().indexTemplates(templates("refused")));

        assertThat(all("refused-pickup-count")).hasSize(CELLS.size() * WINDOWS);
        JsonNode letter = all("refused-pickup-count-dead-letter").get("bad");
        assertThat(letter.get("status").asInt()).isEqualTo(400);
        assertThat(letter.get("reason").asText()).contains("location");
        assertThat(letter.get("source").asText()).isEqualTo("{\"location\":\"nowhere at all\"}");
    }

    /** Some engines read no milliseconds before 1970 unless they are whole seconds; the end of a window is not. */
    @Test
    void windowBefore1970IsStoredOrBecomesADeadLetter() throws Exception {
        List<SearchDocument> documents = new ArrayList<>(results("early"));
        List<Long> timestamps = List.of(
                -1L,
                -WINDOW_MILLIS - 1,
                Instant.parse("1960-01-01T00:09:59.999Z").toEpochMilli());
        for (long timestamp : timestamps) {
            documents.add(SearchDocument.of(
                    "early-pickup-count",
                    "early" + timestamp,
                    "{\"timestamp\":%d,\"location\":\"dr5ru7\",\"pickup_count\":3}".formatted(timestamp)));
        }

        SinkJob.store(documents, sink().indexTemplates(templates("early")));

        search.refresh("early-pickup-count");
        Map<String, JsonNode> letters = all("early-pickup-count-dead-letter");
        JsonNode found = http.post("/early-pickup-count/_search", """
                {"query": {"range": {"timestamp": {"lt": "1970-01-01", "format": "strict_date"}}}}""");
        List<String> stored = new ArrayList<>();
        found.at("/hits/hits").forEach(hit -> stored.add(hit.get("_id").asText()));
        assertThat(Stream.concat(stored.stream(), letters.keySet().stream()))
                .as("stored: %s", stored)
                .containsExactlyInAnyOrderElementsOf(timestamps.stream()
                        .map(timestamp -> "early" + timestamp)
                        .toList());
        assertThat(letters.values())
                .allSatisfy(letter -> assertThat(letter.get("reason").asText()).contains("timestamp"));
        assertThat(all("early-pickup-count")).hasSize(CELLS.size() * WINDOWS + stored.size());
    }

    /** Returns one document for each of {@link #ODD_IDS}. */
    static List<SearchDocument> unusuallyNamed(String index) {
        return ODD_IDS.stream()
                .map(id -> SearchDocument.of(
                        index, id, "{\"timestamp\":1451606999999,\"location\":\"dr5ru7\",\"pickup_count\":3}"))
                .toList();
    }

    SearchSink.Builder<SearchDocument> sink() {
        return SearchSink.<SearchDocument>builder().endpoint(http.address()).flushInterval(Duration.ofMillis(50));
    }

    private static SearchDocument numbered(String index, long number, int version) {
        return SearchDocument.of(index, "id-" + number, "{\"number\":%d,\"version\":%d}".formatted(number, version));
    }

    static List<IndexTemplate> templates(String prefix) throws Exception {
        return IndexTemplate.readAll(prefix, Files.readString(DASHBOARDS.resolve("index-templates.json")));
    }

    Map<String, JsonNode> all(String index) throws Exception {
        search.refresh(index);
        Map<String, JsonNode> documents = new TreeMap<>();
        search.forEachDocument(index, documents::put);
        return documents;
    }

    void put(String path, String json) throws Exception {
        var request = HttpRequest.newBuilder(http.address().resolve(path))
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(json))
                .build();
        var response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }

    private JsonNode properties(String index) throws Exception {
        return http.get("/" + index + "/_mapping").get(index).at("/mappings/properties");
    }

    private static JsonNode visState(String id) throws Exception {
        for (String line : Files.readAllLines(DASHBOARDS.resolve("taxi-trips-dashboard.ndjson"))) {
            JsonNode object = JSON.readTree(line);
            if (object.get("id").asText().equals(id)) {
                return JSON.readTree(object.at("/attributes/visState").asText());
            }
        }
        throw new IllegalStateException("there is no saved object " + id);
    }

    /** Returns the query of the line chart: its metrics over time, for the documents that match one of its filters. */
    private static String lineQuery(JsonNode params, JsonNode series, String filter) {
        ObjectNode query = JSON.createObjectNode().put("size", 0);
        query.putObject("query").putObject("query_string").put("query", filter);
        ObjectNode line = query.putObject("aggs").putObject("line");
        line.putObject("date_histogram")
                .put("field", params.get("time_field").asText())
                .put("fixed_interval", params.get("interval").asText().replace(">=", ""));
        ObjectNode metrics = line.putObject("aggs");
        for (JsonNode metric : series.get("metrics")) {
            ObjectNode target = metrics.putObject(metric.get("id").asText());
            if (metric.get("type").asText().equals("calculation")) {
                ObjectNode script = target.putObject("bucket_script");
                ObjectNode paths = script.putObject("buckets_path");
                metric.get("variables")
                        .forEach(variable -> paths.put(
                                variable.get("name").asText(),
                                variable.get("field").asText()));
                script.set("script", metric.get("script"));
            } else {
                target.putObject(metric.get("type").asText()).set("field", metric.get("field"));
            }
        }
        return query.toString();
    }

    static List<SearchDocument> results(String prefix) {
        List<SearchDocument> documents = new ArrayList<>();
        forEachResult((cell, window) -> {
            long timestamp = FIRST_TIMESTAMP + window * WINDOW_MILLIS;
            documents.add(SearchDocument.of(
                    prefix + "-pickup-count",
                    cell + "-" + timestamp,
                    "{\"timestamp\":%d,\"location\":\"%s\",\"pickup_count\":%d}"
                            .formatted(timestamp, cell, pickups(cell, window))));
            for (String airport : List.of("JFK", "LGA")) {
                int trips = trips(cell, airport, window);
                double minutes = minutes(cell, airport, window);
                documents.add(SearchDocument.of(
                        prefix + "-trip-duration",
                        cell + "-" + airport + "-" + timestamp,
                        ("{\"timestamp\":%d,\"location\":\"%s\",\"airport_code\":\"%s\",\"trip_count\":%d,"
                                        + "\"sum_trip_duration\":%s,\"avg_trip_duration\":%s}")
                                .formatted(timestamp, cell, airport, trips, minutes, minutes / trips)));
            }
        });
        return documents;
    }

    private static void forEachResult(BiConsumer<String, Integer> action) {
        for (String cell : new TreeMap<>(CELLS).keySet()) {
            for (int window = 0; window < WINDOWS; window++) {
                action.accept(cell, window);
            }
        }
    }

    private static int pickups(String cell, int window) {
        return 2 + cell.charAt(4) % 7 + 3 * window;
    }

    private static int trips(String cell, String airport, int window) {
        return 2 + cell.charAt(5) % 5 + airport.charAt(0) % 3 + window;
    }

    private static double minutes(String cell, String airport, int window) {
        return trips(cell, airport, window) * (20.25 + cell.charAt(3) % 11 + 2.5 * window);
    }
}
