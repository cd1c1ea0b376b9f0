package io.taxistream.local.chaos;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.taxistream.embeddedkinesis.FaultInjector;
import io.taxistream.embeddedkinesis.FaultRules;
import io.taxistream.eventtime.Part;
import io.taxistream.local.launcher.RunExtension;
import io.taxistream.local.launcher.RunningPipeline;
import io.taxistream.local.services.Indices;
import io.taxistream.local.services.Installation;
import io.taxistream.local.services.LocalPipelineException;
import io.taxistream.local.services.ResumableProducer;
import io.taxistream.local.services.StreamService;
import io.taxistream.local.services.WorkFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Faults of one run: draws them, plays them on a separate thread during the replay, and finally compares the documents with a
 * batch computation.
 */
public final class ChaosExtension implements RunExtension, ChaosTarget {

    private static final ObjectReader FIELDS = new ObjectMapper()
            .enable(DeserializationFeature.USE_LONG_FOR_INTS)
            .readerFor(new TypeReference<Map<String, Object>>() {});

    private static final int TASK_MANAGERS = 2;

    /** Longest wait for the results of injected records, which take seconds; later ones will never arrive. */
    private static final Duration SETTLE_TIMEOUT = Duration.ofSeconds(60);

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(500);

    /** Maximum number of differences to print. */
    private static final int MAX_PROBLEMS_PRINTED = 20;

    private final ChaosSchedule schedule;
    private final StreamGate gate;
    private final Indices indices;

    private Consumer<String> announcements = line -> {};
    private @Nullable ReplayInput input;
    private @Nullable FaultySearchEngine searchEngine;
    private @Nullable RunningPipeline pipeline;
    private @Nullable Chaos chaos;
    private @Nullable Thread player;
    private volatile boolean finished;
    private volatile boolean closed;
    private volatile Optional<String> failure = Optional.empty();
    private volatile Optional<Comparison> comparison = Optional.empty();

    private ChaosExtension(ChaosSchedule schedule, Indices indices) {
        this.schedule = schedule;
        this.gate = new StreamGate(new FaultRules(Clock.systemUTC(), new Random(schedule.seed())));
        this.indices = indices;
    }

    /**
     * Draws the faults of a run.
     *
     * @param producers number of producers; empty to draw it as well
     * @param shards initial number of shards of the stream
     * @param parallelism initial parallelism of the job
     * @param indices indices that the job writes to
     * @param timeScale factor for the duration of faults; 1 for an interactive run
     */
    public static ChaosExtension draw(
            long seed, OptionalInt producers, int shards, int parallelism, Indices indices, double timeScale) {
        return new ChaosExtension(ChaosSchedule.draw(seed, producers, shards, parallelism, timeScale), indices);
    }

    /** Returns the faults of this run. */
    public ChaosSchedule schedule() {
        return schedule;
    }

    /** Returns the comparison of the documents with a batch computation; empty before the end. */
    public Optional<Comparison> comparison() {
        return comparison;
    }

    @Override
    public void begin(Consumer<String> newAnnouncements) {
        announcements = newAnnouncements;
        announcements.accept("chaos " + schedule.seed() + ": "
                + (schedule.producers() == 1 ? "" : schedule.producers() + " producers, ")
                + "job reading " + (schedule.fanOut() ? "with enhanced fan-out" : "by polling") + ", "
                + schedule.faults().size() + " faults at these shares of the trips:");
        schedule.faults().forEach(fault -> announcements.accept("  " + fault));
    }

    @Override
    public FaultInjector streamFaults() {
        return gate;
    }

    /** Provides enough slots for every parallelism of the schedule, and a spare task manager. */
    @Override
    public ClusterSize clusterSize(int parallelism) {
        int slots = Math.max(parallelism, ChaosSchedule.MAX_PARALLELISM);
        return new ClusterSize(TASK_MANAGERS, (slots + TASK_MANAGERS - 1) / TASK_MANAGERS);
    }

    /** The faults are due at shares of the trips, and many of them strike the job. */
    @Override
    public boolean startsReplayAfterJob() {
        return true;
    }

    @Override
    public void readInput(Installation installation, URI s3, double maxRejects, WorkFolder work) throws IOException {
        announcements.accept("chaos: reading all trips for the batch computation");
        input = PrintedInput.read(
                installation,
                s3,
                maxRejects,
                work.folder("input"),
                installation.logFolder().resolve("input.log"),
                trips -> announcements.accept(String.format(Locale.ROOT, "chaos: %,d trips read", trips)));
    }

    @Override
    public URI searchAddress(URI engine) throws IOException {
        FaultySearchEngine faulty = FaultySearchEngine.start(engine, schedule.seed());
        searchEngine = faulty;
        return faulty.address();
    }

    @Override
    public int producers(int proposed) {
        return schedule.producers();
    }

    @Override
    public boolean startsWithReplay(Part part) {
        return !schedule.startsLate(part);
    }

    @Override
    public boolean aggregate(boolean proposed) {
        return schedule.aggregate();
    }

    @Override
    public List<String> jobOptions() {
        return List.of("--consumer", schedule.fanOut() ? "efo" : "polling");
    }

    @Override
    public void replayStarted(RunningPipeline newPipeline) {
        pipeline = newPipeline;
        chaos = new Chaos(
                schedule,
                requireNonNull(input, "the input is read before its replay"),
                newPipeline.stream().kinesis(),
                StreamService.STREAM,
                gate,
                requireNonNull(searchEngine, "the search engine starts before the replay"),
                this,
                line -> announcements.accept("chaos: " + line));
        Thread thread = new Thread(this::play, "chaos");
        thread.setDaemon(true);
        player = thread;
        thread.start();
    }

    private RunningPipeline pipeline() {
        return requireNonNull(pipeline, "the replay has not started");
    }

    private Chaos chaos() {
        return requireNonNull(chaos, "the replay has not started");
    }

    private void play() {
        try {
            chaos().play();
            finished = true;
        } catch (IOException | RuntimeException e) {
            failure = Optional.of("a fault could not be injected: " + e.getMessage());
        } catch (InterruptedException e) {
            // The run is being closed; the remaining faults are not needed.
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isFinished() throws LocalPipelineException {
        if (failure.isPresent()) {
            throw new LocalPipelineException(failure.get());
        }
        return finished;
    }

    /** Waits until the results of all injected records have arrived, or the timeout has passed. */
    @Override
    public void inputRead() throws IOException, InterruptedException {
        Instant deadline = Instant.now().plus(SETTLE_TIMEOUT);
        while (!closed && !isSettled(deadline) && Instant.now().isBefore(deadline)) {
            TimeUnit.MILLISECONDS.sleep(POLL_INTERVAL.toMillis());
        }
    }

    private boolean isSettled(Instant deadline) throws IOException {
        try {
            pipeline().search().refresh(indices.all());
            return chaos().isSettled(ids(indices.rejectedRecord()), ids(indices.deadLetters()));
        } catch (IOException e) {
            if (Instant.now().isBefore(deadline)) {
                // A new index cannot be searched for a moment.
                return false;
            }
            throw e;
        }
    }

    /** Compares the documents; while the job runs, those of closed windows may still arrive for a while. */
    @Override
    public void documentsStored(Optional<Instant> closedUntil)
            throws IOException, InterruptedException, LocalPipelineException {
        Instant deadline = closedUntil.isPresent() ? Instant.now().plus(SETTLE_TIMEOUT) : Instant.MIN;
        Comparison found = compare(closedUntil);
        while (!found.isEqual() && Instant.now().isBefore(deadline) && !closed) {
            TimeUnit.MILLISECONDS.sleep(POLL_INTERVAL.toMillis());
            found = compare(closedUntil);
        }
        comparison = Optional.of(found);
        announcements.accept("chaos " + schedule.seed() + ": " + found);
        found.problems().stream().limit(MAX_PROBLEMS_PRINTED).forEach(problem -> announcements.accept("  " + problem));
        if (!found.isEqual()) {
            throw new LocalPipelineException("with --chaos " + schedule.seed()
                    + " the documents differ from those of a batch computation: " + found);
        }
    }

    private Comparison compare(Optional<Instant> closedUntil) throws IOException {
        pipeline().search().refresh(indices.all());
        return chaos().compare(
                        new Chaos.Documents(
                                documents(indices.pickupCount()),
                                documents(indices.tripDuration()),
                                documents(indices.rejectedRecord()),
                                ids(indices.deadLetters())),
                        closedUntil);
    }

    @Override
    public boolean isStray(Instant watermark) {
        return watermark.equals(StreamCorruption.STRAY_WATERMARK);
    }

    @Override
    public boolean noProducerRunning() {
        return !pipeline().producers().areRunning();
    }

    @Override
    public void killTaskManager(int taskManager) throws IOException, InterruptedException {
        pipeline().flink().killTaskManager(taskManager);
        pipeline().flink().startTaskManager();
    }

    @Override
    public void restoreJob(int parallelism) throws IOException, InterruptedException {
        try {
            pipeline().job().restore(parallelism);
        } catch (LocalPipelineException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public boolean killProducer(Part part, boolean isResumed) throws IOException {
        ResumableProducer producer = producer(part);
        boolean isKilled = producer.kill();
        if (isKilled && isResumed) {
            producer.start();
        }
        return isKilled;
    }

    @Override
    public void startProducer(Part part) throws IOException {
        producer(part).start();
    }

    private ResumableProducer producer(Part part) {
        return pipeline().producers().parts().get(part.index() - 1);
    }

    /** Ends the faults in progress and drops those that have not struck. */
    @Override
    public void close() {
        closed = true;
        if (player != null) {
            player.interrupt();
            try {
                player.join(CLOSE_TIMEOUT.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (searchEngine != null) {
            searchEngine.close();
        }
    }

    private Map<String, Map<String, Object>> documents(String index) throws IOException {
        Map<String, Map<String, Object>> documents = new HashMap<>();
        pipeline().search().forEachDocument(index, (id, source) -> {
            try {
                documents.put(id, FIELDS.readValue(source));
            } catch (IOException e) {
                throw new UncheckedIOException("document " + id + " cannot be read", e);
            }
        });
        return documents;
    }

    private Set<String> ids(String index) throws IOException {
        Set<String> ids = new HashSet<>();
        pipeline().search().forEachDocument(index, (id, source) -> ids.add(id));
        return ids;
    }
}
