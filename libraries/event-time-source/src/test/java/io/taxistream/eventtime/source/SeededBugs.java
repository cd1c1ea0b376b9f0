package io.taxistream.eventtime.source;

import io.taxistream.eventtime.PartWatermarks;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongFunction;

/** Mistakes that a tracker or a reader could make, each of which a search has to find. */
@SuppressWarnings("ImmutableEnumChecker") // the functions capture nothing
enum SeededBugs {
    CHILDREN_READ_BEFORE_PARENTS(restored -> new ShardTracker(restored) {
        @Override
        int discovered(Collection<ShardInfo> listing) {
            return super.discovered(listing.stream()
                    .map(info -> new ShardInfo(info.shardId(), List.of(), info.startingHashKey(), info.endingHashKey()))
                    .toList());
        }
    }),

    PARENT_RELEASED_TOO_EARLY(restored -> new ShardTracker(restored) {
        @Override
        long watermarkLimit() {
            return snapshot().stream()
                    .filter(shard -> shard.status() == TrackedShard.Status.ASSIGNED)
                    .mapToLong(TrackedShard::watermarkMillis)
                    .min()
                    .orElse(Long.MIN_VALUE);
        }
    }),

    RETURNED_SHARD_FORGOTTEN(restored -> new ShardTracker(restored) {
        @Override
        void readerReset(int reader, Collection<String> returned) {
            super.readerReset(reader, List.of());
        }
    }),

    MERGED_SHARD_STARTS_AT_GREATER_WATERMARK(restored -> new ShardTracker(restored) {
        @Override
        Map<Integer, List<Assignment>> assign(int parallelism) {
            List<TrackedShard> tracked = snapshot();
            Map<Integer, List<Assignment>> assignments = new TreeMap<>();
            super.assign(parallelism).forEach((reader, shards) -> {
                List<Assignment> changed = new ArrayList<>();
                for (Assignment shard : shards) {
                    changed.add(new Assignment(shard.shardId(), furthestParent(shard, tracked)));
                }
                assignments.put(reader, changed);
            });
            return assignments;
        }

        private static PartWatermarks furthestParent(Assignment shard, List<TrackedShard> tracked) {
            List<String> parentIds = tracked.stream()
                    .filter(candidate -> candidate.shardId().equals(shard.shardId()))
                    .findFirst()
                    .orElseThrow()
                    .parentIds();
            return tracked.stream()
                    .filter(candidate -> parentIds.contains(candidate.shardId()))
                    .max(Comparator.comparing(TrackedShard::watermarkMillis))
                    .map(TrackedShard::watermarks)
                    .orElse(shard.watermarks());
        }
    }),

    NO_AWAITED_SHARDS(restored -> new ShardTracker(restored) {
        @Override
        Map<Integer, Set<String>> awaitedShards() {
            return Map.of();
        }
    }),

    RESTORED_SHARDS_IGNORED(restored -> new ShardTracker(restored) {
        @Override
        void readerStarted(int reader, Collection<ShardProgress> held) {
            super.readerStarted(reader, List.of());
        }
    }),

    FINISHED_SHARD_MISSING_IN_CHECKPOINT(
            ShardTracker::new, maxReadAheadMillis -> new ReaderShards(maxReadAheadMillis, Long.MAX_VALUE) {
                @Override
                List<ShardSplit> snapshot() {
                    return super.snapshot().stream()
                            .filter(split -> !split.finished())
                            .toList();
                }
            }),

    PARTLY_READ_RECORD_COUNTS_AS_READ(
            ShardTracker::new, maxReadAheadMillis -> new ReaderShards(maxReadAheadMillis, Long.MAX_VALUE) {
                @Override
                List<ShardSplit> snapshot() {
                    return super.snapshot().stream()
                            .map(split -> split.position() instanceof ShardPosition.InsideRecord inside
                                    ? new ShardSplit(
                                            split.splitId(),
                                            new ShardPosition.AfterRecord(inside.sequenceNumber()),
                                            split.watermarks(),
                                            split.finished())
                                    : split)
                            .toList();
                }
            }),

    POSITION_INSIDE_RECORD_FORGOTTEN(
            ShardTracker::new, maxReadAheadMillis -> new ReaderShards(maxReadAheadMillis, Long.MAX_VALUE) {
                @Override
                List<ShardSplit> snapshot() {
                    return super.snapshot().stream()
                            .map(split -> split.position() instanceof ShardPosition.InsideRecord inside
                                    ? new ShardSplit(
                                            split.splitId(),
                                            new ShardPosition.InsideRecord(inside.sequenceNumber(), 0),
                                            split.watermarks(),
                                            split.finished())
                                    : split)
                            .toList();
                }
            });

    final Function<List<TrackedShard>, ShardTracker> trackers;
    final LongFunction<ReaderShards> readers;

    SeededBugs(Function<List<TrackedShard>, ShardTracker> trackers) {
        this(trackers, maxReadAheadMillis -> new ReaderShards(maxReadAheadMillis, Long.MAX_VALUE));
    }

    SeededBugs(Function<List<TrackedShard>, ShardTracker> trackers, LongFunction<ReaderShards> readers) {
        this.trackers = trackers;
        this.readers = readers;
    }
}
