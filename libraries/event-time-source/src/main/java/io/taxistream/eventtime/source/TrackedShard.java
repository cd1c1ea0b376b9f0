package io.taxistream.eventtime.source;

import io.taxistream.eventtime.PartWatermarks;
import java.util.List;

/**
 * What a checkpoint holds of one shard.
 *
 * @param parentIds none for a shard of the stream's beginning, one after a split, two after a merge
 * @param watermarks what is known of the shard's parts
 */
record TrackedShard(String shardId, List<String> parentIds, Status status, PartWatermarks watermarks) {

    enum Status {
        /** Not read by anyone yet. */
        PENDING,
        /** Part of the state of a reader. */
        ASSIGNED,
        /** Read to its end. */
        FINISHED
    }

    TrackedShard {
        parentIds = List.copyOf(parentIds);
    }

    /** The last watermark known of the shard; {@link Long#MIN_VALUE} for none. */
    long watermarkMillis() {
        return watermarks.watermarkMillis();
    }
}
