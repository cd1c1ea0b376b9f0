package io.taxistream.eventtime.source;

import io.taxistream.eventtime.source.ModelStream.Entry;
import io.taxistream.eventtime.source.ModelStream.Packed;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A reader of the tests' models: the decisions are those of the real {@link ReaderShards}; around them, in one thread, are
 * reading without I/O, messages in order, and outputs as Flink combines them.
 */
final class ModelReader implements ReaderShards.Outputs {

    private static final String LIMIT = "limit";

    final ReaderShards shards;

    /** Messages on their way. */
    final Deque<Object> toReader = new ArrayDeque<>();

    final Deque<ShardReport> toTracker = new ArrayDeque<>();

    /** Where each shard that has not ended is read on. */
    private final Map<String, Integer> places = new LinkedHashMap<>();

    private final Map<String, Long> outputs = new LinkedHashMap<>();

    private boolean unreported;

    /** What has left the reader: the smallest watermark of all open outputs, which never falls. */
    private long watermarkMillis = Long.MIN_VALUE;

    ModelReader(ReaderShards shards, Collection<ShardSplit> restored) {
        this.shards = shards;
        restored.forEach(this::add);
        send(shards.initialReport());
        shards.prepareOutputs(this);
    }

    private void add(ShardSplit split) {
        HeldShard shard = shards.add(split);
        places.put(shard.id(), ModelStream.placeOf(shard.startPosition()));
    }

    long watermarkMillis() {
        return watermarkMillis;
    }

    /** The shard of this id that the reader has in its state; null if it has not. */
    @Nullable
    HeldShard held(String shardId) {
        for (HeldShard shard : shards.all()) {
            if (shard.id().equals(shardId)) {
                return shard;
            }
        }
        return null;
    }

    boolean mayRead(HeldShard shard) {
        return !shard.finished() && !shards.isHeldBack(shard);
    }

    /** Whether something is left to read of a shard, be it its end. */
    boolean hasNext(HeldShard shard, List<Packed> content, boolean closed) {
        return closed || places.get(shard.id()) < content.size();
    }

    /** What one read brought: an entry by its place in the shard and in its record; null for an end of shard. */
    record Read(int place, int index, Entry entry) {}

    /** Reads the next user record of a shard, or its end; null for the latter. */
    @Nullable
    Read read(HeldShard shard, List<Packed> content) {
        int place = places.get(shard.id());
        while (place < content.size()) {
            List<Entry> entries = content.get(place).entries();
            if (shard.moveTo(ModelStream.sequenceNumber(place), entries.size())) {
                int index = shard.userRecord();
                Entry entry = entries.get(index);
                if (!entry.isWatermark()) {
                    shard.event(entry.timestampMillis());
                } else if (shard.advance(entry.part(), entry.timestampMillis(), entry.ended())) {
                    unreported = true;
                    outputs.put(shard.id(), shard.watermarkMillis());
                    combine();
                }
                places.put(shard.id(), shard.userRecordRead(entries.size()) ? place + 1 : place);
                return new Read(place, index, entry);
            }
            place++;
        }
        places.remove(shard.id());
        shards.finish(shard, this);
        report();
        return null;
    }

    /** Whether there is progress that no report contains. */
    boolean hasUnreportedProgress() {
        return unreported;
    }

    /** Reports what has changed; false if nothing has. */
    boolean report() {
        unreported = false;
        ShardReport report = shards.report();
        if (report != null) {
            send(report);
        }
        return report != null;
    }

    /** Sends a report without its newest event, which would tell states apart and decides nothing here. */
    private void send(ShardReport report) {
        toTracker.add(new ShardReport(report.initial(), report.shards(), Long.MIN_VALUE));
    }

    /** Takes the next message, as the real reader does before it polls; null if there is none. */
    @Nullable
    Object receive() {
        Object message = toReader.poll();
        if (message instanceof WatermarkLimit limit) {
            shards.limit(limit);
        } else if (message instanceof FinishRecorded finish) {
            shards.finishRecorded(finish.shardIds());
        } else if (message instanceof ShardSplit split) {
            add(split);
        }
        if (message != null && shards.mustPrepareOutputs()) {
            shards.prepareOutputs(this);
        }
        return message;
    }

    private void combine() {
        long smallest = Long.MAX_VALUE;
        for (long output : outputs.values()) {
            smallest = Math.min(smallest, output);
        }
        watermarkMillis = Math.max(watermarkMillis, smallest);
    }

    @Override
    public void openLimit() {
        outputs.put(LIMIT, Long.MIN_VALUE);
    }

    @Override
    public void advanceLimit(long limitMillis) {
        outputs.put(LIMIT, limitMillis);
        combine();
    }

    @Override
    public void open(HeldShard shard) {
        outputs.put(shard.id(), shard.watermarkMillis());
    }

    @Override
    public void release(HeldShard shard) {
        outputs.remove(shard.id());
        combine();
    }
}
