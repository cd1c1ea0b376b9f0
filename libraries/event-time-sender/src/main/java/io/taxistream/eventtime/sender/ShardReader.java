package io.taxistream.eventtime.sender;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Calls needed to find the last watermarks. They throw a {@link SenderFailedException} if retrying is pointless, and other
 * runtime exceptions otherwise.
 */
interface ShardReader {

    /**
     * A shard, open or closed.
     *
     * @param parents ids of the shards that it was split or merged from, including expired ones
     */
    record ReadableShard(String id, List<String> parents, boolean open) {}

    /**
     * A record of a shard.
     *
     * @param arrival approximate arrival time, by the clock of the stream
     */
    // the record owns the array, and records are never compared
    @SuppressWarnings("ArrayRecordComponent")
    record ArrivedRecord(Instant arrival, byte[] data) {}

    /**
     * Result of one read.
     *
     * @param next iterator of the next read, or {@code null} at the end of a closed shard
     * @param caughtUp whether no records followed these at the time of the read
     */
    record Page(List<ArrivedRecord> records, @Nullable String next, boolean caughtUp) {}

    /** Returns all shards that can be read. */
    List<ReadableShard> shards();

    /** Returns an iterator that starts at a time, or at the oldest available record if the time is {@code null}. */
    String iterator(String shardId, @Nullable Instant from);

    /** Reads the next page. */
    Page read(String iterator);
}
