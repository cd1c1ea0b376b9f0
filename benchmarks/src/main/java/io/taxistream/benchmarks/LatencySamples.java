package io.taxistream.benchmarks;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.embeddedkinesis.ShardDescription;
import io.taxistream.embeddedkinesis.StoredRecord;
import io.taxistream.embeddedkinesis.UserRecord;
import io.taxistream.events.Event;
import io.taxistream.events.EventReader;
import io.taxistream.events.MalformedEventException;
import io.taxistream.events.TripEvent;
import io.taxistream.events.WatermarkEvent;
import io.taxistream.local.faults.RequestCheck;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Records when each document and its causes passed each stage, in milliseconds of this machine's clock. Thread-safe.
 */
final class LatencySamples {

    /** A watermark and the time at which it passed. */
    private record PassedWatermark(long eventMillis, long millis) {}

    /** Timestamps of one document. */
    private static final class DocumentTimes {
        final long timestampMillis;
        final long createdMillis;
        volatile long sentMillis;
        volatile long foundMillis;

        DocumentTimes(long timestampMillis, long createdMillis) {
            this.timestampMillis = timestampMillis;
            this.createdMillis = createdMillis;
        }
    }

    private final Map<String, DocumentTimes> documents = new ConcurrentHashMap<>();

    /** Indexed by subtask of the source. */
    private final List<List<PassedWatermark>> emitted = new ArrayList<>();

    /** Indexed by shard, in the order of arrival. */
    private final List<List<PassedWatermark>> watermarks = new ArrayList<>();

    private final long speedup;

    /** Wall-clock time that corresponds to the epoch in the replay, derived from the trip with the shortest delay. */
    private double clockOrigin = Double.MAX_VALUE;

    /** Indexed by the timestamp of a window; see {@link #closing}. */
    private final Map<Long, long[]> closings = new HashMap<>();

    LatencySamples(int parallelism, long speedup) {
        this.speedup = speedup;
        for (int i = 0; i < parallelism; i++) {
            emitted.add(new ArrayList<>());
        }
    }

    /** The stages between two timestamps of a document. */
    enum Stage {
        FIRST_SHARD("producer: the replay's clock passes the end of the window → the first shard has the watermark"),
        ALL_SHARDS("producer: → all shards have it"),
        SOURCE("source: → all subtasks have emitted it"),
        WINDOW("window: → the document is emitted"),
        SINK("sink: → it is sent to the engine"),
        ENGINE("engine: → a search finds it"),
        ALL("**all shards have the closing watermark → a search finds the document**");

        private final String description;

        Stage(String description) {
            this.description = description;
        }

        String description() {
            return description;
        }
    }

    /** Records that a subtask of the source has emitted a watermark. */
    void emitted(int subtask, long watermarkMillis) {
        List<PassedWatermark> ofSubtask = emitted.get(subtask);
        synchronized (ofSubtask) {
            ofSubtask.add(new PassedWatermark(watermarkMillis, System.currentTimeMillis()));
        }
    }

    /** Records that a window has produced a document. */
    void created(String id, long timestampMillis) {
        documents.putIfAbsent(id, new DocumentTimes(timestampMillis, System.currentTimeMillis()));
    }

    /** Inspects a request to the search engine and lets it pass. */
    Optional<String> observe(RequestCheck.Request request) {
        long now = System.currentTimeMillis();
        if (request.rawPath().endsWith("/_bulk")) {
            bulkIds(request).forEach(id -> {
                DocumentTimes moments = moments(id);
                if (moments.sentMillis == 0) {
                    moments.sentMillis = now;
                }
            });
        }
        return Optional.empty();
    }

    private DocumentTimes moments(String id) {
        return requireNonNull(documents.get(id), "a document is made before it is sent");
    }

    private static Stream<String> bulkIds(RequestCheck.Request request) {
        boolean compressed =
                request.headers().getOrDefault("content-encoding", List.of()).contains("gzip");
        try {
            byte[] body = compressed
                    ? new GZIPInputStream(new ByteArrayInputStream(request.body())).readAllBytes()
                    : request.body();
            List<String> ids = new ArrayList<>();
            for (String line : new String(body, StandardCharsets.UTF_8).split("\n", -1)) {
                JsonNode id = SearchPolls.JSON.readTree(line).at("/index/_id");
                if (id.isTextual()) {
                    ids.add(id.textValue());
                }
            }
            return ids.stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Records that a search has found documents. */
    void found(Collection<String> ids, long millis) {
        for (String id : ids) {
            DocumentTimes moments = moments(id);
            if (moments.foundMillis == 0) {
                moments.foundMillis = millis;
            }
        }
    }

    /** Returns the timestamps of the documents that no search has found yet. */
    long[] pendingTimestamps() {
        return documents.values().stream()
                .filter(moments -> moments.foundMillis == 0)
                .mapToLong(moments -> moments.timestampMillis)
                .toArray();
    }

    /** Reads from the stream when each trip and watermark arrived. */
    void readStream(EmbeddedKinesis kinesis, String stream) throws MalformedEventException {
        EventReader reader = new EventReader();
        for (ShardDescription shard : kinesis.shards(stream)) {
            List<PassedWatermark> ofShard = new ArrayList<>();
            for (StoredRecord record : kinesis.records(stream, shard.shardId())) {
                for (UserRecord each : record.userRecords()) {
                    Event event = reader.read(each.data());
                    long arrival = record.arrivalTime().toEpochMilli();
                    if (event instanceof WatermarkEvent watermark) {
                        ofShard.add(new PassedWatermark(watermark.watermarkMillis(), arrival));
                    } else if (event instanceof TripEvent trip) {
                        clockOrigin = Math.min(clockOrigin, arrival - (double) trip.timestampMillis() / speedup);
                    }
                }
            }
            watermarks.add(ofShard);
        }
    }

    long documents() {
        return documents.size();
    }

    long windows() {
        return documents.values().stream()
                .mapToLong(moments -> moments.timestampMillis)
                .distinct()
                .count();
    }

    /** Returns a percentile of the time that documents spend in a stage, in whole milliseconds. */
    double percentile(Stage stage, int percent) {
        long[] sorted = documents.values().stream()
                .mapToLong(moments ->
                        took(stage, moments, closings.computeIfAbsent(moments.timestampMillis, this::closing)))
                .sorted()
                .toArray();
        return sorted[(int) Math.ceil(percent / 100.0 * sorted.length) - 1];
    }

    private static long took(Stage stage, DocumentTimes document, long[] closing) {
        return switch (stage) {
            case FIRST_SHARD -> closing[1] - closing[0];
            case ALL_SHARDS -> closing[2] - closing[1];
            case SOURCE -> closing[3] - closing[2];
            case WINDOW -> document.createdMillis - closing[3];
            case SINK -> document.sentMillis - document.createdMillis;
            case ENGINE -> document.foundMillis - document.sentMillis;
            case ALL -> document.foundMillis - closing[2];
        };
    }

    /**
     * Returns when the end of a window was passed by the clock of the replay, by the watermark of the first shard, by
     * those of all shards, and by those of all subtasks of the source.
     */
    private long[] closing(long timestampMillis) {
        long[] shards = watermarks.stream()
                .mapToLong(shard -> firstAtLeast(timestampMillis, shard))
                .sorted()
                .toArray();
        long[] subtasks = emitted.stream()
                .mapToLong(subtask -> firstAtLeast(timestampMillis, subtask))
                .sorted()
                .toArray();
        long clock = Math.round(clockOrigin + (timestampMillis + 1.0) / speedup);
        return new long[] {clock, shards[0], shards[shards.length - 1], subtasks[subtasks.length - 1]};
    }

    private static long firstAtLeast(long eventMillis, List<PassedWatermark> passed) {
        return passed.stream()
                .filter(each -> each.eventMillis() >= eventMillis)
                .mapToLong(PassedWatermark::millis)
                .findFirst()
                .orElseThrow();
    }
}
