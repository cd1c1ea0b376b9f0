package io.taxistream.embeddedkinesis;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Operations of the Kinesis Data Streams API supported by the endpoint. */
public enum KinesisOperation {
    CREATE_STREAM("CreateStream", 5),
    DELETE_STREAM("DeleteStream", 5),
    DESCRIBE_STREAM("DescribeStream", 10),
    DESCRIBE_STREAM_SUMMARY("DescribeStreamSummary", 20),
    DESCRIBE_LIMITS("DescribeLimits", 1),
    LIST_STREAMS("ListStreams", 5),
    LIST_SHARDS("ListShards", 1_000),
    PUT_RECORD("PutRecord", KinesisOperation.LIMITED_BY_SHARD),
    PUT_RECORDS("PutRecords", KinesisOperation.LIMITED_BY_SHARD),
    GET_SHARD_ITERATOR("GetShardIterator", KinesisOperation.LIMITED_BY_SHARD),
    GET_RECORDS("GetRecords", KinesisOperation.LIMITED_BY_SHARD),
    REGISTER_STREAM_CONSUMER("RegisterStreamConsumer", 5),
    DESCRIBE_STREAM_CONSUMER("DescribeStreamConsumer", 20),
    LIST_STREAM_CONSUMERS("ListStreamConsumers", 5),
    DEREGISTER_STREAM_CONSUMER("DeregisterStreamConsumer", 5),
    SUBSCRIBE_TO_SHARD("SubscribeToShard", KinesisOperation.LIMITED_BY_SHARD),
    SPLIT_SHARD("SplitShard", 5),
    MERGE_SHARDS("MergeShards", 5),
    UPDATE_SHARD_COUNT("UpdateShardCount", 5),
    INCREASE_STREAM_RETENTION_PERIOD("IncreaseStreamRetentionPeriod", 5),
    DECREASE_STREAM_RETENTION_PERIOD("DecreaseStreamRetentionPeriod", 5);

    private static final int LIMITED_BY_SHARD = 0;

    private static final Map<String, KinesisOperation> BY_WIRE_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(KinesisOperation::wireName, Function.identity()));

    private final String wireName;
    private final int callsPerSecond;

    KinesisOperation(String wireName, int callsPerSecond) {
        this.wireName = wireName;
        this.callsPerSecond = callsPerSecond;
    }

    /** Returns the name of the operation in requests, such as {@code PutRecords}. */
    public String wireName() {
        return wireName;
    }

    static Optional<KinesisOperation> ofWireName(String name) {
        return Optional.ofNullable(BY_WIRE_NAME.get(name));
    }

    /** Returns whether the service limits calls of this operation per account rather than per shard. */
    boolean isLimitedByAccount() {
        return callsPerSecond != LIMITED_BY_SHARD;
    }

    /** Returns the number of calls per second allowed for an account; only valid if {@link #isLimitedByAccount}. */
    int callsPerSecond() {
        return callsPerSecond;
    }
}
