package io.taxistream.local.status;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.taxistream.local.status.EventLog.Entry;
import io.taxistream.local.status.Health.ShardHealth;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** State, address and progress of the parts of the pipeline, as one JSON object. */
public final class PipelineStatus {

    /** A service or process of the pipeline. */
    public enum Part {
        DATA("data"),
        KINESIS("kinesis"),
        S3("s3"),
        SEARCH("search"),
        FLINK("flink"),
        JOB("job"),
        PRODUCER("producer");

        private final String key;

        Part(String key) {
            this.key = key;
        }
    }

    /** State of a part. */
    public enum State {
        WAITING,
        STARTING,
        RUNNING,
        FINISHED,
        FAILED
    }

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Maximum number of events shown. */
    private static final int EVENTS_SHOWN = 50;

    /** Time after a request during which the status counts as watched. */
    private static final Duration WATCH_TIMEOUT = Duration.ofSeconds(10);

    private final Map<Part, State> states = new LinkedHashMap<>();
    private final Map<Part, URI> addresses = new LinkedHashMap<>();
    private final EventLog events;
    private final double speedup;
    private final Clock clock;
    private PipelineSnapshot snapshot = PipelineSnapshot.NONE;
    private Optional<Instant> snapshotTime = Optional.empty();
    private Optional<Health> health = Optional.empty();
    private Optional<Instant> healthTime = Optional.empty();
    private Instant lastWatched = Instant.EPOCH;

    /**
     * Creates the status of a run that has not started.
     *
     * @param speedup speed-up of the replay; 0 for as fast as possible
     */
    public PipelineStatus(EventLog events, double speedup, Clock clock) {
        this.events = events;
        this.speedup = speedup;
        this.clock = clock;
        for (Part part : Part.values()) {
            states.put(part, State.WAITING);
        }
    }

    public synchronized void set(Part part, State state) {
        states.put(part, state);
    }

    /** Records that a part is running, and its address for browsers or clients. */
    public synchronized void running(Part part, URI address) {
        states.put(part, State.RUNNING);
        addresses.put(part, address);
    }

    /**
     * Shows a snapshot until the next one.
     *
     * @param taken time before it was taken: the process may have been suspended since
     */
    public synchronized void set(PipelineSnapshot newSnapshot, Instant taken) {
        snapshot = newSnapshot;
        snapshotTime = Optional.of(taken);
    }

    /**
     * Shows the health until the next update, which may be long after while the status is not watched.
     *
     * @param taken time before it was taken
     */
    public synchronized void set(Health newHealth, Instant taken) {
        health = Optional.of(newHealth);
        healthTime = Optional.of(taken);
    }

    /** Whether the status was requested recently, which justifies collecting more than the run itself needs. */
    public synchronized boolean isWatched() {
        return lastWatched.plus(WATCH_TIMEOUT).isAfter(clock.instant());
    }

    /** Returns {@link #toJson}, and records that the status is being watched. */
    public synchronized ObjectNode watched() {
        lastWatched = clock.instant();
        return toJson();
    }

    /**
     * Returns the current status: {@code time} (of this answer), {@code snapshot_time} (of the figures, which are older if the
     * process was suspended or the job does not answer), {@code parts} (state and address of each), {@code job_state}, {@code
     * speedup}, {@code trips_sent}, {@code trips_total}, {@code replay_lag_seconds} (wall-clock time), {@code replay_phase}
     * (before the first trip is sent), {@code replay_event_time}, {@code trips_read}, {@code left_out} (by reason), {@code
     * counters_are_exact} (false once the job has restarted), {@code event_time}, {@code producers} (if there are several, for
     * each {@code part}, {@code state}, {@code trips_sent}, {@code event_time}, {@code ended}, {@code holds_back}), {@code
     * pickup_count_documents}, {@code trip_duration_documents}, {@code health} (as {@link Health}, with the {@code time} at which
     * it was taken) and {@code events} (the latest entries of the log, newest first). Times are ISO-8601, UTC. Unknown values are
     * {@code null}.
     */
    synchronized ObjectNode toJson() {
        ObjectNode json = JSON.createObjectNode();
        json.put("time", clock.instant().toString());
        json.put("snapshot_time", text(snapshotTime));
        ObjectNode parts = json.putObject("parts");
        states.forEach((part, state) -> {
            URI address = addresses.get(part);
            parts.putObject(part.key)
                    .put("state", state.name().toLowerCase(Locale.ROOT))
                    .put("address", address == null ? null : address.toString());
        });
        json.put("job_state", snapshot.jobState());
        json.put("speedup", speedup);
        ProducerProgress producer = snapshot.producer();
        json.put("trips_sent", boxed(producer.sent()));
        json.put("trips_total", boxed(producer.total()));
        json.put("replay_phase", producer.phase().map(Object::toString).orElse(null));
        json.put("replay_lag_seconds", producer.lagSeconds() < 0 ? null : producer.lagSeconds());
        json.put("replay_event_time", text(producer.eventTime()));
        json.put("trips_read", boxed(snapshot.tripsRead()));
        ObjectNode leftOut = json.putObject("left_out");
        producer.rejected().ifPresent(count -> leftOut.put("unreadable in the input", count));
        snapshot.leftOut().forEach(leftOut::put);
        json.put("counters_are_exact", snapshot.hasExactCounters());
        json.put("event_time", text(snapshot.eventTime()));
        ArrayNode producers = json.putArray("producers");
        for (PartStatus part : snapshot.parts()) {
            producers
                    .addObject()
                    .put("part", part.part())
                    .put("state", part.state().name().toLowerCase(Locale.ROOT))
                    .put("trips_sent", boxed(part.sent()))
                    .put("event_time", text(part.eventTime()))
                    .put("ended", part.ended())
                    .put("holds_back", part.holdsBack());
        }
        json.put("pickup_count_documents", snapshot.pickupCounts());
        json.put("trip_duration_documents", snapshot.tripDurations());
        json.set(
                "health",
                health.map(taken -> toJson(taken).put("time", text(healthTime))).orElse(null));
        addEvents(json.putArray("events"));
        return json;
    }

    private static ObjectNode toJson(Health health) {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode shards = json.putArray("shards");
        for (ShardHealth shard : health.shards()) {
            shards.addObject()
                    .put("id", shard.shardId())
                    .put("open", shard.open())
                    .put("watermark_millis", boxed(shard.watermarkMillis()))
                    .put("records_behind", shard.recordsBehind());
        }
        json.put("checkpoints_completed", health.checkpoints().completed());
        json.put("checkpoints_failed", health.checkpoints().failed());
        json.put(
                "checkpoint_millis",
                health.checkpoints().lastDuration().map(Duration::toMillis).orElse(null));
        json.put("restarts", health.restarts());
        json.put("task_managers", health.taskManagers());
        json.put("documents_stored", boxed(health.documentsStored()));
        json.put("documents_retried", boxed(health.documentsRetried()));
        json.put("throttled_reads", boxed(health.throttledReads()));
        return json;
    }

    private void addEvents(ArrayNode json) {
        List<Entry> entries = events.entries();
        for (int i = entries.size() - 1; i >= Math.max(0, entries.size() - EVENTS_SHOWN); i--) {
            Entry entry = entries.get(i);
            json.addObject()
                    .put("number", entry.number())
                    .put("time", entry.time().toString())
                    .put("kind", entry.kind().name().toLowerCase(Locale.ROOT))
                    .put("text", entry.text());
        }
    }

    private static @Nullable String text(Optional<Instant> time) {
        return time.map(Object::toString).orElse(null);
    }

    private static @Nullable Long boxed(OptionalLong value) {
        return value.isPresent() ? value.getAsLong() : null;
    }
}
