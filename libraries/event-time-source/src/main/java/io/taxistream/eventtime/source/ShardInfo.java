package io.taxistream.eventtime.source;

import java.math.BigInteger;
import java.util.List;

/**
 * A shard as listed by Kinesis.
 *
 * @param parentIds none for an initial shard of the stream, one after a split, two after a merge; parents may have expired
 * @param startingHashKey first hash key of the shard
 * @param endingHashKey last hash key of the shard
 */
record ShardInfo(String shardId, List<String> parentIds, BigInteger startingHashKey, BigInteger endingHashKey) {

    ShardInfo {
        parentIds = List.copyOf(parentIds);
    }
}
