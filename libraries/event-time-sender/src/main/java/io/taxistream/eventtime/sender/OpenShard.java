package io.taxistream.eventtime.sender;

import java.math.BigInteger;

/**
 * A shard that takes records.
 *
 * @param id such as {@code shardId-000000000000}
 * @param startingHashKey the first hash key that it holds
 */
record OpenShard(String id, BigInteger startingHashKey) {}
