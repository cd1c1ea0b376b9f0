package io.taxistream.local.launcher;

import io.taxistream.eventtime.Part;
import io.taxistream.local.data.CachedDay;
import io.taxistream.local.launcher.ConcurrentStarts.Starting;
import io.taxistream.local.launcher.RunExtension.ClusterSize;
import io.taxistream.local.launcher.RunningParts.Place;
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
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Starts the parts of a pipeline beside each other: {@link #start()} shows which part waits for which.
 *
 * <p>A start is limited by the processors, so the search engine, which takes longest and runs in a process of its own, begins
 * before everything else. The producers read and sort the input while the job starts; the job reads the stream from its
 * beginning.
 */
final class PipelineStart {

    /** Without shard limits, a replay at full speed is limited only by this machine. */
    private static final boolean ENFORCE_SHARD_LIMITS = false;

    private static final long GENERATED_DAY_SEED = 1;

    private final RunContext run;
    private final WorkFolder work;
    private final Path logs;

    // Parts are closed in the reverse order of these places, whichever is ready first.
    private final Place streamPlace;
    private final Place pagePlace;
    private final Place searchPlace;
    private final Place flinkPlace;
    private final Place s3Place;
    private final Place extensionPlace;
    private final Place producersPlace;
    private final ConcurrentStarts starts;

    /** Lines already printed for one of several producers. */
    private final Set<String> printedLines = ConcurrentHashMap.newKeySet();

    private PipelineStart(RunContext run) throws IOException, LocalPipelineException {
        RunningParts parts = run.parts();
        this.run = run;
        this.work = parts.add("temporary files", WorkFolder.create());
        this.logs = Files.createDirectories(run.installation().logFolder());
        this.streamPlace = parts.reserve("Kinesis");
        this.pagePlace = parts.reserve("page");
        this.searchPlace = parts.reserve("OpenSearch");
        this.flinkPlace = parts.reserve("Flink");
        this.s3Place = parts.reserve("S3");
        this.extensionPlace = parts.reserve("extension");
        this.producersPlace = parts.reserve("producers");
        // Closed first: nothing starts while the parts are being closed.
        this.starts = parts.add("start", new ConcurrentStarts());
    }

    /** The producers, and when they were started. */
    private record Replay(Producers producers, Instant start) {}

    /**
     * Starts all parts.
     *
     * @throws LocalPipelineException if a part cannot be started
     */
    static RunningPipeline start(RunContext run) throws IOException, InterruptedException, LocalPipelineException {
        return new PipelineStart(run).start();
    }

    private RunningPipeline start() throws IOException, InterruptedException, LocalPipelineException {
        RunExtension extension = extensionPlace.add(run.extension());
        Optional<SearchService> searchEngine = startSearchEngine();
        LivePage page = openPage();

        Starting<FlinkService> flink = starts.begin(this::startFlink);
        Starting<StreamService> stream = starts.begin(this::startStream);
        Starting<S3Service> s3 = starts.begin(() -> startS3(data()));
        Starting<SearchClient> search = starts.begin(() -> awaitSearchEngine(searchEngine));
        Starting<RestorableJob> job = starts.begin(
                () -> startJob(flink.await(), stream.await(), search.await().address()));
        Starting<Replay> replay = starts.begin(() -> {
            readInput(s3.await());
            if (extension.startsReplayAfterJob()) {
                job.await();
            }
            return startProducers(stream.await(), s3.await());
        });
        starts.begin(() -> {
            page.connect(results(search.await()), new Scaling(stream.await(), flink.await(), run.events()));
            return page;
        });
        starts.awaitAll();

        RunningPipeline pipeline = new RunningPipeline(
                stream.await(),
                flink.await(),
                job.await(),
                replay.await().producers(),
                searchEngine,
                search.await(),
                replay.await().start());
        extension.replayStarted(pipeline);
        return pipeline;
    }

    private StreamService startStream() throws IOException, LocalPipelineException {
        run.status().set(PipelineStatus.Part.KINESIS, State.STARTING);
        StreamService stream = streamPlace.add(StreamService.start(
                run.options().shards(),
                ENFORCE_SHARD_LIMITS,
                run.extension().streamFaults(),
                work.folder("kinesis"),
                failure -> run.errors().report("Kinesis failed", failure)));
        run.running(PipelineStatus.Part.KINESIS, "Kinesis", stream.httpsEndpoint());
        return stream;
    }

    private FlinkService startFlink() throws IOException, InterruptedException, LocalPipelineException {
        run.status().set(PipelineStatus.Part.FLINK, State.STARTING);
        ClusterSize size = run.extension().clusterSize(run.options().parallelism());
        FlinkService flink =
                flinkPlace.add(FlinkService.start(size.taskManagers(), size.slotsEach(), work.folder("flink")));
        Duration interval = run.settings().checkpointInterval();
        flink.pauseBeforeCheckpoints(interval.multipliedBy(4).dividedBy(5));
        run.running(PipelineStatus.Part.FLINK, "Flink", flink.webPage());
        return flink;
    }

    private S3Service startS3(Path data) throws IOException, LocalPipelineException {
        run.status().set(PipelineStatus.Part.S3, State.STARTING);
        S3Service s3 = s3Place.add(S3Service.start(data, work.folder("s3")));
        run.running(PipelineStatus.Part.S3, "S3", s3.endpoint());
        return s3;
    }

    private LivePage openPage() throws IOException, LocalPipelineException {
        LocalOptions options = run.options();
        LivePage page = pagePlace.add(LivePage.open(options.port(), run.status()));
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
        return Optional.of(
                searchPlace.add(SearchService.start(run.installation(), work.path(), logs.resolve("opensearch.log"))));
    }

    private SearchClient awaitSearchEngine(Optional<SearchService> searchEngine)
            throws IOException, InterruptedException {
        URI address = searchEngine.isPresent()
                ? searchEngine.get().awaitReady()
                : run.settings().searchEngine().get();
        run.running(PipelineStatus.Part.SEARCH, "OpenSearch", address);
        return new SearchClient(address);
    }

    private ResultFeed results(SearchClient search) {
        return new ResultFeed(
                search,
                run.clock(),
                run.settings().indices().pickupCount(),
                "pickup_count",
                run.settings().indices().tripDuration());
    }

    private RestorableJob startJob(FlinkService flink, StreamService stream, URI searchEngine)
            throws IOException, InterruptedException, LocalPipelineException {
        run.status().set(PipelineStatus.Part.JOB, State.STARTING);
        RestorableJob job = RestorableJob.submit(
                flink,
                run.installation().processorJar(),
                run.options().parallelism(),
                jobArguments(stream, run.extension().searchAddress(searchEngine)),
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

    private Replay startProducers(StreamService stream, S3Service s3) throws IOException, LocalPipelineException {
        int count = run.extension().producers(run.options().producers().orElse(1));
        Instant start = run.clock().instant();
        Producers producers = producersPlace.add(Producers.start(
                count, run.extension()::startsWithReplay, (part, number) -> startProducer(part, number, stream, s3)));
        run.status().set(PipelineStatus.Part.PRODUCER, State.RUNNING);
        run.announce(Kind.PART, "Replaying " + run.input() + (count == 1 ? "" : " with " + count + " producers"));
        return new Replay(producers, start);
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
                // the generated day is in order, and its first trip need not wait for the last
                run.options().data().isPresent(),
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

    private Path data() throws IOException {
        run.status().set(PipelineStatus.Part.DATA, State.STARTING);
        Path data = run.options().data().isPresent()
                ? run.options().data().get()
                : CachedDay.get(GENERATED_DAY_SEED, run.installation().cacheFolder(), work.folder("data"));
        run.status().set(PipelineStatus.Part.DATA, State.FINISHED);
        return data;
    }

    private void readInput(S3Service s3) throws IOException {
        run.extension()
                .readInput(run.installation(), s3.endpoint(), run.options().maxRejects(), work);
    }
}
