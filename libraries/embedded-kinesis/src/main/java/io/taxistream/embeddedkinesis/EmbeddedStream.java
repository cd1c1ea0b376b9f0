package io.taxistream.embeddedkinesis;

import static java.util.Objects.requireNonNull;

import io.taxistream.embeddedkinesis.UniformScaling.Change;
import io.taxistream.embeddedkinesis.UniformScaling.Merge;
import io.taxistream.embeddedkinesis.UniformScaling.Split;
import java.math.BigInteger;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A stream: its shards, including closed ones, and the changes in progress.
 *
 * <p>Shards change in rounds, separated by a delay. A round closes parents and opens their children atomically, so the ranges
 * of the open shards always partition the key space. Rounds that are due are carried out by the next access to the stream.
 */
final class EmbeddedStream {

    enum Status {
        CREATING,
        ACTIVE,
        UPDATING,
        DELETING
    }

    private static final long TRIM_INTERVAL_MILLIS = 1_000;

    private final String name;
    private final long incarnation;
    private final String arn;
    private final long createdMillis;
    private final Duration transitionDelay;
    private final SegmentStore store;
    private final StreamConsumers consumers;
    private final AtomicLong positions = new AtomicLong();

    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    // guarded by the lock
    private final Map<String, EmbeddedShard> shards = new LinkedHashMap<>();
    private final NavigableMap<BigInteger, EmbeddedShard> open = new TreeMap<>();
    private Status status = Status.CREATING;
    private List<Change> nextRound = List.of();
    private OptionalInt targetShardCount = OptionalInt.empty();
    private long generation;
    private int nextShardIndex;
    private Duration retention = Duration.ofHours(24);
    private long trimmedBeforeMillis = Long.MIN_VALUE;
    private volatile long dueMillis;
    private volatile long nextTrimMillis;

    private final LongAdder recordsWritten = new LongAdder();
    private final LongAdder bytesWritten = new LongAdder();
    private final LongAdder recordsRead = new LongAdder();
    private final LongAdder throttledWrites = new LongAdder();
    private final LongAdder throttledReads = new LongAdder();
    private final LongAdder recordsTrimmed = new LongAdder();
    private final LongAdder rejectedWrites = new LongAdder();
    private final LongAdder readsOfTrimmedRecords = new LongAdder();

    EmbeddedStream(
            String name,
            long incarnation,
            String arn,
            int shardCount,
            Duration transitionDelay,
            SegmentStore store,
            long nowMillis) {
        this.name = name;
        this.incarnation = incarnation;
        this.arn = arn;
        this.createdMillis = nowMillis;
        this.generation = nowMillis;
        this.transitionDelay = transitionDelay;
        this.store = store;
        this.consumers = new StreamConsumers(arn, transitionDelay);
        this.dueMillis = nowMillis + transitionDelay.toMillis();
        for (HashKeyRange range : HashKeyRange.uniform(shardCount)) {
            openShard(range, List.of(), nowMillis);
        }
    }

    String name() {
        return name;
    }

    String arn() {
        return arn;
    }

    /** Returns a number that distinguishes the stream from deleted streams of the same name. */
    long incarnation() {
        return incarnation;
    }

    long createdMillis() {
        return createdMillis;
    }

    /**
     * Snapshot of a stream.
     *
     * @param horizonMillis time of TRIM_HORIZON in milliseconds since the epoch; not before the creation of the stream
     * @param shards readable shards, oldest first
     */
    record View(Status status, Duration retention, long horizonMillis, List<EmbeddedShard> shards) {

        boolean isUsable() {
            return status == Status.ACTIVE || status == Status.UPDATING;
        }

        List<EmbeddedShard> openShards() {
            return shards.stream().filter(EmbeddedShard::isOpen).toList();
        }
    }

    View view(long nowMillis) {
        return reading(nowMillis, () -> {
            long horizon = horizonMillis(nowMillis);
            List<EmbeddedShard> visible = status == Status.CREATING
                    ? List.of()
                    : shards.values().stream()
                            .filter(shard -> !shard.isExpired(horizon))
                            .toList();
            return new View(status, retention, Math.max(horizon, createdMillis), visible);
        });
    }

    /** Returns the shard with this id, unless all of its content has expired. */
    Optional<EmbeddedShard> shard(String shardId, long nowMillis) {
        return reading(
                nowMillis,
                () -> Optional.ofNullable(shards.get(shardId))
                        .filter(shard -> status != Status.CREATING && !shard.isExpired(horizonMillis(nowMillis))));
    }

    /** Performs an action on the open shard that contains a hash key; the shard stays open during the action. */
    <T> T withShardOf(BigInteger hashKey, long nowMillis, Function<EmbeddedShard, T> action) {
        return reading(nowMillis, () -> action.apply(open.floorEntry(hashKey).getValue()));
    }

    /** Returns the counter from which the positions of all records of the stream are taken. */
    AtomicLong positions() {
        return positions;
    }

    /** Returns the enhanced fan-out consumers. */
    StreamConsumers consumers() {
        return consumers;
    }

    /** Returns whether the stream was deleted and the delay has passed. */
    boolean isGone(long nowMillis) {
        return reading(nowMillis, () -> status == Status.DELETING && nowMillis >= dueMillis);
    }

    void delete(long nowMillis) {
        writing(() -> {
            status = Status.DELETING;
            dueMillis = nowMillis + transitionDelay.toMillis();
        });
    }

    /** Completes the change in progress immediately, however many rounds it takes. */
    void finishChange(long nowMillis) {
        writing(() -> {
            while (isChanging()) {
                applyRound(nowMillis);
            }
        });
    }

    /** Starts a change and completes it immediately, after completing any other change in progress. */
    void changeImmediately(Runnable change, long nowMillis) {
        writing(() -> {
            finishChange(nowMillis);
            change.run();
            finishChange(nowMillis);
        });
    }

    /**
     * @param newStart first hash key of the upper child
     * @throws KinesisException if the stream is not active, or the shard is closed, unknown or does not contain the key
     */
    void split(String shardId, BigInteger newStart, long nowMillis) {
        writing(() -> {
            requireActive();
            EmbeddedShard shard = requireOpen(shardId, nowMillis);
            HashKeyRange range = shard.range();
            if (newStart.compareTo(range.start().add(BigInteger.ONE)) <= 0 || newStart.compareTo(range.end()) >= 0) {
                throw KinesisException.invalidArgument(
                        "NewStartingHashKey " + newStart + " used in SplitShard() on shard "
                                + shardId + " in stream " + label()
                                + " is not both greater than one plus the shard's StartingHashKey "
                                + range.start() + " and less than the shard's EndingHashKey " + range.end() + ".");
            }
            begin(List.of(new Split(range, newStart)), OptionalInt.empty(), nowMillis);
        });
    }

    /** @throws KinesisException if the stream is not active, or the shards are closed, unknown or not adjacent */
    void merge(String shardId, String adjacentId, long nowMillis) {
        writing(() -> {
            requireActive();
            HashKeyRange range = requireOpen(shardId, nowMillis).range();
            HashKeyRange adjacent = requireOpen(adjacentId, nowMillis).range();
            if (!range.isFollowedBy(adjacent) && !adjacent.isFollowedBy(range)) {
                throw KinesisException.invalidArgument("Shards " + shardId + " and " + adjacentId + " in stream "
                        + label() + " are not an adjacent pair of shards eligible for merging");
            }
            begin(List.of(new Merge(range, adjacent)), OptionalInt.empty(), nowMillis);
        });
    }

    /** @throws KinesisException if the stream is not active */
    void scaleTo(int shardCount, long nowMillis) {
        writing(() -> {
            requireActive();
            begin(UniformScaling.nextRound(openRanges(), shardCount), OptionalInt.of(shardCount), nowMillis);
        });
    }

    void retain(Duration newRetention) {
        writing(() -> retention = newRetention);
    }

    /** Frees the space used by the records of a deleted stream. */
    void discard() {
        writing(() -> shards.values().forEach(EmbeddedShard::discard));
    }

    void countTrimmed(long records) {
        recordsTrimmed.add(records);
    }

    /** Trims everything that arrived before a time, as if its retention period had passed. */
    void trimBefore(long millis, long nowMillis) {
        writing(() -> {
            trimmedBeforeMillis = Math.max(trimmedBeforeMillis, millis);
            trim(nowMillis);
        });
    }

    void countWritten(int bytes) {
        recordsWritten.increment();
        bytesWritten.add(bytes);
    }

    void countRead(int records) {
        recordsRead.add(records);
    }

    void countThrottledWrite() {
        throttledWrites.increment();
    }

    void countThrottledRead() {
        throttledReads.increment();
    }

    void countRejectedWrite() {
        rejectedWrites.increment();
    }

    void countReadOfTrimmedRecords() {
        readsOfTrimmedRecords.increment();
    }

    StreamStatistics statistics(long nowMillis) {
        List<EmbeddedShard> present = reading(nowMillis, () -> List.copyOf(shards.values()));
        return new StreamStatistics(
                recordsWritten.sum(),
                bytesWritten.sum(),
                recordsRead.sum(),
                throttledWrites.sum(),
                throttledReads.sum(),
                recordsTrimmed.sum(),
                rejectedWrites.sum(),
                readsOfTrimmedRecords.sum(),
                present.stream().mapToLong(EmbeddedShard::memoryBytes).sum(),
                present.stream().mapToLong(EmbeddedShard::diskBytes).sum());
    }

    KinesisException notActive(Status instead) {
        return KinesisException.resourceInUse("Stream " + label() + " not ACTIVE, instead in state " + instead);
    }

    /** Returns the name of the stream in the service's messages. */
    String label() {
        return name + " under account " + StreamRegistry.ACCOUNT_ID;
    }

    /** Returns the arrival time before which records are no longer readable, in milliseconds since the epoch. */
    private long horizonMillis(long nowMillis) {
        return Math.max(nowMillis - retention.toMillis(), trimmedBeforeMillis);
    }

    private void trim(long nowMillis) {
        long horizon = horizonMillis(nowMillis);
        shards.values().forEach(shard -> recordsTrimmed.add(shard.trimArrivedBefore(horizon)));
        shards.values().removeIf(shard -> {
            boolean expired = shard.isExpired(horizon);
            if (expired) {
                shard.discard();
            }
            return expired;
        });
    }

    private void begin(List<Change> firstRound, OptionalInt target, long nowMillis) {
        status = Status.UPDATING;
        nextRound = firstRound;
        targetShardCount = target;
        dueMillis = nowMillis + transitionDelay.toMillis();
    }

    private boolean isChanging() {
        return status == Status.CREATING || status == Status.UPDATING;
    }

    private void applyRound(long nowMillis) {
        // a round is younger than all existing shards, even if the clock has not advanced
        generation = Math.max(generation + 1, nowMillis);
        nextRound.forEach(change -> apply(change, nowMillis));
        nextRound = targetShardCount.isPresent()
                ? UniformScaling.nextRound(openRanges(), targetShardCount.getAsInt())
                : List.of();
        if (nextRound.isEmpty()) {
            status = Status.ACTIVE;
            dueMillis = Long.MAX_VALUE;
        } else {
            long roundDueMillis = dueMillis;
            dueMillis = roundDueMillis + transitionDelay.toMillis();
        }
    }

    private void apply(Change change, long nowMillis) {
        if (change instanceof Split split) {
            EmbeddedShard parent = removeOpen(split.range());
            List<String> parents = List.of(parent.id());
            EmbeddedShard lower = openShard(split.range().before(split.newStart()), parents, nowMillis);
            EmbeddedShard upper = openShard(split.range().from(split.newStart()), parents, nowMillis);
            parent.close(positions, nowMillis, List.of(lower, upper));
        } else if (change instanceof Merge merge) {
            EmbeddedShard parent = removeOpen(merge.range());
            EmbeddedShard adjacent = removeOpen(merge.adjacent());
            EmbeddedShard child = openShard(
                    merge.range().joinedWith(merge.adjacent()), List.of(parent.id(), adjacent.id()), nowMillis);
            parent.close(positions, nowMillis, List.of(child));
            adjacent.close(positions, nowMillis, List.of(child));
        }
    }

    private EmbeddedShard removeOpen(HashKeyRange range) {
        return requireNonNull(open.remove(range.start()), "only open shards are changed");
    }

    private EmbeddedShard openShard(HashKeyRange range, List<String> parents, long nowMillis) {
        int index = nextShardIndex++;
        EmbeddedShard shard = new EmbeddedShard(
                index,
                range,
                parents,
                new SequenceNumbers(generation, index),
                positions.incrementAndGet(),
                store,
                nowMillis);
        shards.put(shard.id(), shard);
        open.put(range.start(), shard);
        return shard;
    }

    private void requireActive() {
        if (status != Status.ACTIVE) {
            throw notActive(status);
        }
    }

    private EmbeddedShard requireOpen(String shardId, long nowMillis) {
        EmbeddedShard shard = shards.get(shardId);
        if (shard == null || shard.isExpired(horizonMillis(nowMillis))) {
            throw KinesisException.resourceNotFound("Could not find shard " + shardId + " in stream " + label() + ".");
        }
        if (!shard.isOpen()) {
            throw KinesisException.invalidArgument("Shard " + shardId + " in stream " + label()
                    + " has already been merged or split, and thus is not eligible for merging or splitting.");
        }
        return shard;
    }

    private List<HashKeyRange> openRanges() {
        return open.values().stream().map(EmbeddedShard::range).toList();
    }

    private <T> T reading(long nowMillis, Supplier<T> action) {
        if (nowMillis >= dueMillis || nowMillis >= nextTrimMillis) {
            advanceTo(nowMillis);
        }
        lock.readLock().lock();
        try {
            return action.get();
        } finally {
            lock.readLock().unlock();
        }
    }

    private void advanceTo(long nowMillis) {
        writing(() -> {
            while (isChanging() && nowMillis >= dueMillis) {
                applyRound(nowMillis);
            }
            if (nowMillis >= nextTrimMillis) {
                trim(nowMillis);
                nextTrimMillis = nowMillis + TRIM_INTERVAL_MILLIS;
            }
        });
    }

    private void writing(Runnable action) {
        lock.writeLock().lock();
        try {
            action.run();
        } finally {
            lock.writeLock().unlock();
        }
    }
}
