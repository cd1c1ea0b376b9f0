package io.taxistream.eventtime.source;

import io.taxistream.eventtime.PartWatermarks;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Tracks every shard of the stream, its reader and its event-time progress. Decides which reader may read which shard, and how
 * far the watermarks of the readers may advance.
 *
 * <p>This class does no I/O and is used by a single thread. Nothing is decided before every reader has reported its shards:
 * after a failure the readers return to their checkpoint but the tracker does not, so only their reports show what remains to
 * be read.
 */
class ShardTracker {

    private static final int NO_READER = -1;

    private final Map<String, Shard> shards = new TreeMap<>();
    private final Map<String, List<Shard>> childrenOf = new HashMap<>();
    private final Set<Integer> startedReaders = new HashSet<>();

    /** Shards of the last listing; null before the first. */
    private @Nullable Map<String, ShardInfo> listed;

    /**
     * Number of shards at the current limit. The limit is recomputed when this reaches zero.
     */
    private int shardsAtLimit;

    private long limitMillis;

    /** Cached result of {@link #awaitedShards}; null if it must be recomputed. */
    private @Nullable Map<Integer, Set<String>> awaited;

    /** Mutable state of a shard. */
    private static final class Shard {
        final String id;
        final List<String> parentIds;
        TrackedShard.Status status;
        PartWatermarks watermarks;

        /** Whether the children in the last listing cover all hash keys of the shard. */
        boolean childrenKnown;

        /** Reader whose state contains the shard, if known; for a pending shard, the reader it must be assigned to, if any. */
        int reader = NO_READER;

        Shard(TrackedShard shard) {
            id = shard.shardId();
            parentIds = shard.parentIds();
            status = shard.status();
            watermarks = shard.watermarks();
        }

        long watermarkMillis() {
            return watermarks.watermarkMillis();
        }

        boolean is(TrackedShard.Status other) {
            return status == other;
        }
    }

    /**
     * A shard to be read from its beginning.
     *
     * @param watermarks watermarks of each part received by its parents
     */
    record Assignment(String shardId, PartWatermarks watermarks) {}

    ShardTracker(Collection<TrackedShard> restored) {
        restored.forEach(this::track);
    }

    /**
     * Records a complete listing of the stream's shards.
     *
     * @return the number of new shards
     */
    int discovered(Collection<ShardInfo> listing) {
        Map<String, ShardInfo> byId = new HashMap<>();
        int found = 0;
        for (ShardInfo info : listing) {
            byId.put(info.shardId(), info);
            if (!shards.containsKey(info.shardId())) {
                track(new TrackedShard(
                        info.shardId(), info.parentIds(), TrackedShard.Status.PENDING, PartWatermarks.NONE));
                found++;
            }
        }
        listed = byId;
        for (Shard shard : shards.values()) {
            shard.childrenKnown = childrenAreKnown(shard, byId);
        }
        forgetExpired();
        invalidateLimit();
        return found;
    }

    /**
     * Records the shards of a newly started reader. They replace the known state, because the reader may have returned to a
     * checkpoint.
     */
    void readerStarted(int reader, Collection<ShardProgress> held) {
        startedReaders.add(reader);
        invalidateLimit();
        for (ShardProgress progress : held) {
            Shard shard = shardOf(progress);
            shard.reader = reader;
            shard.watermarks = progress.watermarks();
            shard.status = progress.finished() ? TrackedShard.Status.FINISHED : TrackedShard.Status.ASSIGNED;
        }
    }

    /** Records the progress of a reader. A report from a reader that has not started is outdated and ignored. */
    void progressed(int reader, Collection<ShardProgress> changed) {
        if (!startedReaders.contains(reader)) {
            return;
        }
        for (ShardProgress progress : changed) {
            Shard shard = shardOf(progress);
            shard.reader = reader;
            boolean held = shard.watermarkMillis() == limitMillis && shard.is(TrackedShard.Status.ASSIGNED);
            if (progress.watermarkMillis() >= shard.watermarkMillis()) {
                shard.watermarks = progress.watermarks();
            }
            if (progress.finished()) {
                shard.status = TrackedShard.Status.FINISHED;
            }
            if (!shard.is(TrackedShard.Status.ASSIGNED)) {
                invalidateLimit();
            } else if (held && shardsAtLimit > 0 && shard.watermarkMillis() > limitMillis) {
                shardsAtLimit--;
            }
        }
    }

    /**
     * Records that a reader failed and returns to a checkpoint.
     *
     * @param returned shards assigned to the reader since that checkpoint. They are assigned to the same reader again, because
     *     the watermarks of readers that were not reset may already be past these shards
     */
    void readerReset(int reader, Collection<String> returned) {
        startedReaders.remove(reader);
        invalidateLimit();
        for (Shard shard : shards.values()) {
            // a pending shard that was returned earlier stays with its reader, however often that reader fails
            if (shard.reader == reader && !shard.is(TrackedShard.Status.PENDING)) {
                shard.reader = NO_READER;
            }
        }
        for (String shardId : returned) {
            Shard shard = shards.computeIfAbsent(
                    shardId,
                    id -> track(new TrackedShard(id, List.of(), TrackedShard.Status.PENDING, PartWatermarks.NONE)));
            shard.status = TrackedShard.Status.PENDING;
            shard.reader = reader;
            shard.watermarks = PartWatermarks.NONE;
        }
    }

    /** Returns whether every reader has reported its shards. Before that, there are neither assignments nor a limit. */
    boolean allReadersStarted(int parallelism) {
        return startedReaders.size() >= parallelism;
    }

    /**
     * Assigns every shard whose parents have been read, each to the reader with the fewest shards.
     *
     * @return assignments by reader; empty while readers are missing
     * @throws IllegalStateException if a shard that was being read is not in the state of any reader, so that its records would
     *     be lost
     */
    Map<Integer, List<Assignment>> assign(int parallelism) {
        Map<Integer, List<Assignment>> assignments = new TreeMap<>();
        if (!allReadersStarted(parallelism)) {
            return assignments;
        }
        int[] load = new int[parallelism];
        for (Shard shard : shards.values()) {
            if (shard.is(TrackedShard.Status.ASSIGNED)) {
                if (shard.reader == NO_READER) {
                    throw new IllegalStateException("Shard " + shard.id
                            + " was being read, but no reader has restored its position: the state of the source is"
                            + " incomplete; restore the job from another checkpoint or savepoint");
                }
                load[shard.reader]++;
            }
        }
        for (Shard shard : shards.values()) {
            if (shard.is(TrackedShard.Status.PENDING) && parentsAreRead(shard)) {
                int reader = shard.reader == NO_READER ? leastLoaded(load) : shard.reader;
                load[reader]++;
                shard.status = TrackedShard.Status.ASSIGNED;
                shard.reader = reader;
                shard.watermarks = startWatermarks(shard);
                invalidateLimit();
                assignments
                        .computeIfAbsent(reader, r -> new ArrayList<>())
                        .add(new Assignment(shard.id, shard.watermarks));
            }
        }
        return assignments;
    }

    /**
     * Returns the watermark that every shard has reached, whether or not it is being read. A reader at or below it can be
     * assigned any shard.
     *
     * @return milliseconds since the epoch; {@link Long#MIN_VALUE} while a shard has no watermark
     */
    long watermarkLimit() {
        if (shardsAtLimit == 0) {
            computeLimit();
        }
        return limitMillis;
    }

    private void computeLimit() {
        awaited = null;
        long smallest = Long.MAX_VALUE;
        int holding = 0;
        for (Shard shard : shards.values()) {
            long watermarkMillis = switch (shard.status) {
                // known parents hold the limit back for it, finished or not
                case PENDING -> hasKnownParent(shard) ? Long.MAX_VALUE : Long.MIN_VALUE;
                case ASSIGNED -> shard.watermarkMillis();
                case FINISHED -> holdsForChildren(shard) ? shard.watermarkMillis() : Long.MAX_VALUE;
            };
            if (watermarkMillis < smallest) {
                smallest = watermarkMillis;
                holding = 0;
            }
            if (watermarkMillis == smallest) {
                holding++;
            }
        }
        // if no shard counts, no time is known to have been reached
        boolean found = smallest < Long.MAX_VALUE;
        limitMillis = found ? smallest : Long.MIN_VALUE;
        shardsAtLimit = found ? holding : 0;
    }

    /** Discards the cached limit after any change other than the watermark of a shard being read. */
    private void invalidateLimit() {
        shardsAtLimit = 0;
    }

    /**
     * Returns the shards that must be read however far ahead they are, so that the limit can advance: it is held back by a
     * finished parent whose child also waits for these shards.
     *
     * @return shard ids by reader, without readers that have none
     */
    Map<Integer, Set<String>> awaitedShards() {
        long limit = watermarkLimit();
        if (awaited == null) {
            Map<Integer, Set<String>> found = new TreeMap<>();
            for (Shard shard : shards.values()) {
                if (shard.is(TrackedShard.Status.PENDING) && hasFinishedParentAt(limit, shard)) {
                    addUnfinishedAncestors(shard, found);
                }
            }
            awaited = found;
        }
        return awaited;
    }

    /** Returns whether a finished shard has children that are not all known. */
    boolean awaitsChildren() {
        for (Shard shard : shards.values()) {
            if (shard.is(TrackedShard.Status.FINISHED) && !shard.childrenKnown) {
                return true;
            }
        }
        return false;
    }

    /** Returns the number of unassigned shards. */
    int pendingShards() {
        int pending = 0;
        for (Shard shard : shards.values()) {
            if (shard.is(TrackedShard.Status.PENDING)) {
                pending++;
            }
        }
        return pending;
    }

    List<TrackedShard> snapshot() {
        return shards.values().stream()
                .map(shard -> new TrackedShard(shard.id, shard.parentIds, shard.status, shard.watermarks))
                .toList();
    }

    private Shard track(TrackedShard tracked) {
        Shard shard = new Shard(tracked);
        shards.put(shard.id, shard);
        invalidateLimit();
        for (String parentId : shard.parentIds) {
            childrenOf.computeIfAbsent(parentId, id -> new ArrayList<>()).add(shard);
        }
        return shard;
    }

    private Shard shardOf(ShardProgress progress) {
        Shard shard = shards.get(progress.shardId());
        return shard != null
                ? shard
                : track(new TrackedShard(
                        progress.shardId(), List.of(), TrackedShard.Status.ASSIGNED, progress.watermarks()));
    }

    private boolean parentsAreRead(Shard shard) {
        for (String parentId : shard.parentIds) {
            Shard parent = shards.get(parentId);
            if (parent != null && !parent.is(TrackedShard.Status.FINISHED)) {
                return false;
            }
        }
        return true;
    }

    private boolean hasKnownParent(Shard shard) {
        return shard.parentIds.stream().anyMatch(shards::containsKey);
    }

    private boolean hasFinishedParentAt(long watermarkMillis, Shard shard) {
        for (String parentId : shard.parentIds) {
            Shard parent = shards.get(parentId);
            if (parent != null
                    && parent.is(TrackedShard.Status.FINISHED)
                    && parent.watermarkMillis() == watermarkMillis) {
                return true;
            }
        }
        return false;
    }

    private void addUnfinishedAncestors(Shard shard, Map<Integer, Set<String>> ancestors) {
        for (String parentId : shard.parentIds) {
            Shard parent = shards.get(parentId);
            if (parent == null || parent.is(TrackedShard.Status.FINISHED)) {
                continue;
            }
            if (parent.is(TrackedShard.Status.ASSIGNED)) {
                ancestors
                        .computeIfAbsent(parent.reader, reader -> new TreeSet<>())
                        .add(parentId);
            } else {
                addUnfinishedAncestors(parent, ancestors);
            }
        }
    }

    /** Returns the watermarks received by all parents; the content of the shard follows them. */
    private PartWatermarks startWatermarks(Shard shard) {
        List<PartWatermarks> ofParents = new ArrayList<>();
        for (String parentId : shard.parentIds) {
            Shard parent = shards.get(parentId);
            if (parent != null) {
                ofParents.add(parent.watermarks);
            }
        }
        return PartWatermarks.ofChild(ofParents);
    }

    /** Returns whether a finished shard still represents children that are unassigned or unknown. */
    private boolean holdsForChildren(Shard shard) {
        for (Shard child : childrenOf.getOrDefault(shard.id, List.of())) {
            if (child.is(TrackedShard.Status.PENDING)) {
                return true;
            }
        }
        return !shard.childrenKnown;
    }

    /** The children of a shard that is no longer listed are either known or have expired too. */
    private boolean childrenAreKnown(Shard shard, Map<String, ShardInfo> listing) {
        ShardInfo info = listing.get(shard.id);
        return info == null || isCovered(info, childrenOf.getOrDefault(shard.id, List.of()), listing);
    }

    /** Returns whether the children cover all hash keys of a shard, so that no more of them can follow. */
    private static boolean isCovered(ShardInfo shard, List<Shard> children, Map<String, ShardInfo> listed) {
        List<ShardInfo> ranges = new ArrayList<>();
        for (Shard child : children) {
            ShardInfo info = listed.get(child.id);
            if (info != null) {
                ranges.add(info);
            }
        }
        ranges.sort(Comparator.comparing(ShardInfo::startingHashKey));
        BigInteger covered = shard.startingHashKey();
        for (ShardInfo range : ranges) {
            if (range.startingHashKey().compareTo(covered) > 0) {
                return false;
            }
            covered = covered.max(range.endingHashKey().add(BigInteger.ONE));
        }
        return covered.compareTo(shard.endingHashKey()) > 0;
    }

    /** Removes finished shards that are no longer listed and that no other shard depends on. */
    private void forgetExpired() {
        List<Shard> expired = new ArrayList<>();
        for (Shard shard : shards.values()) {
            if (shard.is(TrackedShard.Status.FINISHED)
                    && listed != null
                    && !listed.containsKey(shard.id)
                    && !holdsForChildren(shard)) {
                expired.add(shard);
            }
        }
        for (Shard shard : expired) {
            shards.remove(shard.id);
            childrenOf.remove(shard.id);
            for (String parentId : shard.parentIds) {
                List<Shard> siblings = childrenOf.get(parentId);
                if (siblings != null) {
                    siblings.remove(shard);
                }
            }
        }
    }

    private static int leastLoaded(int[] load) {
        int least = 0;
        for (int reader = 1; reader < load.length; reader++) {
            if (load[reader] < load[least]) {
                least = reader;
            }
        }
        return least;
    }
}
