package io.taxistream.eventtime.sender;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The few calls that finding the last watermarks needs. They throw a {@link
 * SenderFailedException} if another try is pointless, and any other runtime exception if it is
 * not.
 */
interface ShardReader {

    /**
     * A shard, open or closed.
     *
     * @param parents the ids of the shards that it was split or merged from, also those that are gone by now
     */
    record ReadableShard(String id, List<String> parents, boolean open) {}

    /**
     * A record of a shard.
     *
     * @param arrival when it arrived, roughly, by the clock of the stream
     */
    // the array is the record's own and compared by nobody
    @SuppressWarnings("ArrayRecordComponent")
    record ArrivedRecord(Instant arrival, byte[] data) {}

    /**
     * What one call reads.
     *
     * @param next where to read on, or {@code null} at the end of a closed shard
     * @param caughtUp whether there was nothing behind these records
     */
    record Page(List<ArrivedRecord> records, @Nullable String next, boolean caughtUp) {}

    /** All shards that can be read. */
    List<ReadableShard> shards();

    /** Where to read a shard's records from a time on, or from the first one that is left if that is {@code null}. */
    String iterator(String shardId, @Nullable Instant from);

    /** Reads on. */
    Page read(String iterator);
}
