package io.taxistream.embeddedkinesis;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Operations that write records. */
final class PutOperations {

    static final int MAX_RECORD_BYTES = 1024 * 1024;
    static final int MAX_PUT_RECORDS = 500;
    static final int MAX_PUT_BYTES = 5 * 1024 * 1024;

    private static final int MAX_PARTITION_KEY_LENGTH = 256;
    private static final Pattern SEQUENCE_NUMBER = Pattern.compile("0|[1-9]\\d{0,128}");

    private final StreamRegistry registry;
    private final Clock clock;
    private final boolean enforceLimits;
    private final Random random;
    private final Consumer<Throwable> onFailure;

    /**
     * @param random selects the records to reject if a share of them is throttled
     * @param onFailure receives failures to store a record, other than limits
     */
    PutOperations(
            StreamRegistry registry, Clock clock, boolean enforceLimits, Random random, Consumer<Throwable> onFailure) {
        this.registry = registry;
        this.clock = clock;
        this.enforceLimits = enforceLimits;
        this.random = random;
        this.onFailure = onFailure;
    }

    /** A record being written to the stream. */
    // passed on once and never compared
    @SuppressWarnings("ArrayRecordComponent")
    private record Put(byte[] partitionKey, byte[] data, BigInteger hashKey) {

        int bytes() {
            return partitionKey.length + data.length;
        }
    }

    /**
     * Result for one record.
     *
     * @param sequenceNumber null if the record was rejected
     * @param refusal null if the record was stored
     */
    private record Result(
            String shardId,
            @Nullable String sequenceNumber,
            @Nullable KinesisException refusal) {

        static Result stored(String shardId, String sequenceNumber) {
            return new Result(shardId, sequenceNumber, null);
        }

        static Result refused(String shardId, KinesisException refusal) {
            return new Result(shardId, null, refusal);
        }
    }

    void putRecord(Request request, JsonGenerator out) throws IOException {
        EmbeddedStream stream = registry.getUsable(request.streamName());
        Put put = put(request, Md5.newDigest());
        request.optionalText("SequenceNumberForOrdering").ifPresent(number -> {
            if (!SEQUENCE_NUMBER.matcher(number).matches()) {
                throw request.violates(
                        "SequenceNumberForOrdering",
                        number,
                        "Member must satisfy regular expression pattern: 0|([1-9]\\d{0,128})");
            }
        });
        Result result = store(put, stream);
        if (result.refusal() != null) {
            throw result.refusal();
        }
        out.writeStartObject();
        out.writeStringField("ShardId", result.shardId());
        out.writeStringField("SequenceNumber", result.sequenceNumber());
        out.writeStringField("EncryptionType", "NONE");
        out.writeEndObject();
    }

    void putRecords(Request request, double throttledShare, JsonGenerator out) throws IOException {
        EmbeddedStream stream = registry.getUsable(request.streamName());
        List<Put> puts = puts(request);
        List<Result> results = new ArrayList<>(puts.size());
        int failed = 0;
        for (Put put : puts) {
            boolean throttled = throttledShare > 0 && random.nextDouble() < throttledShare;
            Result result = throttled ? throttle(put, stream) : store(put, stream);
            results.add(result);
            failed += result.refusal() == null ? 0 : 1;
        }
        out.writeStartObject();
        out.writeNumberField("FailedRecordCount", failed);
        out.writeStringField("EncryptionType", "NONE");
        out.writeArrayFieldStart("Records");
        for (Result result : results) {
            out.writeStartObject();
            if (result.refusal() != null) {
                out.writeStringField("ErrorCode", result.refusal().type());
                out.writeStringField("ErrorMessage", result.refusal().getMessage());
            } else {
                out.writeStringField("SequenceNumber", result.sequenceNumber());
                out.writeStringField("ShardId", result.shardId());
            }
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private List<Put> puts(Request request) {
        MessageDigest md5 = Md5.newDigest();
        List<Put> puts = new ArrayList<>();
        long bytes = 0;
        for (Request record : request.members("Records", MAX_PUT_RECORDS)) {
            Put put = put(record, md5);
            bytes += put.bytes();
            puts.add(put);
        }
        if (bytes > MAX_PUT_BYTES) {
            throw KinesisException.invalidArgument("Records size exceeds 5 MB limit");
        }
        return puts;
    }

    private static Put put(Request request, MessageDigest md5) {
        String key = request.text("PartitionKey");
        if (key.isEmpty() || key.length() > MAX_PARTITION_KEY_LENGTH) {
            throw request.violates(
                    "PartitionKey",
                    key,
                    key.isEmpty()
                            ? "Member must have length greater than or equal to 1"
                            : "Member must have length less than or equal to 256");
        }
        byte[] data = request.binary("Data");
        byte[] keyBytes = key.getBytes(StandardCharsets.UTF_8);
        if (data.length + keyBytes.length > MAX_RECORD_BYTES) {
            throw request.violates(
                    "Data",
                    "java.nio.HeapByteBuffer[" + data.length + " bytes]",
                    "Member must have length less than or equal to 1048576");
        }
        BigInteger hashKey =
                request.optionalHashKey("ExplicitHashKey").orElseGet(() -> new BigInteger(1, md5.digest(keyBytes)));
        return new Put(keyBytes, data, hashKey);
    }

    private Result store(Put put, EmbeddedStream stream) {
        long now = clock.millis();
        return stream.withShardOf(put.hashKey(), now, shard -> {
            if (enforceLimits && !shard.admitsWrite(put.bytes(), now)) {
                return throttled(shard, stream);
            }
            try {
                String sequenceNumber = shard.append(stream.positions(), now, put.partitionKey(), put.data());
                stream.countWritten(put.bytes());
                return Result.stored(shard.id(), sequenceNumber);
            } catch (StorageFullException e) {
                stream.countRejectedWrite();
                return Result.refused(shard.id(), KinesisException.throughputExceeded(String.valueOf(e.getMessage())));
            } catch (StorageException e) {
                stream.countRejectedWrite();
                onFailure.accept(e);
                return Result.refused(shard.id(), KinesisException.internalFailure());
            }
        });
    }

    private Result throttle(Put put, EmbeddedStream stream) {
        return stream.withShardOf(put.hashKey(), clock.millis(), shard -> throttled(shard, stream));
    }

    private static Result throttled(EmbeddedShard shard, EmbeddedStream stream) {
        stream.countThrottledWrite();
        return Result.refused(shard.id(), KinesisException.rateExceeded(shard, stream));
    }
}
