package io.taxistream.eventtime.source;

import io.taxistream.eventtime.PartWatermarks;
import java.util.Objects;
import org.apache.flink.api.connector.source.SourceSplit;

/** A shard assigned to a subtask, with its read position and event-time progress. */
public final class ShardSplit implements SourceSplit {

    private final String shardId;
    private final ShardPosition position;
    private final PartWatermarks watermarks;
    private final boolean finished;

    ShardSplit(String shardId, ShardPosition position, PartWatermarks watermarks, boolean finished) {
        this.shardId = Objects.requireNonNull(shardId, "shardId");
        this.position = Objects.requireNonNull(position, "position");
        this.watermarks = Objects.requireNonNull(watermarks, "watermarks");
        this.finished = finished;
    }

    @Override
    public String splitId() {
        return shardId;
    }

    ShardPosition position() {
        return position;
    }

    /** Returns the watermarks received from each part, in the shard or its parents. */
    PartWatermarks watermarks() {
        return watermarks;
    }

    /** Returns whether the shard was read to its end and only the enumerator's confirmation is missing. */
    boolean finished() {
        return finished;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ShardSplit split
                && shardId.equals(split.shardId)
                && position.equals(split.position)
                && watermarks.equals(split.watermarks)
                && finished == split.finished;
    }

    @Override
    public int hashCode() {
        return Objects.hash(shardId, position, watermarks, finished);
    }

    @Override
    public String toString() {
        return shardId + "[position=" + position + ", watermark=" + watermarks + ", finished=" + finished + "]";
    }
}
