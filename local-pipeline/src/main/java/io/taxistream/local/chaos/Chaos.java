package io.taxistream.local.chaos;

import static java.util.Objects.requireNonNull;

import com.carrotsearch.hppc.cursors.LongCursor;
import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.embeddedkinesis.ShardDescription;
import io.taxistream.local.batch.BatchComputation;
import io.taxistream.local.chaos.ChaosFault.DuplicateRecords;
import io.taxistream.local.chaos.ChaosFault.KillProducer;
import io.taxistream.local.chaos.ChaosFault.KillTaskManager;
import io.taxistream.local.chaos.ChaosFault.LateTrips;
import io.taxistream.local.chaos.ChaosFault.MergeShards;
import io.taxistream.local.chaos.ChaosFault.PoisonDocument;
import io.taxistream.local.chaos.ChaosFault.RestoreJob;
import io.taxistream.local.chaos.ChaosFault.SearchFailure;
import io.taxistream.local.chaos.ChaosFault.SetShardCount;
import io.taxistream.local.chaos.ChaosFault.SplitShard;
import io.taxistream.local.chaos.ChaosFault.StartProducer;
import io.taxistream.local.chaos.ChaosFault.StrayWatermark;
import io.taxistream.local.chaos.ChaosFault.StreamFailure;
import io.taxistream.local.chaos.ChaosSchedule.PlannedFault;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Plays a schedule of faults during a replay, and compares the results at the end.
 *
 * <p>A fault strikes when the stream has received its share of the replay. Until it has struck, the stream accepts no more
 * records, so that all faults strike in order and at the same share however fast the replay is. One thread plays; {@link
 * #compare} must be called after it has ended.
 */
public final class Chaos {

    private static final long POLL_MILLIS = 20;
    private static final String MALFORMED_PREFIX = "malformed-";
    private static final String IMPLAUSIBLE_WATERMARK = "IMPLAUSIBLE_WATERMARK";

    private final ChaosSchedule schedule;
    private final ReplayInput input;
    private final EmbeddedKinesis kinesis;
    private final String stream;
    private final StreamGate gate;
    private final FaultySearchEngine search;
    private final ChaosTarget target;
    private final Consumer<String> listener;
    private final StreamCorruption corruption;
    private final Set<String> poisonedIds = new HashSet<>();

    /** Document ids of stray watermarks. */
    private final Set<String> strayIds = new HashSet<>();

    private volatile double nextShare;

    /** Created when the stream is complete; null before. */
    private @Nullable StreamAudit audit;

    /**
     * Creates a schedule player that has not started.
     *
     * @param gate gate in front of {@code kinesis}
     * @param search proxy in front of the search engine that the job writes to
     * @param listener receives a line for every fault as it strikes
     */
    public Chaos(
            ChaosSchedule schedule,
            ReplayInput input,
            EmbeddedKinesis kinesis,
            String stream,
            StreamGate gate,
            FaultySearchEngine search,
            ChaosTarget target,
            Consumer<String> listener) {
        this.schedule = schedule;
        this.input = input;
        this.kinesis = kinesis;
        this.stream = stream;
        this.gate = gate;
        this.search = search;
        this.target = target;
        this.listener = listener;
        this.corruption = new StreamCorruption(kinesis, stream);
    }

    /**
     * Plays all faults; returns when the last one has struck.
     *
     * @throws IOException if a fault cannot be injected
     */
    public void play() throws IOException, InterruptedException {
        List<PlannedFault> faults = schedule.faults();
        nextShare = faults.isEmpty() ? 1 : faults.get(0).share();
        gate.closeWhen(() -> hasReceived(nextShare));
        try {
            for (int i = 0; i < faults.size(); i++) {
                PlannedFault planned = faults.get(i);
                while (!hasReceived(planned.share()) && !target.noProducerRunning()) {
                    TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
                }
                nextShare = i + 1 < faults.size() ? faults.get(i + 1).share() : Double.POSITIVE_INFINITY;
                inject(planned.fault());
            }
        } finally {
            gate.closeWhen(() -> false);
        }
    }

    private boolean hasReceived(double share) {
        return kinesis.statistics(stream).bytesWritten() >= share * input.bytes();
    }

    private void inject(ChaosFault fault) throws IOException, InterruptedException {
        if (fault instanceof DuplicateRecords duplicates) {
            listener.accept(corruption.duplicate(duplicates));
            return;
        }
        if (fault instanceof LateTrips late) {
            listener.accept(corruption.late(late));
            return;
        }
        if (fault instanceof StrayWatermark stray) {
            strayIds.add(malformedId(StreamCorruption.strayWatermarkRecord()));
            listener.accept(corruption.strayWatermark(stray));
            return;
        }
        listener.accept(fault.toString());
        if (fault instanceof SplitShard split) {
            kinesis.splitShard(
                    stream,
                    StreamCorruption.pick(corruption.openShards(), split.position())
                            .shardId());
        } else if (fault instanceof MergeShards merge) {
            List<ShardDescription> open = corruption.openShards();
            int first = (int) (merge.position() * (open.size() - 1));
            kinesis.mergeShards(
                    stream, open.get(first).shardId(), open.get(first + 1).shardId());
        } else if (fault instanceof SetShardCount change) {
            kinesis.updateShardCount(stream, change.shards());
        } else if (fault instanceof StreamFailure failure) {
            gate.faults().add(failure.rule());
        } else if (fault instanceof SearchFailure failure) {
            search.refuse(failure.refusal(), failure.lasting());
        } else if (fault instanceof PoisonDocument poison) {
            String id = malformedId(StreamCorruption.poisonRecord(poison));
            poisonedIds.add(id);
            search.poison(id);
            corruption.poison(poison);
        } else if (fault instanceof KillTaskManager kill) {
            target.killTaskManager(kill.taskManager());
        } else if (fault instanceof RestoreJob restore) {
            target.restoreJob(restore.parallelism());
        } else if (fault instanceof KillProducer kill) {
            if (!target.killProducer(kill.part(), kill.isResumed())) {
                listener.accept("the producer was not running");
            }
        } else if (fault instanceof StartProducer start) {
            target.startProducer(start.part());
        }
    }

    /**
     * Documents of the search engine, by index and id.
     *
     * @param pickupCounts fields by name, by id
     * @param tripDurations fields by name, by id
     * @param rejectedRecords fields by name, by id
     * @param deadLetters ids of the dead letters of all indices
     */
    public record Documents(
            Map<String, Map<String, Object>> pickupCounts,
            Map<String, Map<String, Object>> tripDurations,
            Map<String, Map<String, Object>> rejectedRecords,
            Set<String> deadLetters) {}

    /**
     * Compares the documents in the search engine with the expected ones.
     *
     * @param closedUntil windows that end later are left out of the comparison; empty to compare all
     */
    public Comparison compare(Documents documents, Optional<Instant> closedUntil) {
        BatchComputation batch = input.batch();
        Comparison.Differences findings = new Comparison.Differences();
        findings.documents(
                "pickup-count",
                closed(batch.pickupCounts(), closedUntil),
                closed(documents.pickupCounts(), closedUntil));
        findings.documents(
                "trip-duration",
                closed(batch.tripDurations(), closedUntil),
                closed(documents.tripDurations(), closedUntil));

        StreamAudit inStream = audit();
        long arrived = 0;
        for (LongCursor id : inStream.tripIds()) {
            if (input.contains(id.value)) {
                arrived++;
            } else if (!corruption.tripIds().contains(id.value)) {
                findings.problem("trip " + id.value + " is in the stream, but not in the input");
            }
        }
        if (arrived < batch.trips()) {
            findings.problem(batch.trips() - arrived + " trips of the input are not in the stream");
        }
        findings.late(
                inStream.lateTripIds(),
                corruption.tripIds(),
                lateTripIds(documents.rejectedRecords().keySet()));
        findings.malformed(strayIds, IMPLAUSIBLE_WATERMARK, malformedReasons(documents.rejectedRecords()));
        findings.dead(poisonedIds, documents.deadLetters());
        return findings.comparison();
    }

    /**
     * Whether all late trips, stray watermarks and poison documents have been stored as such. Call this only when the stream is
     * complete.
     */
    public boolean isSettled(Set<String> rejectedRecords, Set<String> deadLetters) {
        return lateTripIds(rejectedRecords).containsAll(audit().lateTripIds())
                && rejectedRecords.containsAll(strayIds)
                && deadLetters.containsAll(poisonedIds);
    }

    private StreamAudit audit() {
        if (audit == null) {
            audit = StreamAudit.of(kinesis, stream);
        }
        return audit;
    }

    private static String malformedId(byte[] record) {
        return MALFORMED_PREFIX + UUID.nameUUIDFromBytes(record);
    }

    private static SortedMap<String, String> malformedReasons(Map<String, Map<String, Object>> rejectedRecords) {
        SortedMap<String, String> reasons = new TreeMap<>();
        rejectedRecords.forEach((id, fields) -> {
            if (id.startsWith(MALFORMED_PREFIX)) {
                reasons.put(id, String.valueOf(fields.get("reason")));
            }
        });
        return reasons;
    }

    private static Set<Long> lateTripIds(Set<String> rejectedRecords) {
        Set<Long> ids = new HashSet<>();
        for (String id : rejectedRecords) {
            if (id.startsWith("late-")) {
                ids.add(Long.valueOf(id.substring("late-".length())));
            }
        }
        return ids;
    }

    private static SortedMap<String, Map<String, Object>> closed(
            Map<String, Map<String, Object>> documents, Optional<Instant> until) {
        long untilMillis = until.map(Instant::toEpochMilli).orElse(Long.MAX_VALUE);
        SortedMap<String, Map<String, Object>> closed = new TreeMap<>();
        documents.forEach((id, fields) -> {
            if (((Number) requireNonNull(fields.get("timestamp"), "every document has a timestamp")).longValue()
                    <= untilMillis) {
                closed.put(id, fields);
            }
        });
        return closed;
    }
}
