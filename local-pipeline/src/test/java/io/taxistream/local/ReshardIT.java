package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.local.batch.BatchComputation;
import io.taxistream.local.launcher.Export;
import io.taxistream.local.launcher.RunningParts;
import io.taxistream.local.services.FlinkJob;
import io.taxistream.local.services.FlinkService;
import io.taxistream.local.services.Installation;
import io.taxistream.local.services.LocalCredentials;
import io.taxistream.local.services.ProducerProcess;
import io.taxistream.local.services.S3Service;
import io.taxistream.local.services.SearchClient;
import io.taxistream.local.services.SearchService;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ScalingType;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/**
 * A shard is split, two are merged and their number is changed while the shipped jars run: the documents are those of a
 * batch computation, and no trip is late. On the embedded Kinesis, with trips packed into records, and, so that the pipeline is never right by its own
 * emulator only, on an independent one.
 */
class ReshardIT {

    private static final String STREAM = "taxi-trips";
    private static final int TRIPS = 4_000;

    /** Six hours of event time in about ten seconds. */
    private static final double SPEEDUP = 2_160;

    private static final Duration TIMEOUT = Duration.ofMinutes(3);

    @TempDir
    private static Path folder;

    private static final Installation INSTALLATION = Installation.ofThisClass();
    private static final RunningParts PARTS = new RunningParts();

    private static Path trips;
    private static BatchComputation batch;
    private static FlinkService flink;
    private static S3Service s3;
    private static SearchClient search;
    private static URI searchAddress;

    @BeforeAll
    static void start() throws Exception {
        LocalCredentials.setSystemProperties();
        trips = folder.resolve("trips.csv");
        TripFile.write(trips, TRIPS, 2);
        batch = TripFile.batch(trips);
        SearchService service = PARTS.add(
                "OpenSearch", SearchService.start(INSTALLATION, createFolder("search"), folder.resolve("search.log")));
        flink = PARTS.add("Flink", FlinkService.start(2, createFolder("flink")));
        s3 = PARTS.add("S3", S3Service.start(trips, createFolder("s3")));
        searchAddress = service.awaitReady();
        search = new SearchClient(searchAddress);
    }

    @AfterAll
    static void stop() {
        PARTS.close();
    }

    @Tag("full")
    @ParameterizedTest
    @ValueSource(strings = {"polling", "efo"})
    void onTheEmbeddedKinesis(String consumer) throws Exception {
        try (EmbeddedKinesis kinesis = EmbeddedKinesis.builder()
                .region(LocalCredentials.REGION)
                .enforceLimits(true)
                .start()) {
            replayWhileResharding("embedded-" + consumer, consumer, true, kinesis.httpEndpoint(), kinesis.httpsEndpoint());
        }
    }

    @Test
    @EnabledIf(
            value = "io.taxistream.local.KinesisLocal#nodeIsInstalled",
            disabledReason = "kinesis-local, the independent emulator, needs Node.js: install node and npm")
    void onAnIndependentEmulator() throws Exception {
        try (KinesisLocal kinesis = KinesisLocal.start(createFolder("kinesis-local"))) {
            replayWhileResharding("independent", "polling", false, kinesis.httpEndpoint(), kinesis.httpsEndpoint());
        }
    }

    private static void replayWhileResharding(
            String name, String consumer, boolean aggregate, URI http, URI https) throws Exception {
        try (KinesisClient kinesis = client(http)) {
            kinesis.createStream(request -> request.streamName(STREAM).shardCount(4));
            awaitActive(kinesis);
            FlinkJob job = flink.submit(INSTALLATION.processorJar(), 2, jobArguments(http, name, consumer));
            await().atMost(TIMEOUT).until(job::allTasksRun);

            var arguments = new ProducerProcess.Arguments(STREAM, https, s3.endpoint(), SPEEDUP, 0.5, aggregate, false);
            List<String> messages = new ArrayList<>();
            try (ProducerProcess producer = ProducerProcess.start(
                    INSTALLATION.java(),
                    INSTALLATION.producerJar(),
                    arguments,
                    createFolder("producer-" + name),
                    folder.resolve("producer-" + name + ".log"),
                    messages::add)) {
                awaitSent(producer, TRIPS / 8);
                split(kinesis);
                awaitSent(producer, TRIPS / 4);
                merge(kinesis);
                awaitSent(producer, TRIPS / 2);
                kinesis.updateShardCount(request ->
                        request.streamName(STREAM).targetShardCount(8).scalingType(ScalingType.UNIFORM_SCALING));
                awaitActive(kinesis);
                await().atMost(TIMEOUT).until(() -> producer.exitCode().isDone());
                assertThat(producer.exitCode().join())
                        .as("exit code; messages: %s", messages)
                        .isZero();
            }

            await().atMost(TIMEOUT).until(() -> hasReached(job, batch.lastDropoff()));
            assertThat(job.read(Set.of("tripsLate")).metrics().getOrDefault("tripsLate", 0L))
                    .as("late trips")
                    .isZero();
            job.stopWithDrain();
        }
        Path export = createFolder("export-" + name);
        for (String index : List.of("pickup-count", "trip-duration")) {
            search.refresh(name + "-" + index);
            new Export(search).write(name + "-" + index, export.resolve(index + ".ndjson"));
        }
        Documents.assertEqual(export, batch);
    }

    private static List<String> jobArguments(URI kinesis, String indexPrefix, String consumer) {
        return List.of(
                "--region",
                LocalCredentials.REGION,
                "--stream",
                STREAM,
                "--endpoint",
                kinesis.toString(),
                "--es-endpoint",
                searchAddress.toString(),
                "--es-index",
                indexPrefix,
                "--initial-position",
                "TRIM_HORIZON",
                "--consumer",
                consumer,
                "--checkpoint",
                "1000");
    }

    private static void awaitSent(ProducerProcess producer, long trips) {
        await().atMost(TIMEOUT)
                .until(() -> producer.progress().sent().orElse(0) >= trips
                        || producer.exitCode().isDone());
        assertThat(producer.exitCode().isDone())
                .as("the producer has ended before the reshard")
                .isFalse();
    }

    private static boolean hasReached(FlinkJob job, Instant end) throws IOException {
        Optional<Instant> watermark = job.read(Set.of()).watermark();
        return watermark.isPresent() && !watermark.get().isBefore(end);
    }

    private static void split(KinesisClient kinesis) {
        Shard shard = openShards(kinesis).get(0);
        BigInteger middle = startingHashKey(shard)
                .add(new BigInteger(shard.hashKeyRange().endingHashKey()))
                .shiftRight(1);
        kinesis.splitShard(request ->
                request.streamName(STREAM).shardToSplit(shard.shardId()).newStartingHashKey(middle.toString()));
        awaitActive(kinesis);
    }

    private static void merge(KinesisClient kinesis) {
        List<Shard> open = openShards(kinesis);
        kinesis.mergeShards(request -> request.streamName(STREAM)
                .shardToMerge(open.get(2).shardId())
                .adjacentShardToMerge(open.get(3).shardId()));
        awaitActive(kinesis);
    }

    private static List<Shard> openShards(KinesisClient kinesis) {
        return kinesis.listShards(request -> request.streamName(STREAM)).shards().stream()
                .filter(shard -> shard.sequenceNumberRange().endingSequenceNumber() == null)
                .sorted(Comparator.comparing(ReshardIT::startingHashKey))
                .toList();
    }

    private static BigInteger startingHashKey(Shard shard) {
        return new BigInteger(shard.hashKeyRange().startingHashKey());
    }

    private static void awaitActive(KinesisClient kinesis) {
        await().atMost(TIMEOUT)
                .until(() -> kinesis.describeStreamSummary(request -> request.streamName(STREAM))
                                .streamDescriptionSummary()
                                .streamStatus()
                        == StreamStatus.ACTIVE);
    }

    private static KinesisClient client(URI endpoint) {
        return KinesisClient.builder()
                .endpointOverride(endpoint)
                .region(Region.of(LocalCredentials.REGION))
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(LocalCredentials.ACCESS_KEY_ID, LocalCredentials.SECRET_ACCESS_KEY)))
                .build();
    }

    private static Path createFolder(String name) throws IOException {
        return Files.createDirectories(folder.resolve(name));
    }
}
