package io.taxistream.eventtime.source;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Shards held by a reader, and its decisions: which shards may be read, what to report to the enumerator, what a checkpoint
 * contains, and in which order outputs are opened, closed and advanced.
 *
 * <p>This class does no I/O and is used by a single thread, so tests can exercise any order of events.
 */
class ReaderShards {

    /** Outputs for watermarks: one for each shard, and one that keeps the overall watermark at or below the limit. */
    interface Outputs {

        /** Opens the output of the limit. Called before any other method. */
        void openLimit();

        void advanceLimit(long watermarkMillis);

        /** Opens the output of a shard at its current watermark, if it has one. */
        void open(HeldShard shard);

        /** Closes the output of a shard, so that it no longer holds back the others. */
        void release(HeldShard shard);
    }

    private final long maxReadAheadMillis;
    private final long maxWatermarkAdvanceMillis;
    private final Map<String, HeldShard> shards = new LinkedHashMap<>();
    private final Queue<HeldShard> withoutOutput = new ArrayDeque<>();

    private boolean limitOpen;
    private long limitMillis = Long.MIN_VALUE;
    private boolean limitChanged;
    private boolean mustPrepareOutputs = true;

    /** A shard whose watermark is beyond this time waits for the others, unless others wait for it. */
    private long readAheadEndMillis;

    private Set<String> awaitedShards = Set.of();

    /** Newest event in shards that are no longer held, or in other readers as reported by the enumerator. */
    private long newestEventElsewhereMillis = Long.MIN_VALUE;

    /**
     * @param maxReadAheadMillis {@link Long#MAX_VALUE} for no bound
     * @param maxWatermarkAdvanceMillis how far a watermark may be ahead of the newest event
     */
    ReaderShards(long maxReadAheadMillis, long maxWatermarkAdvanceMillis) {
        this.maxReadAheadMillis = maxReadAheadMillis;
        this.maxWatermarkAdvanceMillis = maxWatermarkAdvanceMillis;
        this.readAheadEndMillis = readAheadEnd();
    }

    /** Adds an assigned or restored shard. */
    HeldShard add(ShardSplit split) {
        HeldShard shard = new HeldShard(split);
        shard.setAwaited(awaitedShards.contains(shard.id()));
        shards.put(shard.id(), shard);
        withoutOutput.add(shard);
        mustPrepareOutputs = true;
        return shard;
    }

    /** Returns whether {@link #prepareOutputs} must be called before anything is emitted. */
    final boolean mustPrepareOutputs() {
        return mustPrepareOutputs;
    }

    /** Opens the outputs of new shards at their initial watermarks, and only then advances the limit. */
    void prepareOutputs(Outputs outputs) {
        mustPrepareOutputs = false;
        if (!limitOpen) {
            limitOpen = true;
            outputs.openLimit();
        }
        for (HeldShard shard = withoutOutput.poll(); shard != null; shard = withoutOutput.poll()) {
            if (shard.finished()) {
                outputs.release(shard);
            } else {
                outputs.open(shard);
            }
        }
        if (limitChanged) {
            limitChanged = false;
            outputs.advanceLimit(limitMillis);
        }
    }

    /** Returns whether a shard has to wait for others, because of Flink's alignment or because it is too far ahead. */
    final boolean isHeldBack(HeldShard shard) {
        return (shard.paused() || isAhead(shard)) && !shard.awaited();
    }

    /**
     * Compares both the watermark and the emitted events: if only the watermark is far ahead, for example because it is wrong,
     * the events that follow are late, and waiting would only hide them.
     */
    private boolean isAhead(HeldShard shard) {
        return shard.watermarkMillis() > readAheadEndMillis && shard.newestEventMillis() > readAheadEndMillis;
    }

    /**
     * Returns whether a correct sender may have sent a watermark: one that follows the clock, or the events of a replay. All
     * watermarks are plausible before the first event.
     */
    final boolean isPlausible(long watermarkMillis, long nowMillis) {
        if (watermarkMillis <= nowMillis + KinesisSource.MAX_CLOCK_SKEW.toMillis()) {
            return true;
        }
        long newest = newestEventMillis();
        return newest == Long.MIN_VALUE || watermarkMillis - maxWatermarkAdvanceMillis <= newest;
    }

    final long limitMillis() {
        return limitMillis;
    }

    /** Returns the newest event time seen by any reader; {@link Long#MIN_VALUE} for none. */
    final long newestEventMillis() {
        long newest = newestEventElsewhereMillis;
        for (HeldShard shard : shards.values()) {
            newest = Math.max(newest, shard.newestEventMillis());
        }
        return newest;
    }

    /** Applies a limit from the enumerator. The watermark never decreases; the awaited shards are replaced. */
    void limit(WatermarkLimit limit) {
        if (limit.watermarkMillis() > limitMillis) {
            limitMillis = limit.watermarkMillis();
            limitChanged = true;
            mustPrepareOutputs = true;
            readAheadEndMillis = readAheadEnd();
        }
        awaitedShards = limit.awaitedShards();
        shards.values().forEach(shard -> shard.setAwaited(awaitedShards.contains(shard.id())));
        newestEventElsewhereMillis = Math.max(newestEventElsewhereMillis, limit.newestEventMillis());
    }

    /** Marks a shard as read to its end. The caller must report this immediately. */
    void finish(HeldShard shard, Outputs outputs) {
        shard.finish();
        outputs.release(shard);
    }

    /** Returns the first report, which names every shard. */
    final ShardReport initialReport() {
        return new ShardReport(
                true, shards.values().stream().map(HeldShard::progress).toList(), newestEventMillis());
    }

    /** Returns the shards with progress since the last report; null if there are none. */
    final @Nullable ShardReport report() {
        List<ShardProgress> changed = new ArrayList<>();
        for (HeldShard shard : shards.values()) {
            if (shard.takeChanged()) {
                changed.add(shard.progress());
            }
        }
        return changed.isEmpty() ? null : new ShardReport(false, changed, newestEventMillis());
    }

    /** Removes finished shards after the enumerator has recorded their end. */
    final void finishRecorded(Collection<String> shardIds) {
        newestEventElsewhereMillis = newestEventMillis();
        shardIds.forEach(shards::remove);
    }

    /** Returns the content of a checkpoint, including finished shards whose end the enumerator has not recorded yet. */
    List<ShardSplit> snapshot() {
        return shards.values().stream().map(HeldShard::toSplit).toList();
    }

    final Collection<HeldShard> all() {
        return shards.values();
    }

    private long readAheadEnd() {
        // saturating addition; an unlimited read-ahead is the maximum whatever the limit
        boolean beyondTime = maxReadAheadMillis == Long.MAX_VALUE || limitMillis > Long.MAX_VALUE - maxReadAheadMillis;
        return beyondTime ? Long.MAX_VALUE : limitMillis + maxReadAheadMillis;
    }
}
