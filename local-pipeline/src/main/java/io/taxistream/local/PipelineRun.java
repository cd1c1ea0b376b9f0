package io.taxistream.local;

import io.taxistream.local.EventLog.Kind;
import io.taxistream.local.PipelineStatus.Part;
import io.taxistream.local.PipelineStatus.State;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * One run of the pipeline, from the start of its parts to their end.
 *
 * <p>What takes long starts first: the search engine's process, and the making of a day of trips. The producer starts
 * when the job runs, so that the first results are as young as the replay.
 */
final class PipelineRun {

    /** Without limits of the shards a replay at full speed is bounded by this machine alone. */
    private static final boolean ENFORCE_SHARD_LIMITS = false;

    private static final long GENERATED_DAY_SEED = 1;
    private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(5);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(250);
    private static final Duration HEALTH_INTERVAL = Duration.ofSeconds(1);
    private static final Duration START_TIMEOUT = Duration.ofMinutes(2);

    /** A job that does not come forward for so long after the replay will never end. */
    private static final Duration STALL_TIMEOUT = Duration.ofMinutes(5);

    /** Services that do not answer for so long are told of. */
    private static final Duration SILENCE_LIMIT = Duration.ofSeconds(30);

    private static final int MAX_DRAIN_ATTEMPTS = 5;

    /** Set by the launching script where standard output is a terminal. */
    private static final String TERMINAL_PROPERTY = "taxistream.terminal";

    private final Installation installation;
    private final LocalOptions options;
    private final Clock clock = Clock.systemUTC();
    private final PrintStream out;
    private final Progress progress;
    private final EventLog events = new EventLog(clock);
    private final PipelineStatus status;
    private final RunningParts parts = new RunningParts();
    private final PeakMemory memory = new PeakMemory();
    private Instant lastLook = Instant.EPOCH;
    private Instant lastHealth = Instant.EPOCH;

    PipelineRun(Installation installation, LocalOptions options, PrintStream out) {
        this.installation = installation;
        this.options = options;
        this.out = out;
        this.status = new PipelineStatus(events, options.speedup(), clock);
        this.progress = new Progress(out, clock, Boolean.getBoolean(TERMINAL_PROPERTY));
    }

    /**
     * Runs until the replay has ended, or without {@code --once} until the process is told to end. All parts have ended
     * when this returns.
     *
     * @throws LocalPipelineException if a part cannot be started, fails or stops to make progress
     */
    void run() throws LocalPipelineException, InterruptedException {
        Thread hook = new Thread(parts::close, "stop-pipeline");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            Running running = start();
            if (options.once()) {
                replayOnce(running);
            } else {
                serve(running);
            }
        } catch (IOException e) {
            if (!parts.isClosing()) {
                throw new LocalPipelineException(e.getMessage() + logHint(), e);
            }
        } finally {
            progress.close();
            parts.close();
            parts.failures().forEach(failure -> progress.say("not stopped in order: " + failure));
            removeHook(hook);
        }
    }

    private record Running(
            StreamService stream,
            SearchService search,
            SearchClient searchClient,
            FlinkJob job,
            ProducerProcess producer,
            Monitor monitor,
            Instant start) {}

    private Running start() throws IOException, InterruptedException, LocalPipelineException {
        WorkFolder work = parts.add("temporary files", WorkFolder.create());
        Path logs = Files.createDirectories(installation.logFolder());

        // Before the page: the stream's endpoint makes settings that the JDK's HTTP server reads only once.
        StreamService stream = parts.add("Kinesis", StreamService.start(options.shards(), ENFORCE_SHARD_LIMITS));
        LivePage page = parts.add("page", LivePage.open(options.port(), status));
        progress.say("Status page at " + page.address());
        openBrowser(page.address());

        status.set(Part.SEARCH, State.STARTING);
        SearchService search =
                parts.add("OpenSearch", SearchService.start(installation, work.path(), logs.resolve("opensearch.log")));
        status.set(Part.DATA, State.STARTING);
        CompletableFuture<Path> data = CompletableFuture.supplyAsync(() -> data(work));
        running(Part.KINESIS, "Kinesis", stream.httpsEndpoint());

        status.set(Part.FLINK, State.STARTING);
        FlinkService flink = parts.add("Flink", FlinkService.start(options.parallelism(), work.folder("flink")));
        running(Part.FLINK, "Flink", flink.webPage());

        S3Service s3 = parts.add("S3", S3Service.start(join(data), work.folder("s3")));
        status.set(Part.DATA, State.FINISHED);
        running(Part.S3, "S3", s3.endpoint());

        URI searchAddress = search.awaitReady();
        running(Part.SEARCH, "OpenSearch", searchAddress);
        SearchClient searchClient = new SearchClient(searchAddress);
        page.connect(new ResultFeed(searchClient, clock), new Scaling(stream, flink, events));

        status.set(Part.JOB, State.STARTING);
        FlinkJob job =
                flink.submit(installation.processorJar(), options.parallelism(), jobArguments(stream, searchAddress));
        awaitTasks(job);
        running(Part.JOB, "The job", job.webPage());

        Instant start = clock.instant();
        lastLook = start;
        ProducerProcess producer = parts.add("producer", startProducer(work, logs, stream, s3));
        status.set(Part.PRODUCER, State.RUNNING);
        progress.say("The replay of " + input() + " begins");
        events.add(Kind.PART, "The replay of " + input() + " begins");
        Monitor monitor = new Monitor(job, flink, searchClient, stream, events);
        return new Running(stream, search, searchClient, job, producer, monitor, start);
    }

    private ProducerProcess startProducer(WorkFolder work, Path logs, StreamService stream, S3Service s3)
            throws IOException {
        // Full speed is for throughput, which packed records raise; a replay in step with the clock is as on AWS.
        boolean aggregate = options.speedup() == 0;
        var arguments = new ProducerProcess.Arguments(
                StreamService.STREAM, stream.httpsEndpoint(), s3.endpoint(), options.speedup(), aggregate);
        return ProducerProcess.start(
                installation.java(),
                installation.producerJar(),
                arguments,
                work.folder("producer"),
                logs.resolve("producer.log"),
                line -> progress.say("producer: " + line));
    }

    private static List<String> jobArguments(StreamService stream, URI search) {
        return List.of(
                "--region",
                LocalCredentials.REGION,
                "--stream",
                StreamService.STREAM,
                "--endpoint",
                stream.httpEndpoint().toString(),
                "--es-endpoint",
                search.toString(),
                "--initial-position",
                "TRIM_HORIZON",
                "--checkpoint",
                Long.toString(CHECKPOINT_INTERVAL.toMillis()));
    }

    /** Waits for the end of the replay and of all that follows from it. */
    private void replayOnce(Running running) throws IOException, InterruptedException, LocalPipelineException {
        Figures processed = processAndDrain(running);
        if (parts.isClosing()) {
            return;
        }
        status.set(Part.JOB, State.FINISHED);
        Instant end = clock.instant();

        SearchClient search = running.searchClient();
        search.refresh(Monitor.PICKUP_COUNT_INDEX);
        search.refresh(Monitor.TRIP_DURATION_INDEX);
        if (options.export().isPresent()) {
            Export export = new Export(search);
            export.write(Monitor.PICKUP_COUNT_INDEX, options.export().get().resolve("pickup-count.ndjson"));
            export.write(Monitor.TRIP_DURATION_INDEX, options.export().get().resolve("trip-duration.ndjson"));
        }
        memory.sample();
        progress.close();
        Summary summary = new Summary(
                input(),
                processed,
                search.count(Monitor.PICKUP_COUNT_INDEX),
                search.count(Monitor.TRIP_DURATION_INDEX),
                Duration.between(running.start(), end),
                memory.bytes(),
                options.export());
        summary.lines().forEach(out::println);
    }

    /** Drains the job when it has read everything; a job that restarts in the meantime reads again and is drained then. */
    private Figures processAndDrain(Running running) throws IOException, InterruptedException, LocalPipelineException {
        for (int attempt = 1; ; attempt++) {
            Figures processed = awaitProcessed(running);
            if (parts.isClosing()) {
                return processed;
            }
            progress.say("Everything is processed; the job closes its last windows");
            try {
                running.job().stopWithDrain();
                return processed;
            } catch (IOException e) {
                if (attempt == MAX_DRAIN_ATTEMPTS || parts.isClosing()) {
                    throw e;
                }
                progress.say(e.getMessage() + "; trying again");
            }
        }
    }

    /** Keeps telling how things are until all parts are being closed. */
    private void serve(Running running) throws InterruptedException, LocalPipelineException {
        boolean told = false;
        while (!parts.isClosing()) {
            requireHealthy(running);
            Optional<Figures> figures = look(running);
            if (!told) {
                figures.ifPresent(progress::update);
            }
            if (!told && running.producer().exitCode().isDone()) {
                told = true;
                progress.close();
                progress.say("The replay has ended; the services go on until Ctrl-C");
            }
            pause();
        }
    }

    /** Waits until the job has read all that the producer has sent, watermarks included. */
    private Figures awaitProcessed(Running running) throws InterruptedException, LocalPipelineException {
        Optional<Instant> end = Optional.empty();
        Figures before = Figures.NONE;
        Instant lastChange = clock.instant();
        while (!parts.isClosing()) {
            requireHealthy(running);
            boolean replayed = running.producer().exitCode().isDone();
            if (replayed && end.isEmpty()) {
                end = Optional.of(running.stream().lastWatermark().orElse(Instant.MIN));
            }
            Optional<Figures> figures = look(running);
            if (figures.isPresent()) {
                progress.update(figures.get());
                if (end.isPresent() && hasReached(figures.get(), end.get())) {
                    return figures.get();
                }
            }
            if (!replayed || (figures.isPresent() && !figures.get().equals(before))) {
                before = figures.orElse(before);
                lastChange = clock.instant();
            }
            if (Duration.between(lastChange, clock.instant()).compareTo(STALL_TIMEOUT) > 0) {
                throw new LocalPipelineException("the job has made no progress for " + STALL_TIMEOUT.toMinutes()
                        + " minutes after the replay ended; event time "
                        + before.eventTime().map(Instant::toString).orElse("unknown") + " of " + end.get()
                        + logHint());
            }
            pause();
        }
        return before;
    }

    private static boolean hasReached(Figures figures, Instant end) {
        return figures.jobState().equals("RUNNING")
                && (end.equals(Instant.MIN)
                        || figures.eventTime().map(time -> !time.isBefore(end)).orElse(false));
    }

    /** Reads the figures; empty if the job or the search engine is too busy to answer just now. */
    private Optional<Figures> look(Running running) {
        memory.sample();
        try {
            Figures figures = running.monitor().read(running.producer().progress());
            status.set(figures);
            lastLook = clock.instant();
            if (status.isWatched() && !lastLook.isBefore(lastHealth.plus(HEALTH_INTERVAL))) {
                status.set(running.monitor().health());
                lastHealth = lastLook;
            }
            return Optional.of(figures);
        } catch (IOException e) {
            // Busy services answer again soon; only a person who would wait in vain needs to know.
            if (Duration.between(lastLook, clock.instant()).compareTo(SILENCE_LIMIT) > 0 && !parts.isClosing()) {
                lastLook = clock.instant();
                progress.say("The job or the search engine does not answer: " + e.getMessage());
            }
            return Optional.empty();
        }
    }

    private void requireHealthy(Running running) throws LocalPipelineException {
        if (parts.isClosing()) {
            return;
        }
        if (running.search().exitCode().isDone()) {
            status.set(Part.SEARCH, State.FAILED);
            throw new LocalPipelineException(
                    "OpenSearch ended with code " + running.search().exitCode().join() + logHint());
        }
        if (running.job().hasEnded()) {
            status.set(Part.JOB, State.FAILED);
            throw new LocalPipelineException(
                    "the job failed: " + running.job().failure().orElse("it was stopped") + logHint());
        }
        if (running.producer().exitCode().isDone()) {
            int code = running.producer().exitCode().join();
            status.set(Part.PRODUCER, code == 0 ? State.FINISHED : State.FAILED);
            if (code != 0) {
                throw new LocalPipelineException("the producer ended with code " + code + ": "
                        + running.producer().lastLine() + logHint());
            }
        }
    }

    private void awaitTasks(FlinkJob job) throws IOException, InterruptedException, LocalPipelineException {
        Instant deadline = clock.instant().plus(START_TIMEOUT);
        while (!job.allTasksRun()) {
            if (job.hasEnded()) {
                throw new LocalPipelineException(
                        "the job failed: " + job.failure().orElse("it was stopped") + logHint());
            }
            if (clock.instant().isAfter(deadline)) {
                throw new LocalPipelineException(
                        "the job did not start within " + START_TIMEOUT.toSeconds() + " s" + logHint());
            }
            pause();
        }
    }

    private Path data(WorkFolder work) {
        if (options.data().isPresent()) {
            return options.data().get();
        }
        try {
            Path file = work.folder("data").resolve("yellow_tripdata_" + GeneratedDay.DATE + ".csv.gz");
            new GeneratedDay(GENERATED_DAY_SEED).writeTo(file);
            return file;
        } catch (IOException e) {
            throw new CompletionException("the day of trips could not be generated: " + e.getMessage(), e);
        }
    }

    private static Path join(CompletableFuture<Path> data) throws IOException {
        try {
            return data.join();
        } catch (CompletionException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private String input() {
        return options.data().map(Path::toString).orElse("a generated day (" + GeneratedDay.DATE + ")");
    }

    private void running(Part part, String name, URI address) {
        status.running(part, address);
        progress.say(name + " at " + address);
    }

    private void openBrowser(URI page) {
        if (options.browser() && !options.once() && !Browser.open(page)) {
            progress.say("There is no desktop to open a browser on; use the address above");
        }
    }

    private String logHint() {
        return " (more in " + installation.logFolder() + ")";
    }

    private static void pause() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(POLL_INTERVAL.toMillis());
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending, and the hook with it: there is nothing left to remove.
            return;
        }
    }
}
