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
 * The shards that a reader holds, and its decisions: which of them may be read on, what it reports to the enumerator,
 * what a checkpoint contains, and in which order outputs open, close and advance.
 *
 * <p>It does no I/O and is used by one thread, so that tests can run it through every order of events.
 */
class ReaderShards {

    /** Where watermarks go: one output for each shard, and one that keeps all of them at or below the limit. */
    interface Outputs {

        /** Opens the output of the limit, before any other call. */
        void openLimit();

        void advanceLimit(long watermarkMillis);

        /** Opens the output of a shard, at the watermark of the shard if it has one. */
        void open(HeldShard shard);

        /** Closes the output of a shard, which then holds nothing back. */
        void release(HeldShard shard);
    }

    private final long maxReadAheadMillis;
    private final long maxWatermarkAdvanceMillis;
    private final Map<String, HeldShard> shards = new LinkedHashMap<>();
    private final Queue<HeldShard> withoutOutput = new ArrayDeque<>();

    private boolean limitOpen;
    private long limitMillis = Long.MIN_VALUE;
    private boolean limitChanged;
    private boolean outputsAreDue = true;

    /** A shard whose watermark is beyond it waits for the others, unless others wait for it. */
    private long readAheadEndMillis;

    private Set<String> awaitedShards = Set.of();

    /** In shards that are no longer held, or as the enumerator has it from other readers. */
    private long newestEventElsewhereMillis = Long.MIN_VALUE;

    /**
     * @param maxReadAheadMillis {@link Long#MAX_VALUE} for no bound
     * @param maxWatermarkAdvanceMillis how far a watermark may be beyond the newest event
     */
    ReaderShards(long maxReadAheadMillis, long maxWatermarkAdvanceMillis) {
        this.maxReadAheadMillis = maxReadAheadMillis;
        this.maxWatermarkAdvanceMillis = maxWatermarkAdvanceMillis;
        this.readAheadEndMillis = readAheadEnd();
    }

    /** Adds a shard that was assigned or restored. */
    HeldShard add(ShardSplit split) {
        HeldShard shard = new HeldShard(split);
        shards.put(shard.id(), shard);
        withoutOutput.add(shard);
        outputsAreDue = true;
        return shard;
    }

    /** Whether {@link #prepareOutputs} has to be called before anything is emitted. */
    final boolean outputsAreDue() {
        return outputsAreDue;
    }

    /** Opens the outputs of new shards, at the watermarks they start from, and only then advances the limit. */
    void prepareOutputs(Outputs outputs) {
        outputsAreDue = false;
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

    /** Whether a shard has to wait for others, be it by Flink's alignment or because it is too far ahead. */
    final boolean isHeldBack(HeldShard shard) {
        return (shard.paused() || isAhead(shard)) && !awaitedShards.contains(shard.id());
    }

    /**
     * By its watermark, and by what it has emitted: if the watermark alone is far ahead, as after one that was wrong, the
     * events behind it are late, and waiting would only hide them.
     */
    private boolean isAhead(HeldShard shard) {
        return shard.watermarkMillis() > readAheadEndMillis && shard.newestEventMillis() > readAheadEndMillis;
    }

    /**
     * Whether an honest sender may have sent a watermark: it follows the clock, or the events of a replay. Before the first
     * event there is nothing to judge by.
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

    /** The newest event time that this reader or any other has seen; {@link Long#MIN_VALUE} for none. */
    final long newestEventMillis() {
        long newest = newestEventElsewhereMillis;
        for (HeldShard shard : shards.values()) {
            newest = Math.max(newest, shard.newestEventMillis());
        }
        return newest;
    }

    /** Takes the enumerator's limit; the watermark never falls, the awaited shards are those of the last limit. */
    void limit(WatermarkLimit limit) {
        if (limit.watermarkMillis() > limitMillis) {
            limitMillis = limit.watermarkMillis();
            limitChanged = true;
            outputsAreDue = true;
            readAheadEndMillis = readAheadEnd();
        }
        awaitedShards = limit.awaitedShards();
        newestEventElsewhereMillis = Math.max(newestEventElsewhereMillis, limit.newestEventMillis());
    }

    /** Marks a shard as read to its end; its report must follow at once. */
    void finish(HeldShard shard, Outputs outputs) {
        shard.finish();
        outputs.release(shard);
    }

    /** The first report, which names every shard. */
    final ShardReport initialReport() {
        return new ShardReport(
                true, shards.values().stream().map(HeldShard::progress).toList(), newestEventMillis());
    }

    /** The shards whose progress has changed since the last report; null if there are none. */
    final @Nullable ShardReport report() {
        List<ShardProgress> changed = new ArrayList<>();
        for (HeldShard shard : shards.values()) {
            if (shard.takeChanged()) {
                changed.add(shard.progress());
            }
        }
        return changed.isEmpty() ? null : new ShardReport(false, changed, newestEventMillis());
    }

    /** Forgets shards read to their end, now that the enumerator has noted it. */
    final void finishRecorded(Collection<String> shardIds) {
        newestEventElsewhereMillis = newestEventMillis();
        shardIds.forEach(shards::remove);
    }

    /** What a checkpoint contains: also shards read to their end, until the enumerator has noted it. */
    List<ShardSplit> snapshot() {
        return shards.values().stream().map(HeldShard::toSplit).toList();
    }

    final Collection<HeldShard> all() {
        return shards.values();
    }

    private long readAheadEnd() {
        // the sum may lie beyond the end of time, and no limit at all is the end of time whatever it is added to
        boolean beyondTime = maxReadAheadMillis == Long.MAX_VALUE || limitMillis > Long.MAX_VALUE - maxReadAheadMillis;
        return beyondTime ? Long.MAX_VALUE : limitMillis + maxReadAheadMillis;
    }
}
