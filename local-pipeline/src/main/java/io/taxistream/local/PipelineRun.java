package io.taxistream.local;

import io.taxistream.embeddedkinesis.FaultInjector;
import io.taxistream.local.EventLog.Kind;
import io.taxistream.local.PipelineStatus.Part;
import io.taxistream.local.PipelineStatus.State;
import io.taxistream.local.chaos.ChaosSchedule;
import io.taxistream.local.chaos.Comparison;
import io.taxistream.local.chaos.ReplayInput;
import io.taxistream.local.chaos.SearchEngineTrouble;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.FileSystemException;
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
    private static final Duration POLL_INTERVAL = Duration.ofMillis(250);
    private static final Duration HEALTH_INTERVAL = Duration.ofSeconds(1);

    /** A job that does not come forward for so long after the replay will never end. */
    private static final Duration STALL_TIMEOUT = Duration.ofMinutes(5);

    /** Services that do not answer for so long are told of. */
    private static final Duration SILENCE_LIMIT = Duration.ofSeconds(30);

    /** What the job has given is stored within this time when nothing fails any more. */
    private static final Duration STORED_WITHIN = Duration.ofMinutes(1);

    private static final int MAX_DRAIN_ATTEMPTS = 5;

    /** Set by the launching script where standard output is a terminal. */
    private static final String TERMINAL_PROPERTY = "taxistream.terminal";

    private final Installation installation;
    private final LocalOptions options;
    private final Settings settings;
    private final Clock clock = Clock.systemUTC();
    private final PrintStream out;
    private final Progress progress;
    private final EventLog events = new EventLog(clock);
    private final PipelineStatus status;
    private final RunningParts parts = new RunningParts();
    private final PeakMemory memory = new PeakMemory();
    private final Optional<ChaosRun> chaos;
    private Optional<Comparison> comparison = Optional.empty();
    private Instant lastLook = Instant.EPOCH;
    private Instant lastHealth = Instant.EPOCH;

    /**
     * What no option sets.
     *
     * @param searchEngine one that runs already; empty to start one for this run
     * @param indices where the documents go
     * @param checkpointInterval of the job
     * @param chaosTimeScale stretches the faults that last a while
     */
    record Settings(Optional<URI> searchEngine, Indices indices, Duration checkpointInterval, double chaosTimeScale) {

        static final Settings DEFAULT = new Settings(Optional.empty(), Indices.DEFAULT, Duration.ofSeconds(5), 1);
    }

    PipelineRun(Installation installation, LocalOptions options, Settings settings, PrintStream out) {
        this.installation = installation;
        this.options = options;
        this.settings = settings;
        this.out = out;
        this.status = new PipelineStatus(events, options.speedup(), clock);
        this.progress = new Progress(out, clock, Boolean.getBoolean(TERMINAL_PROPERTY));
        this.chaos = options.chaos().isPresent()
                ? Optional.of(ChaosRun.draw(
                        options.chaos().getAsLong(),
                        options,
                        settings.chaosTimeScale(),
                        settings.indices(),
                        line -> tell(Kind.FAULT, line)))
                : Optional.empty();
    }

    private void tell(Kind kind, String line) {
        progress.say(line);
        events.add(kind, line);
    }

    /** What strikes in this run; empty without {@code --chaos}. */
    Optional<ChaosSchedule> chaosSchedule() {
        return chaos.map(ChaosRun::schedule);
    }

    /** How the documents compare with a batch computation; empty without {@code --chaos} or before the end. */
    Optional<Comparison> comparison() {
        return comparison;
    }

    /**
     * Runs until the replay has ended, or without {@code --once} until the process is told to end. All parts have ended
     * when this returns.
     *
     * @throws LocalPipelineException if a part cannot be started, fails or stops to make progress, or if with {@code
     *     --chaos} the documents are not as they must be
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
                throw new LocalPipelineException(reason(e) + logHint(), e);
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
            Optional<SearchService> search,
            SearchClient searchClient,
            RestorableJob job,
            ResumableProducer producer,
            Monitor monitor,
            Instant start) {}

    private Running start() throws IOException, InterruptedException, LocalPipelineException {
        WorkFolder work = parts.add("temporary files", WorkFolder.create());
        Path logs = Files.createDirectories(installation.logFolder());

        // Before the page: the stream's endpoint makes settings that the JDK's HTTP server reads only once.
        StreamService stream = parts.add(
                "Kinesis",
                StreamService.start(
                        options.shards(),
                        ENFORCE_SHARD_LIMITS,
                        chaos.map(ChaosRun::streamFaults).orElse(FaultInjector.none())));
        LivePage page = parts.add("page", LivePage.open(options.port(), status));
        progress.say("Status page at " + page.address());
        openBrowser(page.address());

        status.set(Part.SEARCH, State.STARTING);
        Optional<SearchService> search = settings.searchEngine().isPresent()
                ? Optional.empty()
                : Optional.of(parts.add(
                        "OpenSearch", SearchService.start(installation, work.path(), logs.resolve("opensearch.log"))));
        status.set(Part.DATA, State.STARTING);
        CompletableFuture<Path> data = CompletableFuture.supplyAsync(() -> data(work));
        running(Part.KINESIS, "Kinesis", stream.httpsEndpoint());

        status.set(Part.FLINK, State.STARTING);
        FlinkService flink = parts.add(
                "Flink",
                chaos.isPresent()
                        ? ChaosRun.startFlink(options.parallelism(), work)
                        : FlinkService.start(options.parallelism(), work.folder("flink")));
        running(Part.FLINK, "Flink", flink.webPage());

        S3Service s3 = parts.add("S3", S3Service.start(join(data), work.folder("s3")));
        status.set(Part.DATA, State.FINISHED);
        running(Part.S3, "S3", s3.endpoint());

        Optional<CompletableFuture<ReplayInput>> input =
                chaos.map(faults -> CompletableFuture.supplyAsync(() -> input(work, logs, s3)));
        URI searchAddress = search.isPresent()
                ? search.get().awaitReady()
                : settings.searchEngine().get();
        running(Part.SEARCH, "OpenSearch", searchAddress);
        SearchClient searchClient = new SearchClient(searchAddress);
        Indices indices = settings.indices();
        var results =
                new ResultFeed(searchClient, clock, indices.pickupCount(), "pickup_count", indices.tripDuration());
        page.connect(results, new Scaling(stream, flink, events));

        Optional<SearchEngineTrouble> trouble = chaos.isPresent()
                ? Optional.of(
                        parts.add("faults of the search engine", chaos.get().searchTrouble(searchAddress)))
                : Optional.empty();

        status.set(Part.JOB, State.STARTING);
        RestorableJob job = RestorableJob.submit(
                flink,
                installation.processorJar(),
                options.parallelism(),
                jobArguments(stream, trouble.map(SearchEngineTrouble::address).orElse(searchAddress)),
                progress::say);
        awaitTasks(job);
        running(Part.JOB, "The job", job.current().webPage());
        Optional<ReplayInput> expected = input.isPresent() ? Optional.of(join(input.get())) : Optional.empty();

        Instant start = clock.instant();
        lastLook = start;
        ResumableProducer producer =
                parts.add("producer", ResumableProducer.start(number -> startProducer(number, work, logs, stream, s3)));
        status.set(Part.PRODUCER, State.RUNNING);
        progress.say("The replay of " + input() + " begins");
        events.add(Kind.PART, "The replay of " + input() + " begins");
        if (chaos.isPresent()) {
            parts.add("chaos", chaos.get());
            chaos.get().begin(expected.get(), stream, trouble.get(), flink, job, producer);
        }
        Monitor monitor = new Monitor(job, flink, searchClient, settings.indices(), stream, events);
        return new Running(stream, search, searchClient, job, producer, monitor, start);
    }

    private ProducerProcess startProducer(int number, WorkFolder work, Path logs, StreamService stream, S3Service s3)
            throws IOException {
        // Full speed is for throughput, which packed records raise; a replay in step with the clock is as on AWS.
        boolean aggregate = chaos.map(faults -> faults.schedule().aggregate()).orElse(options.speedup() == 0);
        var arguments = new ProducerProcess.Arguments(
                StreamService.STREAM, stream.httpsEndpoint(), s3.endpoint(), options.speedup(), aggregate, number > 1);
        String name = number == 1 ? "producer" : "producer-" + number;
        return ProducerProcess.start(
                installation.java(),
                installation.producerJar(),
                arguments,
                work.folder(name),
                logs.resolve(name + ".log"),
                line -> progress.say("producer: " + line));
    }

    private ReplayInput input(WorkFolder work, Path logs, S3Service s3) {
        try {
            return PrintedInput.read(installation, s3.endpoint(), work.folder("input"), logs.resolve("input.log"));
        } catch (IOException e) {
            throw new CompletionException(e.getMessage(), e);
        }
    }

    private List<String> jobArguments(StreamService stream, URI search) {
        return List.of(
                "--region",
                LocalCredentials.REGION,
                "--stream",
                StreamService.STREAM,
                "--endpoint",
                stream.httpEndpoint().toString(),
                "--es-endpoint",
                search.toString(),
                "--es-index",
                settings.indices().prefix(),
                "--initial-position",
                "TRIM_HORIZON",
                "--checkpoint",
                Long.toString(settings.checkpointInterval().toMillis()));
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
        Indices indices = settings.indices();
        search.refresh(indices.pickupCount());
        search.refresh(indices.tripDuration());
        if (options.export().isPresent()) {
            Export export = new Export(search);
            export.write(indices.pickupCount(), options.export().get().resolve("pickup-count.ndjson"));
            export.write(indices.tripDuration(), options.export().get().resolve("trip-duration.ndjson"));
        }
        memory.sample();
        progress.close();
        Summary summary = new Summary(
                input(),
                chaos.isPresent() ? processed.withoutCounters() : processed,
                search.count(indices.pickupCount()),
                search.count(indices.tripDuration()),
                Duration.between(running.start(), end),
                memory.bytes(),
                options.export());
        summary.lines().forEach(out::println);
        if (chaos.isPresent()) {
            conclude(chaos.get().compare(search, Optional.empty()));
        }
    }

    private void conclude(Comparison found) throws LocalPipelineException {
        chaos.get().tell(found);
        comparison = Optional.of(found);
        if (!found.isEqual()) {
            throw new LocalPipelineException("with --chaos " + options.chaos().getAsLong()
                    + " the documents are not those of a batch computation: " + found + logHint());
        }
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
                running.job().current().stopWithDrain();
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
    private void serve(Running running) throws IOException, InterruptedException, LocalPipelineException {
        boolean told = false;
        if (chaos.isPresent()) {
            awaitProcessed(running);
            if (!parts.isClosing()) {
                compareWhatIsClosed(running);
            }
        }
        while (!parts.isClosing()) {
            requireHealthy(running);
            Optional<Figures> figures = look(running);
            if (!told) {
                figures.ifPresent(progress::update);
            }
            if (!told && running.producer().exitCode().isPresent()) {
                told = true;
                progress.close();
                progress.say("The replay has ended; the services go on until Ctrl-C");
            }
            pause();
        }
    }

    /** The last windows stay open, because the job goes on; and what others gave may still be on its way. */
    private void compareWhatIsClosed(Running running) throws IOException, InterruptedException, LocalPipelineException {
        Optional<Instant> closedUntil =
                Optional.of(running.stream().lastWatermark().orElse(Instant.EPOCH));
        Instant deadline = clock.instant().plus(STORED_WITHIN);
        Comparison found = chaos.get().compare(running.searchClient(), closedUntil);
        while (!found.isEqual() && clock.instant().isBefore(deadline) && !parts.isClosing()) {
            pause();
            found = chaos.get().compare(running.searchClient(), closedUntil);
        }
        conclude(found);
    }

    /**
     * Waits until the job has read all that the producer has sent, watermarks included, and until the faults are over.
     */
    private Figures awaitProcessed(Running running) throws IOException, InterruptedException, LocalPipelineException {
        Optional<Instant> end = Optional.empty();
        Figures before = Figures.NONE;
        Instant lastChange = clock.instant();
        while (!parts.isClosing()) {
            requireHealthy(running);
            boolean replayed = running.producer().exitCode().isPresent() && faultsAreOver();
            if (replayed && end.isEmpty()) {
                end = Optional.of(running.stream().lastWatermark().orElse(Instant.MIN));
            }
            Optional<Figures> figures = look(running);
            if (figures.isPresent()) {
                progress.update(figures.get());
                if (end.isPresent() && hasReached(figures.get(), end.get())) {
                    if (chaos.isPresent()) {
                        chaos.get().awaitSettled(running.searchClient());
                    }
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

    private boolean faultsAreOver() throws LocalPipelineException {
        return chaos.isEmpty() || chaos.get().isFinished();
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
            // a restored job is another one to Flink
            status.running(Part.JOB, running.job().current().webPage());
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
        if (running.search().isPresent() && running.search().get().exitCode().isDone()) {
            status.set(Part.SEARCH, State.FAILED);
            throw new LocalPipelineException("OpenSearch ended with code "
                    + running.search().get().exitCode().join() + logHint());
        }
        Optional<String> end = running.job().end();
        if (end.isPresent()) {
            status.set(Part.JOB, State.FAILED);
            throw new LocalPipelineException("the job failed: " + end.get() + logHint());
        }
        Optional<Integer> exitCode = running.producer().exitCode();
        if (exitCode.isPresent()) {
            int code = exitCode.get();
            status.set(Part.PRODUCER, code == 0 ? State.FINISHED : State.FAILED);
            if (code != 0) {
                throw new LocalPipelineException("the producer ended with code " + code + ": "
                        + running.producer().lastLine() + logHint());
            }
        }
    }

    private void awaitTasks(RestorableJob job) throws IOException, InterruptedException, LocalPipelineException {
        try {
            job.awaitTasks();
        } catch (LocalPipelineException e) {
            throw new LocalPipelineException(e.getMessage() + logHint(), e);
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

    private static <T> T join(CompletableFuture<T> data) throws IOException {
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

    /** What went wrong, in words: the message of some exceptions of the file system is a path and nothing else. */
    private static String reason(IOException e) {
        return e instanceof FileSystemException file && file.getReason() == null
                ? e.getClass().getSimpleName() + ": " + file.getFile()
                : e.getMessage();
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
