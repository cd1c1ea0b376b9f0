package io.taxistream.eventtime.source;

import java.util.Objects;
import org.apache.flink.api.connector.source.SourceSplit;

/** A shard as a subtask reads it: how far it got, in the shard and in event time. */
public final class ShardSplit implements SourceSplit {

    private final String shardId;
    private final ShardPosition position;
    private final long watermarkMillis;
    private final boolean finished;

    ShardSplit(String shardId, ShardPosition position, long watermarkMillis, boolean finished) {
        this.shardId = Objects.requireNonNull(shardId, "shardId");
        this.position = Objects.requireNonNull(position, "position");
        this.watermarkMillis = watermarkMillis;
        this.finished = finished;
    }

    @Override
    public String splitId() {
        return shardId;
    }

    ShardPosition position() {
        return position;
    }

    /** The last watermark of the shard, or of its parents while it had none; {@link Long#MIN_VALUE} for none at all. */
    long watermarkMillis() {
        return watermarkMillis;
    }

    /** Whether the shard was read to its end, and only the enumerator's confirmation is missing. */
    boolean finished() {
        return finished;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ShardSplit split
                && shardId.equals(split.shardId)
                && position.equals(split.position)
                && watermarkMillis == split.watermarkMillis
                && finished == split.finished;
    }

    @Override
    public int hashCode() {
        return Objects.hash(shardId, position, watermarkMillis, finished);
    }

    @Override
    public String toString() {
        return shardId + "[position=" + position + ", watermark=" + watermarkMillis + ", finished=" + finished + "]";
    }
}
