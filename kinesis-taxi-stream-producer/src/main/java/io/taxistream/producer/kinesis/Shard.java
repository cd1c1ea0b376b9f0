package io.taxistream.producer.kinesis;

import java.math.BigInteger;

/**
 * An open shard.
 *
 * @param id such as {@code shardId-000000000000}
 * @param startingHashKey the first hash key that it holds
 */
record Shard(String id, BigInteger startingHashKey) {}
