package io.taxistream.eventtime.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.eventtime.source.ModelStream.Entry;
import io.taxistream.eventtime.source.ModelStream.Packed;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A stream, the tracker and the decisions of readers in one thread, which take their steps in a random order, and between which messages
 * travel as Flink delivers them: in order for each reader, at any time, and in a checkpoint such that a reader has got
 * what was sent before the tracker's snapshot and nothing of what was sent after it. After each step it checks what must
 * always hold.
 */
final class SimulatedJob {

    private static final long NONE = Long.MIN_VALUE;

    private final Random random;
    private final boolean subtasksRestartAlone;
    private final int initialShards;
    private final long maxReadAheadMillis;

    private final Map<String, Shard> stream = new LinkedHashMap<>();
    private final List<ModelReader> readers = new ArrayList<>();
    private ShardTracker tracker = new ShardTracker(List.of());

    @Nullable
    private Checkpoint checkpoint;

    /** Shards given to each reader since the checkpoint. */
    private Map<Integer, List<String>> assignedSinceCheckpoint = new HashMap<>();

    private static final class Shard {
        final ShardInfo info;
        final List<Packed> content = new ArrayList<>();
        boolean closed;

        /** Later records are beyond it. */
        long promisedMillis;

        Shard(ShardInfo info, long promisedMillis) {
            this.info = info;
            this.promisedMillis = promisedMillis;
        }
    }

    private record Checkpoint(List<TrackedShard> tracker, List<List<ShardSplit>> readers) {}

    SimulatedJob(long seed, boolean subtasksRestartAlone) {
        this.random = new Random(seed);
        this.subtasksRestartAlone = subtasksRestartAlone;
        initialShards = 1 + random.nextInt(4);
        // from less than what one watermark brings to more than the whole stream has
        maxReadAheadMillis = 1L << random.nextInt(16);
        for (int i = 0; i < initialShards; i++) {
            addShard(List.of(), BigInteger.valueOf(1000L * i), BigInteger.valueOf(1000L * i + 999), NONE);
        }
        int parallelism = 1 + random.nextInt(4);
        for (int i = 0; i < parallelism; i++) {
            readers.add(newReader(List.of()));
        }
    }

    /** Takes so many steps at random. */
    void run(int steps) {
        for (int i = 0; i < steps; i++) {
            int dice = random.nextInt(100);
            if (dice < 15) {
                write();
            } else if (dice < 18) {
                reshard();
            } else if (dice < 24) {
                discover(random.nextInt(3) == 0);
            } else if (dice < 94) {
                step(random.nextInt(readers.size()));
            } else if (dice < 97) {
                takeCheckpoint();
            } else if (dice < 99 || subtasksRestartAlone) {
                restart();
            } else {
                restoreWithAnotherParallelism();
            }
            check();
        }
    }

    /** Lets the job read what there is, and checks that it has read all, with the watermark that follows from it. */
    void runToTheEnd() {
        stream.values().forEach(shard -> {
            if (!shard.closed) {
                shard.promisedMillis = Math.max(shard.promisedMillis, 0) + 1_000_000;
                shard.content.add(new Packed(Entry.watermark(shard.promisedMillis)));
            }
        });
        // each round brings the readers at least one generation of shards further, or the slowest shard one watermark
        int entries = stream.values().stream()
                .flatMap(shard -> shard.content.stream())
                .mapToInt(packed -> packed.entries().size())
                .sum();
        for (int round = 0; round < 4 * (stream.size() + entries) + 4; round++) {
            discover(false);
            for (int reader = 0; reader < readers.size(); reader++) {
                while (step(reader)) {
                    check();
                }
            }
            decide();
        }
        long reached = stream.values().stream()
                .filter(shard -> !shard.closed)
                .mapToLong(shard -> shard.promisedMillis)
                .min()
                .orElseThrow();
        for (Shard shard : stream.values()) {
            assertThat(unread(shard)).as("unread in %s", shard.info).isEmpty();
            assertThat(statusOf(shard.info.shardId()))
                    .isEqualTo(shard.closed ? TrackedShard.Status.FINISHED : TrackedShard.Status.ASSIGNED);
        }
        assertThat(tracker.watermarkLimit()).isEqualTo(reached);
        assertThat(readers)
                .allSatisfy(reader -> assertThat(reader.watermarkMillis()).isEqualTo(reached));
    }

    private void write() {
        List<Shard> open = open();
        Shard shard = open.get(random.nextInt(open.size()));
        long beyond = shard.promisedMillis == NONE ? 0 : shard.promisedMillis;
        int size = random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 1;
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            entries.add(Entry.event(beyond + 1 + random.nextInt(100)));
        }
        if (random.nextInt(3) == 0) {
            shard.promisedMillis = beyond + 1 + random.nextInt(100);
            entries.set(size - 1, Entry.watermark(shard.promisedMillis));
        }
        shard.content.add(new Packed(List.copyOf(entries)));
    }

    private void reshard() {
        List<Shard> open = open();
        int index = random.nextInt(open.size());
        Shard shard = open.get(index);
        if (random.nextBoolean() && index + 1 < open.size()) {
            Shard next = open.get(index + 1);
            shard.closed = true;
            next.closed = true;
            addShard(
                    List.of(shard.info.shardId(), next.info.shardId()),
                    shard.info.startingHashKey(),
                    next.info.endingHashKey(),
                    Math.min(shard.promisedMillis, next.promisedMillis));
        } else if (!shard.info.startingHashKey().equals(shard.info.endingHashKey())) {
            shard.closed = true;
            BigInteger middle =
                    shard.info.startingHashKey().add(shard.info.endingHashKey()).shiftRight(1);
            List<String> parents = List.of(shard.info.shardId());
            addShard(parents, shard.info.startingHashKey(), middle, shard.promisedMillis);
            addShard(parents, middle.add(BigInteger.ONE), shard.info.endingHashKey(), shard.promisedMillis);
        }
    }

    /** Lists the shards, perhaps not yet the newest ones. */
    private void discover(boolean outdated) {
        List<ShardInfo> listing =
                stream.values().stream().map(shard -> shard.info).toList();
        int atLeast = Math.max(initialShards, tracker.snapshot().size());
        int visible = outdated ? atLeast + random.nextInt(listing.size() - atLeast + 1) : listing.size();
        tracker.discovered(listing.subList(0, visible));
        decide();
    }

    /** Lets a reader, or a message to or from it, go one step on; false if there was nothing to do. */
    private boolean step(int index) {
        ModelReader reader = readers.get(index);
        int what = random.nextInt(3);
        for (int tried = 0; tried < 3; tried++, what = (what + 1) % 3) {
            boolean done = switch (what) {
                case 0 -> reader.receive() != null;
                case 1 -> deliverToTracker(index);
                default -> read(reader);
            };
            if (done) {
                return true;
            }
        }
        return reader.report();
    }

    private boolean read(ModelReader reader) {
        List<HeldShard> readable =
                reader.shards.all().stream().filter(reader::mayRead).toList();
        for (HeldShard held : readable) {
            Shard shard = stream.get(held.id());
            if (reader.hasNext(held, shard.content, shard.closed)) {
                ModelReader.Read read = reader.read(held, shard.content);
                if (read != null
                        && !read.entry().isWatermark()
                        && read.entry().timestampMillis() <= reader.watermarkMillis()) {
                    throw new AssertionError(read + " of " + shard.info + " is behind its reader's watermark "
                            + reader.watermarkMillis());
                }
                return true;
            }
        }
        return false;
    }

    private boolean deliverToTracker(int index) {
        ModelReader reader = readers.get(index);
        ShardReport report = reader.toTracker.poll();
        if (report == null) {
            return false;
        }
        if (report.initial()) {
            tracker.readerStarted(index, report.shards());
        } else {
            tracker.progressed(index, report.shards());
        }
        List<String> finished = report.shards().stream()
                .filter(ShardProgress::finished)
                .map(ShardProgress::shardId)
                .toList();
        if (!finished.isEmpty()) {
            reader.toReader.add(new FinishRecorded(finished));
        }
        decide();
        return true;
    }

    /** What the enumerator does after whatever it hears. */
    private void decide() {
        tracker.assign(readers.size())
                .forEach((index, assignments) -> assignments.forEach(assignment -> {
                    for (String parentId : stream.get(assignment.shardId()).info.parentIds()) {
                        assertThat(statusOf(parentId))
                                .as("parent of %s", assignment)
                                .isEqualTo(TrackedShard.Status.FINISHED);
                        HeldShard parent = held(parentId);
                        assertThat(parent == null || parent.finished())
                                .as("parent of %s was read to its end", assignment)
                                .isTrue();
                    }
                    assertThat(held(assignment.shardId()))
                            .as("holder of %s", assignment)
                            .isNull();
                    readers.get(index)
                            .toReader
                            .add(new ShardSplit(
                                    assignment.shardId(),
                                    new ShardPosition.TrimHorizon(),
                                    assignment.watermarks(),
                                    false));
                    assignedSinceCheckpoint
                            .computeIfAbsent(index, i -> new ArrayList<>())
                            .add(assignment.shardId());
                }));
        if (tracker.allReadersStarted(readers.size())) {
            for (int index = 0; index < readers.size(); index++) {
                readers.get(index)
                        .toReader
                        .add(new WatermarkLimit(
                                tracker.watermarkLimit(),
                                tracker.awaitedShards().getOrDefault(index, Set.of()),
                                Long.MIN_VALUE));
            }
        }
    }

    private void takeCheckpoint() {
        List<TrackedShard> trackerSnapshot = tracker.snapshot();
        assignedSinceCheckpoint = new HashMap<>();
        List<List<ShardSplit>> readerSnapshots = new ArrayList<>();
        List<Deque<Object>> sentBefore = new ArrayList<>();
        for (ModelReader reader : readers) {
            sentBefore.add(new ArrayDeque<>(reader.toReader));
            reader.toReader.clear();
        }
        for (int index = 0; index < readers.size(); index++) {
            ModelReader reader = readers.get(index);
            Deque<Object> sentAfter = new ArrayDeque<>(reader.toReader);
            reader.toReader.clear();
            reader.toReader.addAll(sentBefore.get(index));
            while (reader.receive() != null) {
                if (random.nextBoolean()) {
                    read(reader);
                }
            }
            // what the readers say now reaches the tracker after its snapshot
            if (random.nextBoolean()) {
                reader.toReader.addAll(sentAfter);
                sentAfter.clear();
                Deque<Object> held = new ArrayDeque<>(reader.toReader);
                read(reader);
                reader.toReader.clear();
                readerSnapshots.add(reader.shards.snapshot());
                reader.toReader.addAll(held);
                deliverToTracker(index);
            } else {
                readerSnapshots.add(reader.shards.snapshot());
                reader.toReader.addAll(sentAfter);
            }
        }
        checkpoint = new Checkpoint(trackerSnapshot, readerSnapshots);
    }

    /** Restarts subtasks from the checkpoint, while the tracker goes on as it is. */
    private void restart() {
        int only = subtasksRestartAlone ? random.nextInt(readers.size()) : -1;
        for (int index = 0; index < readers.size(); index++) {
            if (only < 0 || only == index) {
                tracker.readerReset(index, assignedSinceCheckpoint.getOrDefault(index, List.of()));
                assignedSinceCheckpoint.remove(index);
                readers.set(
                        index,
                        newReader(
                                checkpoint == null
                                        ? List.of()
                                        : checkpoint.readers().get(index)));
            }
        }
    }

    private void restoreWithAnotherParallelism() {
        List<ShardSplit> splits = new ArrayList<>();
        List<TrackedShard> tracked = List.of();
        if (checkpoint != null) {
            checkpoint.readers().forEach(splits::addAll);
            tracked = checkpoint.tracker();
        }
        int parallelism = 1 + random.nextInt(5);
        tracker = new ShardTracker(tracked);
        readers.clear();
        assignedSinceCheckpoint = new HashMap<>();
        List<List<ShardSplit>> distributed = new ArrayList<>();
        for (int i = 0; i < parallelism; i++) {
            distributed.add(new ArrayList<>());
        }
        for (int i = 0; i < splits.size(); i++) {
            distributed.get(i % parallelism).add(splits.get(i));
        }
        distributed.forEach(held -> readers.add(newReader(held)));
        checkpoint = checkpoint == null ? null : new Checkpoint(tracked, distributed);
    }

    /** No watermark is past a record that has not been read. */
    private void check() {
        if (subtasksRestartAlone) {
            // those that did not restart are ahead of what is read again, which each reader's own check allows for
            return;
        }
        long furthest =
                readers.stream().mapToLong(ModelReader::watermarkMillis).max().orElseThrow();
        if (furthest == NONE) {
            return;
        }
        for (Shard shard : stream.values()) {
            for (Entry entry : unread(shard)) {
                if (!entry.isWatermark() && entry.timestampMillis() <= furthest) {
                    throw new AssertionError(
                            "the watermark " + furthest + " is past " + entry + ", unread in " + shard.info);
                }
            }
        }
    }

    /** What no reader has read of a shard yet. */
    private List<Entry> unread(Shard shard) {
        ModelReader holder = holder(shard.info.shardId());
        int place = 0;
        int skipped = 0;
        if (holder != null) {
            ShardPosition position = holder.held(shard.info.shardId()).toSplit().position();
            place = ModelStream.placeOf(position);
            skipped = position instanceof ShardPosition.InsideRecord inside ? inside.userRecordsRead() : 0;
        } else if (statusOf(shard.info.shardId()) == TrackedShard.Status.FINISHED) {
            place = shard.content.size();
        }
        return shard.content.stream()
                .skip(place)
                .flatMap(packed -> packed.entries().stream())
                .skip(skipped)
                .toList();
    }

    private ModelReader newReader(List<ShardSplit> splits) {
        return new ModelReader(new ReaderShards(maxReadAheadMillis, Long.MAX_VALUE), splits);
    }

    @Nullable
    private HeldShard held(String shardId) {
        ModelReader holder = holder(shardId);
        return holder == null ? null : holder.held(shardId);
    }

    @Nullable
    private ModelReader holder(String shardId) {
        ModelReader holder = null;
        for (ModelReader reader : readers) {
            if (reader.held(shardId) != null) {
                if (holder != null) {
                    throw new AssertionError("two readers hold " + shardId);
                }
                holder = reader;
            }
        }
        return holder;
    }

    private TrackedShard.@Nullable Status statusOf(String shardId) {
        return tracker.snapshot().stream()
                .filter(shard -> shard.shardId().equals(shardId))
                .map(TrackedShard::status)
                .findFirst()
                .orElse(null);
    }

    private List<Shard> open() {
        List<Shard> open = new ArrayList<>(
                stream.values().stream().filter(shard -> !shard.closed).toList());
        open.sort((a, b) -> a.info.startingHashKey().compareTo(b.info.startingHashKey()));
        return open;
    }

    private void addShard(List<String> parents, BigInteger start, BigInteger end, long promisedMillis) {
        String shardId = String.format("shard-%04d", stream.size());
        stream.put(shardId, new Shard(new ShardInfo(shardId, parents, start, end), promisedMillis));
    }
}
