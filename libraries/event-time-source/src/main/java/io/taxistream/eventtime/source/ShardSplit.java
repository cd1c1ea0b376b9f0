package io.taxistream.eventtime.source;

import io.taxistream.eventtime.PartWatermarks;
import java.time.Instant;
import java.util.Objects;
import org.apache.flink.api.connector.source.SourceSplit;

/** A shard assigned to a subtask, with its read position and event-time progress. */
public final class ShardSplit implements SourceSplit {

    static final long NO_EVENT = Long.MIN_VALUE;

    private final String shardId;
    private final ShardPosition position;
    private final PartWatermarks watermarks;
    private final boolean finished;
    private final long newestEventMillis;

    /** Creates a split of a shard from which no event has been read. */
    ShardSplit(String shardId, ShardPosition position, PartWatermarks watermarks, boolean finished) {
        this(shardId, position, watermarks, finished, NO_EVENT);
    }

    /** @param newestEventMillis newest event read from the shard that was not late, or {@link #NO_EVENT} */
    ShardSplit(
            String shardId,
            ShardPosition position,
            PartWatermarks watermarks,
            boolean finished,
            long newestEventMillis) {
        this.shardId = Objects.requireNonNull(shardId, "shardId");
        this.position = Objects.requireNonNull(position, "position");
        this.watermarks = Objects.requireNonNull(watermarks, "watermarks");
        this.finished = finished;
        this.newestEventMillis = newestEventMillis;
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

    /** Returns the newest event read from the shard that was not late, in milliseconds since the epoch, or {@link #NO_EVENT}. */
    long newestEventMillis() {
        return newestEventMillis;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ShardSplit split
                && shardId.equals(split.shardId)
                && position.equals(split.position)
                && watermarks.equals(split.watermarks)
                && finished == split.finished
                && newestEventMillis == split.newestEventMillis;
    }

    @Override
    public int hashCode() {
        return Objects.hash(shardId, position, watermarks, finished, newestEventMillis);
    }

    @Override
    public String toString() {
        return shardId + "[position=" + position + ", watermark=" + watermarks + ", finished=" + finished
                + ", newestEvent=" + (newestEventMillis == NO_EVENT ? "none" : Instant.ofEpochMilli(newestEventMillis))
                + "]";
    }
}
