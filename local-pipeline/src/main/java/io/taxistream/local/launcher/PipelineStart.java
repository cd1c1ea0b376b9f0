package io.taxistream.local.launcher;

import io.taxistream.eventtime.Part;
import io.taxistream.local.data.GeneratedDay;
import io.taxistream.local.launcher.RunExtension.ClusterSize;
import io.taxistream.local.services.FlinkService;
import io.taxistream.local.services.LocalCredentials;
import io.taxistream.local.services.LocalPipelineException;
import io.taxistream.local.services.ProducerProcess;
import io.taxistream.local.services.Producers;
import io.taxistream.local.services.RestorableJob;
import io.taxistream.local.services.S3Service;
import io.taxistream.local.services.SearchClient;
import io.taxistream.local.services.SearchService;
import io.taxistream.local.services.StreamService;
import io.taxistream.local.services.WorkFolder;
import io.taxistream.local.status.EventLog.Kind;
import io.taxistream.local.status.PipelineStatus;
import io.taxistream.local.status.PipelineStatus.State;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Starts the parts of a pipeline.
 *
 * <p>Slow starters come first: the search engine's process, and the generation of a day of trips. The producers start once the
 * job is running, so that the first results appear soon after the start of the replay.
 */
final class PipelineStart {

    /** Without shard limits, a replay at full speed is limited only by this machine. */
    private static final boolean ENFORCE_SHARD_LIMITS = false;

    private static final long GENERATED_DAY_SEED = 1;

    private final RunContext run;
    private final WorkFolder work;
    private final Path logs;

    /** Lines already printed for one of several producers. */
    private final Set<String> printedLines = ConcurrentHashMap.newKeySet();

    private PipelineStart(RunContext run, WorkFolder work, Path logs) {
        this.run = run;
        this.work = work;
        this.logs = logs;
    }

    /**
     * Starts all parts.
     *
     * @throws LocalPipelineException if a part cannot be started
     */
    static RunningPipeline start(RunContext run) throws IOException, InterruptedException, LocalPipelineException {
        WorkFolder work = run.parts().add("temporary files", WorkFolder.create());
        return new PipelineStart(
                        run, work, Files.createDirectories(run.installation().logFolder()))
                .start();
    }

    private RunningPipeline start() throws IOException, InterruptedException, LocalPipelineException {
        RunExtension extension = run.extension();
        StreamService stream = add(
                "Kinesis",
                StreamService.start(
                        run.options().shards(),
                        ENFORCE_SHARD_LIMITS,
                        extension.streamFaults(),
                        work.folder("kinesis"),
                        failure -> run.errors().report("Kinesis failed", failure)));
        LivePage page = openPage();
        Optional<SearchService> searchEngine = startSearchEngine();
        run.status().set(PipelineStatus.Part.DATA, State.STARTING);
        CompletableFuture<Path> data = CompletableFuture.supplyAsync(this::data);
        run.running(PipelineStatus.Part.KINESIS, "Kinesis", stream.httpsEndpoint());

        run.status().set(PipelineStatus.Part.FLINK, State.STARTING);
        ClusterSize size = extension.clusterSize(run.options().parallelism());
        FlinkService flink =
                add("Flink", FlinkService.start(size.taskManagers(), size.slotsEach(), work.folder("flink")));
        Duration interval = run.settings().checkpointInterval();
        flink.pauseBeforeCheckpoints(interval.multipliedBy(4).dividedBy(5));
        run.running(PipelineStatus.Part.FLINK, "Flink", flink.webPage());

        S3Service s3 = add("S3", S3Service.start(join(data), work.folder("s3")));
        run.status().set(PipelineStatus.Part.DATA, State.FINISHED);
        run.running(PipelineStatus.Part.S3, "S3", s3.endpoint());
        CompletableFuture<Void> input = CompletableFuture.runAsync(() -> readInput(s3));

        URI searchAddress = searchEngine.isPresent()
                ? searchEngine.get().awaitReady()
                : run.settings().searchEngine().get();
        run.running(PipelineStatus.Part.SEARCH, "OpenSearch", searchAddress);
        SearchClient search = new SearchClient(searchAddress);
        page.connect(results(search), new Scaling(stream, flink, run.events()));

        URI jobsSearchAddress = extension.searchAddress(searchAddress);
        // Added after the services that it acts on, so that it is closed before them.
        add("extension", extension);
        RestorableJob job = startJob(flink, stream, jobsSearchAddress);
        join(input);
        Instant replayStart = run.clock().instant();
        Producers producers = startProducers(stream, s3);
        RunningPipeline pipeline =
                new RunningPipeline(stream, flink, job, producers, searchEngine, search, replayStart);
        extension.replayStarted(pipeline);
        return pipeline;
    }

    private <T extends AutoCloseable> T add(String name, T part) throws LocalPipelineException {
        return run.parts().add(name, part);
    }

    private LivePage openPage() throws IOException, LocalPipelineException {
        LocalOptions options = run.options();
        LivePage page = add("page", LivePage.open(options.port(), run.status()));
        run.terminal().printLine("Status page at " + page.address());
        if (options.browser() && !options.once() && !Browser.open(page.address())) {
            run.terminal().printLine("No desktop to open a browser on; open the address above");
        }
        return page;
    }

    private Optional<SearchService> startSearchEngine() throws IOException, LocalPipelineException {
        run.status().set(PipelineStatus.Part.SEARCH, State.STARTING);
        if (run.settings().searchEngine().isPresent()) {
            return Optional.empty();
        }
        return Optional.of(add(
                "OpenSearch", SearchService.start(run.installation(), work.path(), logs.resolve("opensearch.log"))));
    }

    private ResultFeed results(SearchClient search) {
        return new ResultFeed(
                search,
                run.clock(),
                run.settings().indices().pickupCount(),
                "pickup_count",
                run.settings().indices().tripDuration());
    }

    private RestorableJob startJob(FlinkService flink, StreamService stream, URI searchAddress)
            throws IOException, InterruptedException, LocalPipelineException {
        run.status().set(PipelineStatus.Part.JOB, State.STARTING);
        RestorableJob job = RestorableJob.submit(
                flink,
                run.installation().processorJar(),
                run.options().parallelism(),
                jobArguments(stream, searchAddress),
                run.terminal()::printLine);
        try {
            job.awaitTasks();
        } catch (LocalPipelineException e) {
            throw new LocalPipelineException(e.getMessage() + run.logHint(), e);
        }
        run.running(PipelineStatus.Part.JOB, "The job", job.current().webPage());
        return job;
    }

    private List<String> jobArguments(StreamService stream, URI searchAddress) {
        List<String> arguments = new ArrayList<>(List.of(
                "--region",
                LocalCredentials.REGION,
                "--stream",
                StreamService.STREAM,
                "--endpoint",
                stream.httpEndpoint().toString(),
                "--es-endpoint",
                searchAddress.toString(),
                "--es-index",
                run.settings().indices().prefix(),
                "--initial-position",
                "TRIM_HORIZON",
                "--checkpoint",
                Long.toString(run.settings().checkpointInterval().toMillis())));
        arguments.addAll(run.extension().jobOptions());
        return arguments;
    }

    private Producers startProducers(StreamService stream, S3Service s3) throws IOException, LocalPipelineException {
        int count = run.extension().producers(run.options().producers().orElse(1));
        Producers producers = add(
                count == 1 ? "producer" : "producers",
                Producers.start(
                        count,
                        run.extension()::startsWithReplay,
                        (part, number) -> startProducer(part, number, stream, s3)));
        run.status().set(PipelineStatus.Part.PRODUCER, State.RUNNING);
        run.announce(Kind.PART, "Replaying " + run.input() + (count == 1 ? "" : " with " + count + " producers"));
        return producers;
    }

    private ProducerProcess startProducer(Part part, int number, StreamService stream, S3Service s3)
            throws IOException {
        double speedup = run.options().speedup();
        // Full speed is about throughput, which aggregated records raise; otherwise records are sent as on AWS.
        boolean aggregate = run.extension().aggregate(speedup == 0);
        var arguments = new ProducerProcess.Arguments(
                StreamService.STREAM,
                stream.httpsEndpoint(),
                s3.endpoint(),
                part,
                speedup,
                run.options().maxRejects(),
                aggregate,
                number > 1);
        String fileName = "producer" + (part.isOnly() ? "" : "-" + part.index() + "-of-" + part.count())
                + (number == 1 ? "" : "-" + number);
        return ProducerProcess.start(
                run.installation().java(),
                run.installation().producerJar(),
                arguments,
                work.folder(fileName),
                logs.resolve(fileName + ".log"),
                line -> printOnce(part, line));
    }

    /** Prints a line once that several producers print about the same input; each producer has its own log. */
    private void printOnce(Part part, String line) {
        if (part.isOnly() || printedLines.add(line)) {
            run.terminal().printLine(RunContext.producerName(part) + ": " + line);
        }
    }

    private Path data() {
        if (run.options().data().isPresent()) {
            return run.options().data().get();
        }
        try {
            Path file = work.folder("data").resolve("yellow_tripdata_" + GeneratedDay.DATE + ".csv.gz");
            new GeneratedDay(GENERATED_DAY_SEED).writeTo(file);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException("the day of trips could not be generated: " + e.getMessage(), e);
        }
    }

    private void readInput(S3Service s3) {
        try {
            run.extension()
                    .readInput(run.installation(), s3.endpoint(), run.options().maxRejects(), work);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private static <T> T join(CompletableFuture<T> task) throws IOException {
        try {
            return task.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof UncheckedIOException failure) {
                throw new IOException(failure.getMessage(), failure);
            }
            throw e;
        }
    }
}
