package io.taxistream.eventtime.source;

import io.taxistream.eventtime.PartWatermarks;
import java.io.Serializable;

/**
 * Progress of a reader in one of its shards.
 *
 * @param watermarks watermarks received from each part
 * @param finished whether the shard was read to its end
 */
record ShardProgress(String shardId, PartWatermarks watermarks, boolean finished) implements Serializable {

    /** Returns the watermark of the shard; {@link Long#MIN_VALUE} for none. */
    long watermarkMillis() {
        return watermarks.watermarkMillis();
    }
}
