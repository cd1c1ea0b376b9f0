package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.eventtime.Part;
import io.taxistream.local.batch.BatchComputation;
import io.taxistream.local.launcher.Export;
import io.taxistream.local.launcher.RunningParts;
import io.taxistream.local.services.FlinkJob;
import io.taxistream.local.services.FlinkService;
import io.taxistream.local.services.Installation;
import io.taxistream.local.services.LocalCredentials;
import io.taxistream.local.services.ProducerProcess;
import io.taxistream.local.services.Producers;
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
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ScalingType;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/**
 * Splits a shard, merges two and changes the number of shards while the shipped jars run, with one producer or several: the
 * documents equal those of a batch computation, and no trip is late. Runs on the embedded Kinesis, with aggregated records, and
 * also on an independent emulator, so that the result does not depend on the project's own one.
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
    @CsvSource({"1, polling", "2, polling", "4, polling", "1, efo", "2, efo"})
    void reshardsOnTheEmbeddedKinesis(int producers, String consumer) throws Exception {
        try (EmbeddedKinesis kinesis = EmbeddedKinesis.builder()
                .region(LocalCredentials.REGION)
                .enforceLimits(true)
                .start()) {
            replayWhileResharding(
                    "embedded-" + consumer + "-" + producers,
                    producers,
                    consumer,
                    true,
                    kinesis.httpEndpoint(),
                    kinesis.httpsEndpoint());
        }
    }

    @Test
    @EnabledIf(
            value = "io.taxistream.local.KinesisLocal#nodeIsInstalled",
            disabledReason = "kinesis-local, the independent emulator, needs Node.js: install node and npm")
    void reshardsOnAnIndependentEmulator() throws Exception {
        reshardsOnAnIndependentEmulator(2);
    }

    @Tag("full")
    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    @EnabledIf(
            value = "io.taxistream.local.KinesisLocal#nodeIsInstalled",
            disabledReason = "kinesis-local, the independent emulator, needs Node.js: install node and npm")
    void changesTheNumberOfProducersOnAnIndependentEmulator(int producers) throws Exception {
        reshardsOnAnIndependentEmulator(producers);
    }

    private static void reshardsOnAnIndependentEmulator(int producers) throws Exception {
        try (KinesisLocal kinesis = KinesisLocal.start(createFolder("kinesis-local-" + producers))) {
            replayWhileResharding(
                    "independent-" + producers,
                    producers,
                    "polling",
                    false,
                    kinesis.httpEndpoint(),
                    kinesis.httpsEndpoint());
        }
    }

    private static void replayWhileResharding(
            String name, int producers, String consumer, boolean aggregate, URI http, URI https) throws Exception {
        try (KinesisClient kinesis = client(http)) {
            kinesis.createStream(request -> request.streamName(STREAM).shardCount(4));
            awaitActive(kinesis);
            FlinkJob job = flink.submit(INSTALLATION.processorJar(), 2, jobArguments(http, name, consumer));
            await().atMost(TIMEOUT).until(job::allTasksRun);

            List<String> messages = new CopyOnWriteArrayList<>();
            try (Producers parts = Producers.start(
                    producers, part -> true, (part, number) -> start(name, part, aggregate, https, messages))) {
                awaitSent(parts, TRIPS / 8);
                split(kinesis);
                awaitSent(parts, TRIPS / 4);
                merge(kinesis);
                awaitSent(parts, TRIPS / 2);
                kinesis.updateShardCount(request ->
                        request.streamName(STREAM).targetShardCount(8).scalingType(ScalingType.UNIFORM_SCALING));
                awaitActive(kinesis);
                await().atMost(TIMEOUT).until(parts::haveEnded);
                assertThat(parts.parts())
                        .as("exit codes; messages: %s", messages)
                        .allSatisfy(part -> assertThat(part.exitCode()).contains(0));
                assertThat(parts.progress().sent()).hasValue(TRIPS);
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

    private static ProducerProcess start(String name, Part part, boolean aggregate, URI kinesis, List<String> messages)
            throws IOException {
        String fileName = "producer-" + name + "-" + part.index();
        return ProducerProcess.start(
                INSTALLATION.java(),
                INSTALLATION.producerJar(),
                new ProducerProcess.Arguments(
                        STREAM, kinesis, s3.endpoint(), part, SPEEDUP, 0.5, true, aggregate, false),
                createFolder(fileName),
                folder.resolve(fileName + ".log"),
                messages::add);
    }

    private static void awaitSent(Producers producers, long trips) {
        await().atMost(TIMEOUT).until(() -> producers.progress().sent().orElse(0) >= trips || producers.haveEnded());
        assertThat(producers.haveEnded())
                .as("the producers have ended before the reshard")
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
