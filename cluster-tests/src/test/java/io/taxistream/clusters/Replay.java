package io.taxistream.clusters;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.embeddedkinesis.UserRecord;
import io.taxistream.local.batch.BatchComputation;
import io.taxistream.local.services.ChildProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * The environment of the job: trips that the shipped producer sends into a stream, file by file, and a search engine whose
 * documents must equal those of a batch computation over these trips.
 */
final class Replay implements AutoCloseable {

    private static final String STREAM = "taxi-trip-events";
    private static final String INDEX_PREFIX = "taxi-dashboard";
    private static final int PRODUCER_TIMEOUT_SECONDS = 120;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final TripFiles trips;
    private final EmbeddedKinesis kinesis;
    private final SearchEngine searchEngine;

    private Replay(Path folder, TripFiles trips, EmbeddedKinesis kinesis, SearchEngine searchEngine) {
        this.folder = folder;
        this.trips = trips;
        this.kinesis = kinesis;
        this.searchEngine = searchEngine;
    }

    /** Creates an empty stream, an empty search engine, and files of trips to be sent. */
    static Replay prepare(Path folder, int files, int shards) throws IOException {
        TripFiles trips = TripFiles.write(Files.createDirectories(folder), files);
        EmbeddedKinesis kinesis = EmbeddedKinesis.builder().start();
        kinesis.createStream(STREAM, shards);
        return new Replay(folder, trips, kinesis, new SearchEngine());
    }

    /** Returns the options of the job: those of the walk-through, and the Kinesis endpoint. */
    List<String> jobOptions() {
        return List.of(
                "--region",
                AwsEnvironment.REGION,
                "--stream",
                STREAM,
                "--es-endpoint",
                searchEngine.address().toString(),
                "--endpoint",
                kinesis.httpsEndpoint().toString());
    }

    /** Sends all trips of a file, with the watermarks that belong to them. */
    void send(int file) throws Exception {
        List<String> output = new CopyOnWriteArrayList<>();
        Path scratch = Files.createDirectories(folder.resolve("producer-" + file));
        URI endpoint = kinesis.httpsEndpoint();
        List<String> command = List.of(
                BuildOutput.JAVA.toString(),
                "-Djava.io.tmpdir=" + scratch,
                "-jar",
                BuildOutput.PRODUCER.toString(),
                "-speedup",
                "0",
                "-stream",
                STREAM,
                "-region",
                AwsEnvironment.REGION,
                "-data",
                trips.file(file).toString(),
                "-endpoint",
                endpoint.toString());
        try (ChildProcess producer =
                ChildProcess.start("producer", command, AwsEnvironment.CREDENTIALS, scratch, output::add)) {
            assertThat(producer.exitCode().get(PRODUCER_TIMEOUT_SECONDS, TimeUnit.SECONDS))
                    .as("exit code of the producer, which said: %s", output)
                    .isZero();
        }
    }

    /** Splits and merges shards. */
    void reshard(int shards) {
        kinesis.updateShardCount(STREAM, shards);
    }

    /** Returns the number of documents. */
    int documents() {
        return searchEngine.count(INDEX_PREFIX + "-pickup-count") + searchEngine.count(INDEX_PREFIX + "-trip-duration");
    }

    /** Returns the last watermark in the stream. */
    Instant lastWatermark() throws IOException {
        Instant last = Instant.MIN;
        for (UserRecord userRecord : kinesis.userRecords(STREAM)) {
            JsonNode event = JSON.readTree(userRecord.data());
            if (event.get("type").textValue().equals("watermark")) {
                Instant watermark = Instant.parse(event.get("watermark").textValue());
                last = watermark.isAfter(last) ? watermark : last;
            }
        }
        return last;
    }

    /** Fails unless the documents equal those of a batch computation over the trips of all files and none was rejected. */
    void assertDocumentsAreThoseOfABatchComputation() throws IOException {
        BatchComputation batch = trips.batch();
        assertEqual(searchEngine.documents(INDEX_PREFIX + "-pickup-count"), batch.pickupCounts());
        assertEqual(searchEngine.documents(INDEX_PREFIX + "-trip-duration"), batch.tripDurations());
        assertThat(searchEngine.documents(INDEX_PREFIX + "-rejected-record"))
                .as("malformed records and late trips")
                .isEmpty();
    }

    @Override
    public void close() {
        searchEngine.close();
        kinesis.close();
    }

    private static void assertEqual(
            SortedMap<String, Map<String, Object>> documents, SortedMap<String, Map<String, Object>> expected) {
        assertThat(expected).as("documents expected").isNotEmpty();
        TreeSet<String> ids = new TreeSet<>(documents.keySet());
        ids.addAll(expected.keySet());
        List<String> differences = new ArrayList<>();
        for (String id : ids) {
            if (!expected.getOrDefault(id, Map.of()).equals(documents.get(id))) {
                differences.add(id + ": " + documents.get(id) + " instead of " + expected.get(id));
            }
        }
        assertThat(differences)
                .as("documents that differ, of %d", expected.size())
                .isEmpty();
    }
}
