package io.taxistream.local.services;

import static io.taxistream.local.services.JsonHttp.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Reads from a search engine: document counts and whole indices.
 *
 * <p>Uses the common subset of Elasticsearch 7.10 and OpenSearch. An index that does not exist is treated as empty, since it is
 * created with its first document.
 */
public final class SearchClient {

    private static final int PAGE_SIZE = 5_000;
    private static final String SCROLL_KEEP_ALIVE = "2m";

    private final JsonHttp http;

    public SearchClient(URI address) {
        this.http = new JsonHttp(address, Duration.ofSeconds(30));
    }

    /** Returns the address of the search engine. */
    public URI address() {
        return http.address();
    }

    /** Returns the number of documents of the index, as of its last refresh. */
    public long count(String index) throws IOException {
        return http.get("/" + index + "/_count?ignore_unavailable=true")
                .get("count")
                .longValue();
    }

    /** Returns the greatest timestamp in the index; empty if it holds no documents. */
    public Optional<Instant> lastTimestamp(String index) throws IOException {
        ObjectNode search = JSON.createObjectNode().put("size", 0);
        search.putObject("aggs").putObject("last").putObject("max").put("field", "timestamp");
        JsonNode last = search(index, search).at("/aggregations/last/value");
        return last.isNumber() ? Optional.of(Instant.ofEpochMilli(last.longValue())) : Optional.empty();
    }

    /** Makes all documents stored before this call visible to searches. */
    public void refresh(String index) throws IOException {
        http.post("/" + index + "/_refresh?ignore_unavailable=true");
    }

    /** Runs a search on the index and returns the response. */
    public JsonNode search(String index, JsonNode search) throws IOException {
        return http.post("/" + index + "/_search?ignore_unavailable=true", search.toString());
    }

    /** Passes the id and the source of every document of the index to {@code action}, in no particular order. */
    public void forEachDocument(String index, BiConsumer<String, JsonNode> action) throws IOException {
        var everything = JSON.createObjectNode();
        everything.putObject("match_all");
        forEachDocument(index, everything, action);
    }

    /** Passes every document that matches the query to {@code action}, in no particular order. */
    public void forEachDocument(String index, ObjectNode query, BiConsumer<String, JsonNode> action)
            throws IOException {
        var search = JSON.createObjectNode().put("size", PAGE_SIZE);
        search.set("query", query);
        search.putArray("sort").add("_doc");
        JsonNode page = http.post(
                "/" + index + "/_search?ignore_unavailable=true&scroll=" + SCROLL_KEEP_ALIVE, search.toString());
        if (!page.has("_scroll_id")) {
            // the index does not exist
            return;
        }
        String scrollId = scrollId(page);
        try {
            while (!page.at("/hits/hits").isEmpty()) {
                for (JsonNode hit : page.at("/hits/hits")) {
                    action.accept(hit.get("_id").textValue(), hit.get("_source"));
                }
                page = http.post(
                        "/_search/scroll",
                        JSON.createObjectNode()
                                .put("scroll", SCROLL_KEEP_ALIVE)
                                .put("scroll_id", scrollId)
                                .toString());
                scrollId = scrollId(page);
            }
        } finally {
            http.delete(
                    "/_search/scroll",
                    JSON.createObjectNode().put("scroll_id", scrollId).toString());
        }
    }

    private static String scrollId(JsonNode page) throws IOException {
        if (page.path("timed_out").booleanValue() || page.at("/_shards/failed").intValue() > 0) {
            throw new IOException("the search engine could not read all of its shards: " + page.get("_shards"));
        }
        return page.get("_scroll_id").textValue();
    }
}
