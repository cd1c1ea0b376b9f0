package io.taxistream.embeddedkinesis;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/**
 * A shard of a stream, open or closed.
 *
 * @param shardId such as {@code shardId-000000000000}
 * @param startingHashKey first hash key of the shard, 0 to 2^128 - 1
 * @param endingHashKey last hash key of the shard
 * @param parentShardIds none, the shard that was split, or the two that were merged
 * @param startingSequenceNumber lower bound of the sequence numbers of its records
 * @param endingSequenceNumber upper bound of the sequence numbers of its records; empty while the shard is open
 */
public record ShardDescription(
        String shardId,
        BigInteger startingHashKey,
        BigInteger endingHashKey,
        List<String> parentShardIds,
        String startingSequenceNumber,
        Optional<String> endingSequenceNumber) {

    static ShardDescription of(EmbeddedShard shard) {
        return new ShardDescription(
                shard.id(),
                shard.range().start(),
                shard.range().end(),
                shard.parents(),
                shard.startingSequenceNumber(),
                shard.endingSequenceNumber());
    }

    /** Returns whether the shard accepts records. */
    public boolean isOpen() {
        return endingSequenceNumber.isEmpty();
    }
}
