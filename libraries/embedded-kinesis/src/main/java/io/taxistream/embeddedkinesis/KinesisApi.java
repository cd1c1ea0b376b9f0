package io.taxistream.embeddedkinesis;

import com.fasterxml.jackson.core.JsonGenerator;
import io.taxistream.embeddedkinesis.ConsumerOperations.Admission;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Executes the operations of the API: reads a request, performs it and writes the response. Independent of HTTP. Thread-safe.
 */
final class KinesisApi {

    private final Clock clock;
    private final boolean enforceLimits;
    private final CallLimits callLimits = new CallLimits();
    private final StreamOperations streams;
    private final ShardOperations shards;
    private final PutOperations puts;
    private final GetOperations gets;
    private final ConsumerOperations consumers;

    KinesisApi(
            StreamRegistry registry,
            Clock clock,
            Duration iteratorLifetime,
            boolean enforceLimits,
            Random random,
            Consumer<Throwable> onFailure) {
        this.clock = clock;
        this.enforceLimits = enforceLimits;
        ShardQuota quota = new ShardQuota(registry, clock, enforceLimits);
        streams = new StreamOperations(registry, clock, quota);
        shards = new ShardOperations(registry, clock, quota, enforceLimits);
        puts = new PutOperations(registry, clock, enforceLimits, random, onFailure);
        gets = new GetOperations(registry, clock, iteratorLifetime, enforceLimits);
        consumers = new ConsumerOperations(registry, clock, enforceLimits);
    }

    /**
     * Executes a call and writes its response, which is empty for some operations.
     *
     * @param throttledShare share of the records of a PutRecords call, 0 to 1, rejected regardless of the limits of their
     *     shards
     * @throws KinesisException if the call is rejected
     */
    void call(KinesisOperation operation, Wire wire, Request request, double throttledShare, JsonGenerator out)
            throws IOException {
        if (enforceLimits && !callLimits.admits(operation, clock.millis())) {
            throw rateExceeded(operation);
        }
        switch (operation) {
            case CREATE_STREAM -> streams.createStream(request);
            case DELETE_STREAM -> streams.deleteStream(request);
            case DESCRIBE_STREAM -> streams.describeStream(request, wire, out);
            case DESCRIBE_STREAM_SUMMARY -> streams.describeStreamSummary(request, wire, out);
            case DESCRIBE_LIMITS -> streams.describeLimits(out);
            case LIST_STREAMS -> streams.listStreams(request, wire, out);
            case LIST_SHARDS -> shards.listShards(request, out);
            case PUT_RECORD -> puts.putRecord(request, out);
            case PUT_RECORDS -> puts.putRecords(request, throttledShare, out);
            case GET_SHARD_ITERATOR -> gets.getShardIterator(request, out);
            case GET_RECORDS -> gets.getRecords(request, wire, out);
            case REGISTER_STREAM_CONSUMER -> consumers.register(request, wire, out);
            case DESCRIBE_STREAM_CONSUMER -> consumers.describe(request, wire, out);
            case LIST_STREAM_CONSUMERS -> consumers.list(request, wire, out);
            case DEREGISTER_STREAM_CONSUMER -> consumers.deregister(request);
            case SUBSCRIBE_TO_SHARD -> throw new IllegalArgumentException("a subscription has more than one response");
            case SPLIT_SHARD -> shards.splitShard(request);
            case MERGE_SHARDS -> shards.mergeShards(request);
            case UPDATE_SHARD_COUNT -> shards.updateShardCount(request, out);
            case INCREASE_STREAM_RETENTION_PERIOD -> streams.increaseRetention(request);
            case DECREASE_STREAM_RETENTION_PERIOD -> streams.decreaseRetention(request);
        }
    }

    /**
     * Admits a call of SubscribeToShard.
     *
     * @throws KinesisException if the call is rejected
     */
    Admission subscribe(Request request) {
        return consumers.subscribe(request);
    }

    /** Returns the error for a call that exceeds the rate limit. */
    static KinesisException rateExceeded(KinesisOperation operation) {
        return operation.isLimitedByAccount() || operation == KinesisOperation.SUBSCRIBE_TO_SHARD
                ? KinesisException.limitExceeded("Rate exceeded for " + operation.wireName() + " under account "
                        + StreamRegistry.ACCOUNT_ID + ".")
                : KinesisException.throughputExceeded(
                        "Rate exceeded for " + operation.wireName() + "; try again later.");
    }
}
