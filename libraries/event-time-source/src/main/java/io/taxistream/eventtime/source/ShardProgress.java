package io.taxistream.eventtime.source;

import java.io.Serializable;

/**
 * How far a reader has come in one of its shards.
 *
 * @param watermarkMillis the last watermark of the shard; {@link Long#MIN_VALUE} for none
 * @param finished whether the shard was read to its end
 */
record ShardProgress(String shardId, long watermarkMillis, boolean finished) implements Serializable {}
