package io.taxistream.eventtime.sender;

import java.math.BigInteger;

/**
 * A shard that accepts records.
 *
 * @param id such as {@code shardId-000000000000}
 * @param startingHashKey first hash key of the shard
 */
record OpenShard(String id, BigInteger startingHashKey) {}
