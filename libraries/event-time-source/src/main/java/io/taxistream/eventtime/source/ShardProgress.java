package io.taxistream.eventtime.source;

import io.taxistream.eventtime.PartWatermarks;
import java.io.Serializable;

/**
 * How far a reader has come in one of its shards.
 *
 * @param watermarks what the shard has heard of each part
 * @param finished whether the shard was read to its end
 */
record ShardProgress(String shardId, PartWatermarks watermarks, boolean finished) implements Serializable {

    /** The watermark of the shard; {@link Long#MIN_VALUE} for none. */
    long watermarkMillis() {
        return watermarks.watermarkMillis();
    }
}
