package io.taxistream.embeddedkinesis;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/**
 * One shard of a stream, open or closed.
 *
 * @param shardId such as {@code shardId-000000000000}
 * @param startingHashKey first key of its range, 0 to 2^128 - 1
 * @param endingHashKey last key of its range
 * @param parentShardIds none, the shard that was split, or the two that were merged
 * @param startingSequenceNumber comes before those of all its records
 * @param endingSequenceNumber comes after those of all its records; empty while the shard is open
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

    /** Whether the shard accepts records. */
    public boolean isOpen() {
        return endingSequenceNumber.isEmpty();
    }
}
