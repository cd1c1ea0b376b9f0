package io.taxistream.eventtime.source;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The calls to Kinesis that reading a stream takes, of one stream.
 *
 * <p>Each is a single, blocking attempt, except for subscriptions; whether to try again is the caller's decision. Implementations may be used by several
 * threads at a time.
 */
interface KinesisProxy extends AutoCloseable {

    /** Makes proxies where they are used: in the job manager and in each reader. */
    interface Factory extends Serializable {
        KinesisProxy create();
    }

    /** Name of the stream. */
    String streamName();

    /**
     * When the stream was created.
     *
     * @throws KinesisProxyException if the call fails
     */
    Instant streamCreated() throws KinesisProxyException;

    /**
     * Lists the shards of the stream, closed ones included as long as their records are kept.
     *
     * @param openSince leave out shards that were closed before this time; null for none
     * @throws KinesisProxyException if the call fails
     */
    List<ShardInfo> listShards(@Nullable Instant openSince) throws KinesisProxyException;

    /**
     * Where to begin to read a shard.
     *
     * @throws KinesisProxyException if the call fails
     */
    String shardIterator(String shardId, ShardPosition position) throws KinesisProxyException;

    /**
     * Reads the next records of a shard.
     *
     * @throws KinesisProxyException if the call fails
     */
    Page records(String shardIterator, int maxRecords) throws KinesisProxyException;

    /**
     * The registered consumer of a name; empty if the stream has none.
     *
     * @throws KinesisProxyException if the call fails
     */
    Optional<StreamConsumer> consumer(String name) throws KinesisProxyException;

    /**
     * Registers a consumer, which is not active at once.
     *
     * @throws KinesisProxyException if the call fails; {@link KinesisProxyException.Kind#IN_USE} if there is such a consumer,
     *     {@link KinesisProxyException.Kind#THROTTLED} if the stream has as many as Kinesis allows
     */
    StreamConsumer registerConsumer(String name) throws KinesisProxyException;

    /**
     * Deregisters a consumer, which takes a while.
     *
     * @throws KinesisProxyException if the call fails
     */
    void deregisterConsumer(String consumerArn) throws KinesisProxyException;

    /** Subscribes to a shard; whatever becomes of it is said to the subscriber. */
    ShardSubscription subscribe(
            String consumerArn, String shardId, ShardPosition position, ShardSubscription.Subscriber subscriber);

    @Override
    void close();

    /**
     * What one read returned.
     *
     * @param nextShardIterator where to read on; null at the end of a closed shard
     * @param millisBehindLatest how long ago the last record of this page arrived, compared to the shard's end; 0 for a
     *     reader that has caught up
     */
    record Page(List<KinesisRecord> records, @Nullable String nextShardIterator, long millisBehindLatest) {}

    /**
     * A record as Kinesis keeps it, which may hold several user records.
     *
     * @param data backed by an array
     * @param arrived when it was written to the stream
     */
    record KinesisRecord(String sequenceNumber, ByteBuffer data, String partitionKey, Instant arrived) {}
}
