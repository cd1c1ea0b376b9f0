package io.taxistream.eventtime.source;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Calls to Kinesis needed to read one stream.
 *
 * <p>Except for subscriptions, each method makes a single, blocking attempt; retries are left to the caller. Implementations
 * are thread-safe.
 */
interface KinesisProxy extends AutoCloseable {

    /** Creates proxies where they are used: in the job manager and in each reader. */
    interface Factory extends Serializable {
        KinesisProxy create();
    }

    /** Returns the name of the stream. */
    String streamName();

    /**
     * Returns the creation time of the stream.
     *
     * @throws KinesisProxyException if the call fails
     */
    Instant streamCreated() throws KinesisProxyException;

    /**
     * Lists the shards of the stream, including closed shards whose records are still retained.
     *
     * @param openSince omit shards closed before this time; null to list all
     * @throws KinesisProxyException if the call fails
     */
    List<ShardInfo> listShards(@Nullable Instant openSince) throws KinesisProxyException;

    /**
     * Returns an iterator at a position in a shard.
     *
     * @throws KinesisProxyException if the call fails
     */
    String shardIterator(String shardId, ShardPosition position) throws KinesisProxyException;

    /**
     * Reads the next records of a shard.
     *
     * @throws KinesisProxyException if the call fails; {@link KinesisProxyException.Kind#TEMPORARY} if the shard is reported to
     *     end, but to have no children
     */
    Page records(String shardIterator, int maxRecords) throws KinesisProxyException;

    /**
     * Returns the registered consumer with a name; empty if there is none.
     *
     * @throws KinesisProxyException if the call fails
     */
    Optional<StreamConsumer> consumer(String name) throws KinesisProxyException;

    /**
     * Registers a consumer, which becomes active some time later.
     *
     * @throws KinesisProxyException if the call fails; {@link KinesisProxyException.Kind#IN_USE} if the consumer already
     *     exists, {@link KinesisProxyException.Kind#THROTTLED} if the stream has reached its consumer limit
     */
    StreamConsumer registerConsumer(String name) throws KinesisProxyException;

    /**
     * Starts to deregister a consumer.
     *
     * @throws KinesisProxyException if the call fails
     */
    void deregisterConsumer(String consumerArn) throws KinesisProxyException;

    /** Subscribes to a shard. All results and failures are reported to the subscriber. */
    ShardSubscription subscribe(
            String consumerArn, String shardId, ShardPosition position, ShardSubscription.Subscriber subscriber);

    @Override
    void close();

    /**
     * Result of one read.
     *
     * @param nextShardIterator iterator for the next read; null at the end of a closed shard
     * @param millisBehindLatest age of the last record in this page relative to the tip of the shard; 0 for a reader that has
     *     caught up
     */
    record Page(List<KinesisRecord> records, @Nullable String nextShardIterator, long millisBehindLatest) {}

    /**
     * A record as stored by Kinesis, which may contain several user records.
     *
     * @param data backed by an array
     * @param arrived time at which the record was written to the stream
     */
    record KinesisRecord(String sequenceNumber, ByteBuffer data, String partitionKey, Instant arrived) {}
}
