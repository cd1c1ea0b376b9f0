package io.taxistream.eventtime.source;

import io.taxistream.eventtime.PartWatermarks;
import java.util.List;

/**
 * Checkpointed state of a shard in the enumerator.
 *
 * @param parentIds none for an initial shard of the stream, one after a split, two after a merge
 * @param watermarks watermarks received from each part
 */
record TrackedShard(String shardId, List<String> parentIds, Status status, PartWatermarks watermarks) {

    enum Status {
        /** Not assigned to a reader. */
        PENDING,
        /** Part of the state of a reader. */
        ASSIGNED,
        /** Read to its end. */
        FINISHED
    }

    TrackedShard {
        parentIds = List.copyOf(parentIds);
    }

    /** Returns the last known watermark of the shard; {@link Long#MIN_VALUE} for none. */
    long watermarkMillis() {
        return watermarks.watermarkMillis();
    }
}
