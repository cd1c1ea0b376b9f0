package io.taxistream.eventtime.source;

import io.taxistream.eventtime.source.KinesisProxy.KinesisRecord;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.model.ChildShard;
import software.amazon.awssdk.services.kinesis.model.HashKeyRange;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;

/**
 * Converts responses of the AWS SDK, which passes on whatever it can parse: a field that is missing in a response is null, and a
 * number may be of any size.
 */
final class AwsResponses {

    /** Of a number up to 2^128. */
    private static final int HASH_KEY_DIGITS = 39;

    private static final int SEQUENCE_NUMBER_DIGITS = 129;
    private static final String SEQUENCE_NUMBER = "SequenceNumber";

    private static final Instant EARLIEST = Instant.ofEpochMilli(Long.MIN_VALUE);
    private static final Instant LATEST = Instant.ofEpochMilli(Long.MAX_VALUE);

    private AwsResponses() {}

    /** Returns a value that every response contains. */
    static <T> T required(@Nullable T value, String name) throws UnreadableResponseException {
        if (value == null) {
            throw new UnreadableResponseException(name + " is missing");
        }
        return value;
    }

    /** Returns a time that has milliseconds since the epoch. */
    static Instant time(@Nullable Instant time, String name) throws UnreadableResponseException {
        Instant present = required(time, name);
        if (present.isBefore(EARLIEST) || present.isAfter(LATEST)) {
            throw new UnreadableResponseException(name + " is " + present);
        }
        return present;
    }

    static List<KinesisRecord> records(List<Record> records) throws UnreadableResponseException {
        List<KinesisRecord> converted = new ArrayList<>(records.size());
        for (Record record : records) {
            converted.add(record(required(record, "Record")));
        }
        return converted;
    }

    private static KinesisRecord record(Record record) throws UnreadableResponseException {
        return record(
                number(record.sequenceNumber(), SEQUENCE_NUMBER_DIGITS, SEQUENCE_NUMBER),
                record.data() == null ? null : ByteBuffer.wrap(record.data().asByteArrayUnsafe()),
                record.partitionKey(),
                record.approximateArrivalTimestamp());
    }

    /** @param sequenceNumber already checked */
    static KinesisRecord record(
            @Nullable String sequenceNumber,
            @Nullable ByteBuffer data,
            @Nullable String partitionKey,
            @Nullable Instant arrived)
            throws UnreadableResponseException {
        return new KinesisRecord(
                required(sequenceNumber, SEQUENCE_NUMBER),
                required(data, "Data"),
                required(partitionKey, "PartitionKey"),
                time(arrived, "ApproximateArrivalTimestamp"));
    }

    static List<String> childIds(List<ChildShard> children) throws UnreadableResponseException {
        List<String> ids = new ArrayList<>(children.size());
        for (ChildShard child : children) {
            ids.add(required(required(child, "ChildShard").shardId(), "ShardId"));
        }
        return ids;
    }

    static ShardInfo shard(Shard shard) throws UnreadableResponseException {
        List<String> parents = new ArrayList<>();
        if (shard.parentShardId() != null) {
            parents.add(shard.parentShardId());
        }
        if (shard.adjacentParentShardId() != null) {
            parents.add(shard.adjacentParentShardId());
        }
        HashKeyRange range = required(shard.hashKeyRange(), "HashKeyRange");
        return new ShardInfo(
                required(shard.shardId(), "ShardId"),
                parents,
                hashKey(range.startingHashKey(), "StartingHashKey"),
                hashKey(range.endingHashKey(), "EndingHashKey"));
    }

    /** Checks that no shard of a listing descends from itself: it would be read after itself, which is never. */
    static void checkDescent(List<ShardInfo> shards) throws UnreadableResponseException {
        Map<String, Integer> unreadParents = new HashMap<>();
        Map<String, List<String>> children = new HashMap<>();
        for (ShardInfo shard : shards) {
            unreadParents.put(shard.shardId(), 0);
        }
        for (ShardInfo shard : shards) {
            for (String parentId : shard.parentIds()) {
                if (unreadParents.containsKey(parentId)) {
                    unreadParents.merge(shard.shardId(), 1, Integer::sum);
                    children.computeIfAbsent(parentId, id -> new ArrayList<>()).add(shard.shardId());
                }
            }
        }
        Deque<String> readable = new ArrayDeque<>();
        unreadParents.forEach((shardId, parents) -> {
            if (parents == 0) {
                readable.add(shardId);
            }
        });
        for (String shardId = readable.poll(); shardId != null; shardId = readable.poll()) {
            unreadParents.remove(shardId);
            for (String childId : children.getOrDefault(shardId, List.of())) {
                if (unreadParents.merge(childId, -1, Integer::sum) == 0) {
                    readable.add(childId);
                }
            }
        }
        if (!unreadParents.isEmpty()) {
            throw new UnreadableResponseException(
                    "shard " + unreadParents.keySet().iterator().next() + " descends from itself");
        }
    }

    private static BigInteger hashKey(@Nullable String decimal, String name) throws UnreadableResponseException {
        return new BigInteger(number(decimal, HASH_KEY_DIGITS, name));
    }

    private static String number(@Nullable String value, int maxDigits, String name)
            throws UnreadableResponseException {
        String present = required(value, name);
        requireNumber(present.toCharArray(), 0, present.length(), maxDigits, name);
        return present;
    }

    /** Returns the sequence number in {@code text[offset..offset+length)}. */
    static String sequenceNumber(char[] text, int offset, int length) throws UnreadableResponseException {
        requireNumber(text, offset, length, SEQUENCE_NUMBER_DIGITS, SEQUENCE_NUMBER);
        return new String(text, offset, length);
    }

    /** Requires a decimal number of a limited length. There is one in every record, for which a regular expression is slow. */
    private static void requireNumber(char[] text, int offset, int length, int maxDigits, String name)
            throws UnreadableResponseException {
        boolean valid = length > 0 && length <= maxDigits;
        for (int i = 0; valid && i < length; i++) {
            valid = text[offset + i] >= '0' && text[offset + i] <= '9';
        }
        if (!valid) {
            throw new UnreadableResponseException(name + " is not a number of Kinesis");
        }
    }
}
