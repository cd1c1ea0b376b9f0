package io.taxistream.local;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.taxistream.embeddedkinesis.FaultInjector;
import io.taxistream.embeddedkinesis.FaultRules;
import io.taxistream.local.chaos.Chaos;
import io.taxistream.local.chaos.ChaosSchedule;
import io.taxistream.local.chaos.ChaosSchedule.PlannedFault;
import io.taxistream.local.chaos.ChaosTarget;
import io.taxistream.local.chaos.Comparison;
import io.taxistream.local.chaos.ReplayInput;
import io.taxistream.local.chaos.SearchEngineTrouble;
import io.taxistream.local.chaos.StreamGate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The faults of one run: draws them, plays them on a thread of its own while the replay runs, and compares at the end.
 *
 * <p>Its parts come to be as those of the pipeline do: the gate before the stream, the trouble before the search engine,
 * the faults with the replay.
 */
final class ChaosRun implements ChaosTarget, AutoCloseable {

    private static final ObjectReader FIELDS = new ObjectMapper()
            .enable(DeserializationFeature.USE_LONG_FOR_INTS)
            .readerFor(new TypeReference<Map<String, Object>>() {});

    private static final int TASK_MANAGERS = 2;

    /** What was slipped in comes out within seconds; what does not come for so long never will. */
    private static final Duration SETTLE_TIMEOUT = Duration.ofSeconds(60);

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(500);

    /** More differences than these tell a person nothing new. */
    private static final int PROBLEMS_TOLD = 20;

    private final ChaosSchedule schedule;
    private final StreamGate gate;
    private final Indices indices;
    private final Consumer<String> messages;

    private Chaos chaos;
    private RestorableJob job;
    private ResumableProducer producer;
    private FlinkService flink;
    private Thread player;
    private volatile boolean finished;
    private volatile String failure;

    private ChaosRun(ChaosSchedule schedule, Indices indices, Consumer<String> messages) {
        this.schedule = schedule;
        this.gate = new StreamGate(new FaultRules(Clock.systemUTC(), new Random(schedule.seed())));
        this.indices = indices;
        this.messages = messages;
    }

    /**
     * Draws the schedule and tells it.
     *
     * @param timeScale stretches the faults that last a while
     * @param messages gets a line for everything that is worth one
     */
    static ChaosRun draw(
            long seed, LocalOptions options, double timeScale, Indices indices, Consumer<String> messages) {
        ChaosSchedule schedule = ChaosSchedule.draw(seed, options.shards(), options.parallelism(), timeScale);
        messages.accept("chaos " + seed + ": " + schedule.faults().size() + " faults, at these shares of the trips:");
        for (PlannedFault fault : schedule.faults()) {
            messages.accept("  " + fault);
        }
        return new ChaosRun(schedule, indices, messages);
    }

    ChaosSchedule schedule() {
        return schedule;
    }

    /** What goes wrong with the stream. */
    FaultInjector streamFaults() {
        return gate;
    }

    /** Starts a cluster with enough slots for every parallelism of the schedule, and a task manager to lose. */
    static FlinkService startFlink(int parallelism, WorkFolder work) throws IOException, InterruptedException {
        int slots = Math.max(parallelism, ChaosSchedule.MAX_PARALLELISM);
        return FlinkService.start(TASK_MANAGERS, (slots + TASK_MANAGERS - 1) / TASK_MANAGERS, work.folder("flink"));
    }

    /** What stands between the job and the search engine. */
    SearchEngineTrouble searchTrouble(URI engine) throws IOException {
        return SearchEngineTrouble.before(engine, schedule.seed());
    }

    /** Begins to play, with the replay. */
    void begin(
            ReplayInput input,
            StreamService stream,
            SearchEngineTrouble search,
            FlinkService cluster,
            RestorableJob restorableJob,
            ResumableProducer resumableProducer) {
        job = restorableJob;
        producer = resumableProducer;
        flink = cluster;
        chaos = new Chaos(
                schedule,
                input,
                stream.kinesis(),
                StreamService.STREAM,
                gate,
                search,
                this,
                line -> messages.accept("chaos: " + line));
        player = new Thread(this::play, "chaos");
        player.setDaemon(true);
        player.start();
    }

    private void play() {
        try {
            chaos.play();
            finished = true;
        } catch (IOException | RuntimeException e) {
            failure = "a fault could not be done: " + e.getMessage();
        } catch (InterruptedException e) {
            // the run is being closed, and nobody waits for the rest of the faults
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Whether all faults have struck.
     *
     * @throws LocalPipelineException if one could not be done
     */
    boolean isFinished() throws LocalPipelineException {
        if (failure != null) {
            throw new LocalPipelineException(failure);
        }
        return finished;
    }

    /**
     * Waits until all that was slipped into the stream has come out, or will never come.
     *
     * @throws IOException if the search engine cannot be read in all this time
     */
    void awaitSettled(SearchClient search) throws IOException, InterruptedException {
        Instant deadline = Instant.now().plus(SETTLE_TIMEOUT);
        while (!isSettled(search, deadline) && Instant.now().isBefore(deadline)) {
            TimeUnit.MILLISECONDS.sleep(POLL_INTERVAL.toMillis());
        }
    }

    private boolean isSettled(SearchClient search, Instant deadline) throws IOException {
        try {
            search.refresh(indices.prefix() + "-*");
            return chaos.isSettled(ids(search, indices.rejectedRecord()), deadLetters(search));
        } catch (IOException e) {
            if (Instant.now().isBefore(deadline)) {
                // an index that has just been made cannot be read for a moment
                return false;
            }
            throw e;
        }
    }

    /**
     * Compares.
     *
     * @param closedUntil windows that end later are left out; empty for none
     */
    Comparison compare(SearchClient search, Optional<Instant> closedUntil) throws IOException {
        search.refresh(indices.prefix() + "-*");
        return chaos.compare(
                new Chaos.Documents(
                        documents(search, indices.pickupCount()),
                        documents(search, indices.tripDuration()),
                        ids(search, indices.rejectedRecord()),
                        deadLetters(search)),
                closedUntil);
    }

    /** Tells how a comparison has come out. */
    void tell(Comparison comparison) {
        messages.accept("chaos " + schedule.seed() + ": " + comparison);
        comparison.problems().stream().limit(PROBLEMS_TOLD).forEach(problem -> messages.accept("  " + problem));
    }

    @Override
    public boolean replayHasEnded() {
        return producer.exitCode().isPresent();
    }

    @Override
    public void killTaskManager(int taskManager) throws IOException, InterruptedException {
        flink.killTaskManager(taskManager);
        flink.startTaskManager();
    }

    @Override
    public void restoreJob(int parallelism) throws IOException, InterruptedException {
        try {
            job.restore(parallelism);
        } catch (LocalPipelineException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public void killProducer() throws IOException {
        producer.killAndResume();
    }

    /** Ends the faults that still go on, without waiting for those that have not struck. */
    @Override
    public void close() {
        if (player == null) {
            return;
        }
        player.interrupt();
        try {
            player.join(CLOSE_TIMEOUT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Map<String, Map<String, Object>> documents(SearchClient search, String index) throws IOException {
        Map<String, Map<String, Object>> documents = new HashMap<>();
        search.forEachDocument(index, (id, source) -> {
            try {
                documents.put(id, FIELDS.readValue(source));
            } catch (IOException e) {
                throw new UncheckedIOException("document " + id + " cannot be read", e);
            }
        });
        return documents;
    }

    private Set<String> deadLetters(SearchClient search) throws IOException {
        return ids(search, indices.prefix() + "-*" + SearchEngineTrouble.DEAD_LETTER_SUFFIX);
    }

    private static Set<String> ids(SearchClient search, String index) throws IOException {
        Set<String> ids = new HashSet<>();
        search.forEachDocument(index, (id, source) -> ids.add(id));
        return ids;
    }
}
