package io.taxistream.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Polls a search engine for the documents that it has not found yet. */
final class SearchPolls implements AutoCloseable {

    static final ObjectMapper JSON = new ObjectMapper();

    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final int MAX_HITS = 10_000;

    /** Status of a search in a newly created index. */
    private static final int SHARDS_NOT_STARTED = 503;

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI address;
    private final LatencySamples samples;
    private final Thread thread = new Thread(this::run, "search-polls");
    private volatile boolean closed;

    private SearchPolls(URI address, LatencySamples samples) {
        this.address = address;
        this.samples = samples;
    }

    static SearchPolls start(URI search, String indexPrefix, LatencySamples samples) {
        SearchPolls polls = new SearchPolls(
                search.resolve("/" + indexPrefix + "-pickup-count," + indexPrefix
                        + "-trip-duration/_search?ignore_unavailable=true&filter_path=hits.hits._id"),
                samples);
        polls.thread.setDaemon(true);
        polls.thread.start();
        return polls;
    }

    /** Returns the number of documents that were made and not found yet. */
    int pending() {
        return samples.pendingTimestamps().length;
    }

    private void run() {
        try {
            while (!closed) {
                long[] pending = samples.pendingTimestamps();
                if (pending.length > 0) {
                    samples.found(search(Arrays.stream(pending).min().getAsLong()), System.currentTimeMillis());
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
            }
        } catch (IOException e) {
            if (!closed) {
                throw new IllegalStateException("the search engine cannot be queried: " + e.getMessage(), e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns the ids of all documents with a timestamp at or after the given one. */
    private List<String> search(long fromMillis) throws IOException, InterruptedException {
        ObjectNode query = JSON.createObjectNode().put("size", MAX_HITS).put("_source", false);
        query.putObject("query").putObject("range").putObject("timestamp").put("gte", fromMillis);
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(address)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(query.toString()))
                        .build(),
                BodyHandlers.ofString());
        if (response.statusCode() == SHARDS_NOT_STARTED) {
            return List.of();
        }
        if (response.statusCode() != 200) {
            throw new IOException("status " + response.statusCode() + ": " + response.body());
        }
        List<String> ids = new ArrayList<>();
        for (JsonNode hit : JSON.readTree(response.body()).at("/hits/hits")) {
            ids.add(hit.get("_id").textValue());
        }
        if (ids.size() == MAX_HITS) {
            throw new IOException("more than " + MAX_HITS + " documents are pending at once");
        }
        return ids;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
