package io.taxistream.eventtime.source;

/**
 * Reads the shards of a reader in batches. Each shard is read in order and has at most one batch that is not yet {@linkplain
 * #taken taken}.
 */
interface BatchReader extends AutoCloseable {

    /** Starts reading a shard. */
    void start(String shardId, ShardPosition position);

    /**
     * Signals that the last batch of a shard is being processed and the next one may be read. Has no effect after the end of
     * the shard.
     */
    void taken(String shardId);

    /** Stops reading. Reads in progress are aborted and their results discarded. */
    @Override
    void close();
}
