package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.local.batch.BatchComputation;
import io.taxistream.local.launcher.RunningParts;
import io.taxistream.local.services.FlinkJob;
import io.taxistream.local.services.FlinkService;
import io.taxistream.local.services.Installation;
import io.taxistream.local.services.LocalCredentials;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.util.MutableURLClassLoader;

/** Runs the shipped processor jar between an embedded Kinesis and an endpoint that keeps its documents. */
final class ProcessorRuns implements AutoCloseable {

    static final Duration TIMEOUT = Duration.ofMinutes(3);

    private final RunningParts parts = new RunningParts();
    private final EmbeddedKinesis kinesis;
    private final BulkEndpoint search;
    private final FlinkService flink;
    private final Path jar = Installation.ofThisClass().processorJar();

    private ProcessorRuns(int slots, Path folder) throws Exception {
        LocalCredentials.setSystemProperties();
        // must be the first server of this process, because it sets properties that the JDK's server reads only once
        kinesis = parts.add(
                "Kinesis", EmbeddedKinesis.builder().enforceLimits(false).start());
        search = parts.add("search engine", BulkEndpoint.start());
        flink = parts.add("Flink", FlinkService.start(slots, Files.createDirectories(folder)));
    }

    /**
     * Starts the environment of a job.
     *
     * @param slots highest parallelism of a job
     */
    static ProcessorRuns start(int slots, Path folder) throws Exception {
        return new ProcessorRuns(slots, folder);
    }

    EmbeddedKinesis kinesis() {
        return kinesis;
    }

    void createStream(String name, int shards) {
        kinesis.createStream(name, shards);
    }

    URI kinesisEndpoint() {
        return kinesis.httpEndpoint();
    }

    BulkEndpoint search() {
        return search;
    }

    /** Submits the shipped jar, to read a stream from its beginning into indices of the given prefix. */
    FlinkJob submit(String stream, String indexPrefix, int parallelism, String... more) throws Exception {
        return submit(jar, stream, indexPrefix, parallelism, Optional.empty(), more);
    }

    /** Submits a jar, to resume from a savepoint if one is given, and waits until all its tasks are running. */
    FlinkJob submit(
            Path processorJar,
            String stream,
            String indexPrefix,
            int parallelism,
            Optional<String> savepoint,
            String... more)
            throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "--region",
                LocalCredentials.REGION,
                "--stream",
                stream,
                "--endpoint",
                kinesisEndpoint().toString(),
                "--es-endpoint",
                search.address().toString(),
                "--es-index",
                indexPrefix,
                "--initial-position",
                "TRIM_HORIZON",
                "--checkpoint",
                "500"));
        arguments.addAll(List.of(more));
        FlinkJob job = flink.submit(processorJar, parallelism, arguments, savepoint);
        await().atMost(TIMEOUT).until(() -> {
            failFast(job);
            return job.allTasksRun();
        });
        return job;
    }

    /** Waits until the job's event time reaches this time. */
    void awaitWatermark(FlinkJob job, Instant time) {
        await().atMost(TIMEOUT).until(() -> {
            failFast(job);
            Optional<Instant> watermark = job.read(Set.of()).watermark();
            return watermark.isPresent() && !watermark.get().isBefore(time);
        });
    }

    /**
     * Waits until the job has read the stream to its end, drains it, and compares its documents with those of the batch
     * computation.
     */
    void drainAndCompare(FlinkJob job, String indexPrefix, BatchComputation expected) throws Exception {
        awaitWatermark(job, expected.lastDropoff().minusMillis(1));
        job.stopWithDrain();
        Documents.assertEqual(search.documents(indexPrefix + "-pickup-count"), expected.pickupCounts());
        Documents.assertEqual(search.documents(indexPrefix + "-trip-duration"), expected.tripDurations());
        assertThat(search.documents(indexPrefix + "-rejected-record"))
                .as("late trips and malformed records")
                .isEmpty();
    }

    private static void failFast(FlinkJob job) {
        assertThat(job.failure()).as("what the job failed of").isEmpty();
    }

    @Override
    public void close() throws IOException {
        parts.close();
        assertThat(parts.failures()).isEmpty();
        await().atMost(TIMEOUT)
                .untilAsserted(() -> assertThat(threadsOfJobs())
                        .as("threads of jobs that have ended, which keep the jobs' classes in memory")
                        .isEmpty());
    }

    /** Each submission, and each restart after a failure, loads a job's classes again, so what is left over adds up. */
    private static List<String> threadsOfJobs() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getContextClassLoader() instanceof MutableURLClassLoader)
                .map(Thread::getName)
                .toList();
    }
}
