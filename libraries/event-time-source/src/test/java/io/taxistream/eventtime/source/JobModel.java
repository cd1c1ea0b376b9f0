package io.taxistream.eventtime.source;

import io.taxistream.eventtime.source.ModelStream.Entry;
import io.taxistream.eventtime.source.ModelStream.Packed;
import io.taxistream.eventtime.source.ShardTracker.Assignment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.apache.flink.api.connector.source.SourceEvent;
import org.jspecify.annotations.Nullable;

/**
 * A state of a job that reads a small stream: the real tracker, readers with the real decisions, and messages under way.
 * Every order of listing, reading, reporting, assigning, checkpointing and of one failure is a path of {@link #actions}.
 */
final class JobModel {

    private static final long NONE = Long.MIN_VALUE;

    /** What fails, and how much of the job goes back to its checkpoint with it. */
    enum Failure {
        /** A reader, which alone is restarted, as in a job without a shuffle. */
        ONE_READER,
        /** A reader, and with it all others are restarted, but not the tracker. */
        ALL_READERS,
        /** The job manager: the tracker is restored as well, and the splits go to other readers than before. */
        WHOLE_JOB
    }

    /** A shard and all that will ever be written to it. */
    record ModelShard(ShardInfo info, List<Packed> content, boolean closed) {}

    /** How finely the search cuts what happens into steps. */
    enum Steps {
        /** Each message travels and arrives for itself. */
        SINGLE,
        /**
         * Messages whose travel makes no difference arrive when they are sent: reports of watermarks, as what the reader does
         * in between can come after; and limits and what the enumerator has noted of ends, unless they have to queue behind
         * a shard or a barrier, as a limit that arrives early is the worst that a record can meet. New shards, barriers and
         * reports of ends travel. As nothing that is sent after a barrier is part of the checkpoint, and a failure before the
         * last barrier is one without a checkpoint, readers come to their barriers one after the other, and nothing else
         * happens until then. A whole job that is restored knows nothing but its checkpoint, so that it fails as soon as that is
         * complete, or has none.
         */
        MERGED
    }

    /**
     * What does not change in the course of a search.
     *
     * @param initialShards number of shards that every listing shows
     */
    record Plan(
            List<ModelShard> stream,
            int initialShards,
            int readers,
            long maxReadAheadMillis,
            int checkpoints,
            Failure failure,
            int failures,
            Steps steps,
            Function<List<TrackedShard>, ShardTracker> trackers,
            LongFunction<ReaderShards> readerShards,
            long endMillis) {

        ModelShard shard(String shardId) {
            for (ModelShard shard : stream) {
                if (shard.info().shardId().equals(shardId)) {
                    return shard;
                }
            }
            throw new IllegalArgumentException(shardId);
        }

        /** The bit that stands for an entry. */
        long bit(ModelShard shard, int place, int index) {
            int bit = entries(stream.subList(0, stream.indexOf(shard)));
            for (Packed packed : shard.content().subList(0, place)) {
                bit += packed.entries().size();
            }
            return 1L << (bit + index);
        }

        long bits(ModelShard shard) {
            int first = entries(stream.subList(0, stream.indexOf(shard)));
            return ((1L << entries(List.of(shard))) - 1) << first;
        }

        long allBits() {
            return (1L << entries(stream)) - 1;
        }

        private static int entries(List<ModelShard> shards) {
            int entries = 0;
            for (ModelShard shard : shards) {
                for (Packed packed : shard.content()) {
                    entries += packed.entries().size();
                }
            }
            return entries;
        }
    }

    /** In the channel to a reader: all that was sent before belongs to the checkpoint. */
    private record Barrier() {}

    /** What a checkpoint holds of a reader, and which entries it then had read. */
    record ReaderSnapshot(List<ShardSplit> splits, long readMask) {}

    private record Checkpoint(List<TrackedShard> tracker, List<ReaderSnapshot> readers) {}

    /** One possible next step. */
    record Action(String name, int reader, String argument) {

        /** Whether the job gets to its end without it. */
        boolean isOptional() {
            return name.equals("checkpoint") || name.equals("fail");
        }

        @Override
        public String toString() {
            return name + (reader < 0 ? "" : " reader " + reader) + (argument.isEmpty() ? "" : " " + argument);
        }
    }

    private final Plan plan;
    private ShardTracker tracker;
    private final List<ModelReader> readers = new ArrayList<>();
    private final List<WatermarkLimit> announced = new ArrayList<>();

    /** By reader, the entries that it has read, as of the checkpoint it was restored from. */
    private final List<Long> readMasks = new ArrayList<>();

    private int listed;

    /** Number of shards that the tracker knew when it was restored: no listing shows fewer. */
    private int listedBefore;

    private int checkpointsLeft;
    private int failuresLeft;

    /** The greatest limit given out since all readers were started. */
    private long givenLimitMillis = NONE;

    @Nullable
    private Checkpoint complete;

    /** Whether the job fails as soon as the checkpoint that is being taken is complete. */
    private boolean failsWithCheckpoint;

    /** The tracker's part of the checkpoint that is being taken; null if there is none. */
    @Nullable
    private List<TrackedShard> trackerSnapshot;

    private final Map<Integer, ReaderSnapshot> readerSnapshots = new TreeMap<>();

    /** By reader, the shards given to it since the last complete checkpoint, and those of them since the snapshot. */
    private final Map<Integer, List<String>> assigned = new TreeMap<>();

    private final Map<Integer, List<String>> assignedSinceSnapshot = new TreeMap<>();

    JobModel(Plan plan) {
        this.plan = plan;
        this.checkpointsLeft = plan.checkpoints();
        this.failuresLeft = plan.failures();
        this.tracker = plan.trackers().apply(List.of());
        for (int i = 0; i < plan.readers(); i++) {
            readers.add(newReader(List.of()));
            announced.add(WatermarkLimit.NONE);
            readMasks.add(0L);
        }
    }

    private ModelReader newReader(List<ShardSplit> splits) {
        return new ModelReader(plan.readerShards().apply(plan.maxReadAheadMillis()), splits);
    }

    /** All that can happen next. */
    List<Action> actions() {
        List<Action> actions = new ArrayList<>();
        if (plan.steps() == Steps.MERGED && trackerSnapshot != null) {
            int r = readerSnapshots.size();
            actions.add(new Action("message to", r, ""));
            addReads(r, actions);
            return actions;
        }
        // listings may be out of date, but they never show less than before
        int first = Math.max(listed + 1, Math.max(listedBefore, plan.initialShards()));
        for (int visible = first; visible <= plan.stream().size(); visible++) {
            actions.add(new Action("list", -1, Integer.toString(visible)));
        }
        for (int r = 0; r < readers.size(); r++) {
            ModelReader reader = readers.get(r);
            if (!reader.toReader.isEmpty()) {
                actions.add(new Action("message to", r, ""));
            }
            if (!reader.toTracker.isEmpty()) {
                actions.add(new Action("message from", r, ""));
            }
            addReads(r, actions);
            if (reader.hasUnreportedProgress() && (plan.steps() == Steps.SINGLE || reader.toTracker.isEmpty())) {
                actions.add(new Action("report of", r, ""));
            }
        }
        if (checkpointsLeft > 0 && trackerSnapshot == null && tracker.allReadersStarted(readers.size())) {
            actions.add(new Action("checkpoint", -1, ""));
        }
        if (failuresLeft > 0) {
            switch (plan.failure()) {
                case ONE_READER -> {
                    for (int r = 0; r < readers.size(); r++) {
                        actions.add(new Action("fail", r, ""));
                    }
                }
                case ALL_READERS, WHOLE_JOB -> actions.add(new Action("fail", -1, ""));
            }
        }
        return actions;
    }

    private void addReads(int r, List<Action> actions) {
        ModelReader reader = readers.get(r);
        for (HeldShard held : reader.shards.all()) {
            ModelShard shard = plan.shard(held.id());
            if (reader.mayRead(held) && reader.hasNext(held, shard.content(), shard.closed())) {
                actions.add(new Action("read by", r, held.id()));
            }
        }
    }

    /** Takes a step, and checks what must hold after it. */
    void take(Action action) {
        switch (action.name()) {
            case "list" -> list(Integer.parseInt(action.argument()));
            case "message to" -> deliverToReader(action.reader());
            case "message from" -> deliverToTracker(action.reader());
            case "read by" -> read(action.reader(), action.argument());
            case "report of" -> report(action.reader());
            case "checkpoint" -> startCheckpoint();
            case "fail" -> fail(action.reader());
            default -> throw new IllegalArgumentException(action.name());
        }
    }

    private void list(int visible) {
        listed = visible;
        listedBefore = 0;
        tracker.discovered(
                plan.stream().subList(0, visible).stream().map(ModelShard::info).toList());
        decide();
    }

    /** What the enumerator does after whatever it hears. */
    private void decide() {
        if (!tracker.allReadersStarted(readers.size())) {
            return;
        }
        tracker.assign(readers.size()).forEach((r, assignments) -> {
            for (Assignment assignment : assignments) {
                readers.get(r)
                        .toReader
                        .add(new ShardSplit(
                                assignment.shardId(), new ShardPosition.TrimHorizon(), assignment.watermarks(), false));
                if (failuresLeft > 0 && plan.failure() != Failure.WHOLE_JOB) {
                    assigned.computeIfAbsent(r, i -> new ArrayList<>()).add(assignment.shardId());
                    assignedSinceSnapshot
                            .computeIfAbsent(r, i -> new ArrayList<>())
                            .add(assignment.shardId());
                }
            }
        });
        long limitMillis = tracker.watermarkLimit();
        Map<Integer, Set<String>> awaited = tracker.awaitedShards();
        for (int r = 0; r < readers.size(); r++) {
            WatermarkLimit limit = new WatermarkLimit(limitMillis, awaited.getOrDefault(r, Set.of()), NONE);
            if (!limit.equals(announced.get(r))) {
                announced.set(r, limit);
                send(r, limit);
                if (!othersMayBeAhead()) {
                    givenLimitMillis = Math.max(givenLimitMillis, limitMillis);
                }
            }
        }
    }

    private void report(int r) {
        if (readers.get(r).report() && plan.steps() == Steps.MERGED) {
            deliverToTracker(r);
        }
    }

    /** Sends a limit, or what the enumerator has noted. */
    private void send(int r, SourceEvent message) {
        ModelReader reader = readers.get(r);
        boolean arrives = plan.steps() == Steps.MERGED && reader.toReader.isEmpty();
        reader.toReader.add(message);
        if (arrives) {
            deliverToReader(r);
        }
    }

    private void deliverToReader(int r) {
        ModelReader reader = readers.get(r);
        if (reader.receive() instanceof Barrier) {
            readerSnapshots.put(r, new ReaderSnapshot(reader.shards.snapshot(), readMasks.get(r)));
            if (readerSnapshots.size() == readers.size()) {
                complete = new Checkpoint(trackerSnapshot, List.copyOf(readerSnapshots.values()));
                discardPendingCheckpoint();
                assigned.clear();
                assignedSinceSnapshot.forEach((i, shards) -> assigned.put(i, new ArrayList<>(shards)));
                if (failsWithCheckpoint) {
                    fail(-1);
                    return;
                }
            }
        }
        while (plan.steps() == Steps.MERGED && reader.toReader.peek() instanceof SourceEvent) {
            reader.receive();
        }
    }

    private void deliverToTracker(int r) {
        ModelReader reader = readers.get(r);
        ShardReport report = reader.toTracker.remove();
        if (report.initial()) {
            announced.set(r, WatermarkLimit.NONE);
            tracker.readerStarted(r, report.shards());
        } else {
            tracker.progressed(r, report.shards());
        }
        List<String> finished = report.shards().stream()
                .filter(ShardProgress::finished)
                .map(ShardProgress::shardId)
                .toList();
        if (!finished.isEmpty()) {
            send(r, new FinishRecorded(finished));
        }
        decide();
    }

    private void read(int r, String shardId) {
        ModelReader reader = readers.get(r);
        ModelShard shard = plan.shard(shardId);
        ModelReader.Read read = reader.read(reader.held(shardId), shard.content());
        if (read == null) {
            return;
        }
        long bit = plan.bit(shard, read.place(), read.index());
        for (long mask : readMasks) {
            check((mask & bit) == 0, () -> read + " of " + shardId + " is read twice");
        }
        long readByAll = readByAll();
        for (String parentId : shard.info().parentIds()) {
            long ofParent = plan.bits(plan.shard(parentId));
            check(
                    (readByAll & ofParent) == ofParent || othersMayBeAhead(),
                    () -> read + " of " + shardId + " is read before its parent " + parentId);
        }
        // which reader has read what is of interest only as long as one can fail
        int reading = failuresLeft > 0 ? r : 0;
        readMasks.set(reading, readMasks.get(reading) | bit);
        Entry entry = read.entry();
        if (!entry.isWatermark()) {
            check(
                    entry.timestampMillis() > reader.watermarkMillis(),
                    () -> entry + " of " + shardId + " is emitted behind its reader's watermark "
                            + reader.watermarkMillis());
            check(
                    entry.timestampMillis() > givenLimitMillis || othersMayBeAhead(),
                    () -> entry + " of " + shardId + " is emitted behind the limit " + givenLimitMillis);
        }
    }

    /** Whether readers that did not fail may be ahead of what one that did fail reads again. */
    private boolean othersMayBeAhead() {
        return failuresLeft < plan.failures() && plan.failure() == Failure.ONE_READER;
    }

    private void startCheckpoint() {
        checkpointsLeft--;
        failsWithCheckpoint = plan.steps() == Steps.MERGED && plan.failure() == Failure.WHOLE_JOB;
        trackerSnapshot = tracker.snapshot();
        assignedSinceSnapshot.clear();
        readers.forEach(reader -> reader.toReader.add(new Barrier()));
    }

    private void discardPendingCheckpoint() {
        trackerSnapshot = null;
        readerSnapshots.clear();
    }

    private void fail(int failing) {
        failuresLeft--;
        discardPendingCheckpoint();
        readers.forEach(reader -> reader.toReader.removeIf(Barrier.class::isInstance));
        switch (plan.failure()) {
            case ONE_READER -> {
                restart(failing);
                givenLimitMillis = NONE;
            }
            case ALL_READERS -> {
                for (int r = 0; r < readers.size(); r++) {
                    restart(r);
                }
                givenLimitMillis = NONE;
            }
            case WHOLE_JOB -> restore();
        }
        if (failuresLeft == 0) {
            disableFailures();
        }
    }

    /** Nothing will fail, so that whatever is there to be restored makes no difference. */
    private void disableFailures() {
        long read = readByAll();
        for (int r = 0; r < readers.size(); r++) {
            readMasks.set(r, r == 0 ? read : 0L);
        }
        failsWithCheckpoint = false;
        checkpointsLeft = 0;
        complete = null;
        assigned.clear();
        assignedSinceSnapshot.clear();
    }

    private void restart(int r) {
        List<String> returned = assigned.remove(r);
        assignedSinceSnapshot.remove(r);
        tracker.readerReset(r, returned == null ? List.of() : returned);
        ReaderSnapshot snapshot = complete == null
                ? new ReaderSnapshot(List.of(), 0)
                : complete.readers().get(r);
        readers.set(r, newReader(snapshot.splits()));
        readMasks.set(r, snapshot.readMask());
    }

    private void restore() {
        tracker = plan.trackers().apply(complete == null ? List.of() : complete.tracker());
        listed = 0;
        listedBefore = complete == null ? 0 : complete.tracker().size();
        givenLimitMillis = NONE;
        assigned.clear();
        assignedSinceSnapshot.clear();
        List<ShardSplit> splits = new ArrayList<>();
        long readMask = 0;
        if (complete != null) {
            for (ReaderSnapshot snapshot : complete.readers()) {
                splits.addAll(snapshot.splits());
                readMask |= snapshot.readMask();
            }
        }
        for (int r = 0; r < readers.size(); r++) {
            List<ShardSplit> ofReader = new ArrayList<>();
            for (int i = 0; i < splits.size(); i++) {
                if ((i + 1) % readers.size() == r) {
                    ofReader.add(splits.get(i));
                }
            }
            readers.set(r, newReader(ofReader));
            announced.set(r, WatermarkLimit.NONE);
            readMasks.set(r, r == 0 ? readMask : 0L);
        }
    }

    private long readByAll() {
        return readMasks.stream().reduce(0L, (a, b) -> a | b);
    }

    /** What must hold where nothing can happen any more. */
    void checkEnd() {
        long read = readByAll();
        check(
                read == plan.allBits(),
                () -> "read is only " + Long.toBinaryString(read) + " of " + Long.toBinaryString(plan.allBits()));
        for (ModelReader reader : readers) {
            check(
                    reader.watermarkMillis() == plan.endMillis(),
                    () -> "event time ends at " + reader.watermarkMillis() + ", not at " + plan.endMillis());
        }
    }

    private static void check(boolean holds, Supplier<String> mistake) {
        if (!holds) {
            throw new AssertionError(mistake.get());
        }
    }
}
