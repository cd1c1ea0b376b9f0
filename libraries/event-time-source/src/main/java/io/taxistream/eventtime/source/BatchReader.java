package io.taxistream.eventtime.source;

/**
 * Reads the shards of one reader in batches, each shard in the order of its records; no more than one batch of a shard
 * waits to be {@linkplain #taken taken}.
 */
interface BatchReader extends AutoCloseable {

    /** Begins to read a shard. */
    void start(String shardId, ShardPosition position);

    /** Says that the last batch of a shard is being worked on and the next one may be read; after the end it does nothing. */
    void taken(String shardId);

    /** Stops all reading; reads under way are broken off and what they bring is dropped. */
    @Override
    void close();
}
