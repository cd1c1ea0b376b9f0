package io.taxistream.eventtime.source;

import java.math.BigInteger;
import java.util.List;

/**
 * A shard as Kinesis lists it.
 *
 * @param parentIds none for a shard of the stream's beginning, one after a split, two after a merge; parents may have
 *     expired
 * @param startingHashKey first hash key of the shard
 * @param endingHashKey last hash key of the shard
 */
record ShardInfo(String shardId, List<String> parentIds, BigInteger startingHashKey, BigInteger endingHashKey) {

    ShardInfo {
        parentIds = List.copyOf(parentIds);
    }
}
