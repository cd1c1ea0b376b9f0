package io.taxistream.embeddedkinesis;

import com.fasterxml.jackson.core.JsonGenerator;
import io.taxistream.embeddedkinesis.KinesisStream.Status;
import io.taxistream.embeddedkinesis.KinesisStream.View;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.regex.Pattern;

/** The operations: reads a request, does what it says, writes the answer. No HTTP here. Thread-safe. */
final class KinesisApi {

    static final int MAX_RECORD_BYTES = 1024 * 1024;
    static final int MAX_PUT_RECORDS = 500;
    static final int MAX_PUT_BYTES = 5 * 1024 * 1024;
    static final int MAX_GET_RECORDS = 10_000;
    static final int MAX_GET_BYTES = 10 * 1024 * 1024;

    private static final int MAX_PARTITION_KEY_LENGTH = 256;
    private static final int SHARD_LIMIT = 1_000;
    private static final int ON_DEMAND_STREAM_LIMIT = 50;
    private static final int ON_DEMAND_SHARDS = 4;
    private static final int DEFAULT_LIST_SHARDS = 1_000;
    private static final int DEFAULT_LIST = 100;
    private static final int MAX_LIST = 10_000;
    private static final int MIN_RETENTION_HOURS = 24;
    private static final int MAX_RETENTION_HOURS = 365 * 24;
    private static final Duration NEXT_TOKEN_LIFETIME = Duration.ofMinutes(5);
    private static final Pattern SEQUENCE_NUMBER = Pattern.compile("0|[1-9]\\d{0,128}");
    private static final DateTimeFormatter DATE_IN_MESSAGES = DateTimeFormatter.ofPattern(
                    "EEE MMM dd HH:mm:ss 'UTC' yyyy", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final StreamRegistry registry;
    private final Clock clock;
    private final Duration iteratorLifetime;
    private final boolean enforceLimits;
    private final Random random;
    private final CallLimits callLimits = new CallLimits();

    KinesisApi(StreamRegistry registry, Clock clock, Duration iteratorLifetime, boolean enforceLimits, Random random) {
        this.registry = registry;
        this.clock = clock;
        this.iteratorLifetime = iteratorLifetime;
        this.enforceLimits = enforceLimits;
        this.random = random;
    }

    /**
     * Carries out a call and writes its answer, which is nothing for some operations.
     *
     * @param throttledShare of the records of a PutRecords call, 0 to 1, that are refused whatever their shard would take
     * @throws KinesisException if the call is refused
     */
    void call(KinesisOperation operation, Wire wire, Request request, double throttledShare, JsonGenerator out)
            throws IOException {
        if (enforceLimits && !callLimits.admits(operation, clock.millis())) {
            throw rateExceeded(operation);
        }
        switch (operation) {
            case CREATE_STREAM -> createStream(request);
            case DELETE_STREAM -> deleteStream(request);
            case DESCRIBE_STREAM -> describeStream(request, wire, out);
            case DESCRIBE_STREAM_SUMMARY -> describeStreamSummary(request, wire, out);
            case DESCRIBE_LIMITS -> describeLimits(out);
            case LIST_STREAMS -> listStreams(request, wire, out);
            case LIST_SHARDS -> listShards(request, out);
            case PUT_RECORD -> putRecord(request, out);
            case PUT_RECORDS -> putRecords(request, throttledShare, out);
            case GET_SHARD_ITERATOR -> getShardIterator(request, out);
            case GET_RECORDS -> getRecords(request, wire, out);
            case SPLIT_SHARD -> splitShard(request);
            case MERGE_SHARDS -> mergeShards(request);
            case UPDATE_SHARD_COUNT -> updateShardCount(request, out);
            case INCREASE_STREAM_RETENTION_PERIOD -> increaseRetention(request);
            case DECREASE_STREAM_RETENTION_PERIOD -> decreaseRetention(request);
        }
    }

    /** How a call is refused that is one too many. */
    static KinesisException rateExceeded(KinesisOperation operation) {
        return operation.isLimitedByAccount()
                ? KinesisException.limitExceeded("Rate exceeded for " + operation.wireName() + " under account "
                        + StreamRegistry.ACCOUNT_ID + ".")
                : KinesisException.throughputExceeded(
                        "Rate exceeded for " + operation.wireName() + "; try again later.");
    }

    // ---- streams ----

    private void createStream(Request request) {
        String name = request.streamName();
        boolean onDemand = request.member("StreamModeDetails")
                .map(mode -> mode.text("StreamMode").equals("ON_DEMAND"))
                .orElse(false);
        int shardCount = onDemand ? ON_DEMAND_SHARDS : request.integer("ShardCount", 1, Integer.MAX_VALUE);
        requireShards(shardCount);
        registry.create(name, shardCount);
    }

    private void deleteStream(Request request) {
        KinesisStream stream = registry.get(request.streamName());
        if (stream.view(clock.millis()).status() == Status.CREATING) {
            throw stream.notActive(Status.CREATING);
        }
        stream.delete(clock.millis());
    }

    private void describeStream(Request request, Wire wire, JsonGenerator out) throws IOException {
        KinesisStream stream = registry.get(request.streamName());
        View view = stream.view(clock.millis());
        int limit = request.optionalInt("Limit", 1, MAX_LIST).orElse(DEFAULT_LIST);
        String after = request.optionalText("ExclusiveStartShardId").orElse("");
        List<Shard> remaining = view.shards().stream()
                .filter(shard -> shard.id().compareTo(after) > 0)
                .toList();
        out.writeStartObject();
        out.writeObjectFieldStart("StreamDescription");
        writeStreamHead(stream, view, wire, out);
        out.writeBooleanField("HasMoreShards", remaining.size() > limit);
        out.writeArrayFieldStart("Shards");
        for (Shard shard : remaining.subList(0, Math.min(limit, remaining.size()))) {
            writeShard(shard, out);
        }
        out.writeEndArray();
        out.writeEndObject();
        out.writeEndObject();
    }

    private void describeStreamSummary(Request request, Wire wire, JsonGenerator out) throws IOException {
        KinesisStream stream = registry.get(request.streamName());
        View view = stream.view(clock.millis());
        out.writeStartObject();
        out.writeObjectFieldStart("StreamDescriptionSummary");
        writeStreamHead(stream, view, wire, out);
        out.writeNumberField("OpenShardCount", view.openShards().size());
        out.writeNumberField("ConsumerCount", 0);
        out.writeEndObject();
        out.writeEndObject();
    }

    private void describeLimits(JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeNumberField("ShardLimit", SHARD_LIMIT);
        out.writeNumberField("OpenShardCount", openShardsOfAccount());
        out.writeNumberField("OnDemandStreamCount", 0);
        out.writeNumberField("OnDemandStreamCountLimit", ON_DEMAND_STREAM_LIMIT);
        out.writeEndObject();
    }

    private void listStreams(Request request, Wire wire, JsonGenerator out) throws IOException {
        int limit = request.optionalInt("Limit", 1, MAX_LIST).orElse(DEFAULT_LIST);
        String after = request.optionalText("NextToken")
                .or(() -> request.optionalText("ExclusiveStartStreamName"))
                .orElse("");
        List<KinesisStream> remaining = registry.all().stream()
                .filter(stream -> stream.name().compareTo(after) > 0)
                .toList();
        List<KinesisStream> page = remaining.subList(0, Math.min(limit, remaining.size()));
        boolean hasMore = remaining.size() > limit;
        out.writeStartObject();
        out.writeArrayFieldStart("StreamNames");
        for (KinesisStream stream : page) {
            out.writeString(stream.name());
        }
        out.writeEndArray();
        out.writeArrayFieldStart("StreamSummaries");
        for (KinesisStream stream : page) {
            out.writeStartObject();
            writeStreamIdentity(stream, stream.view(clock.millis()), wire, out);
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeBooleanField("HasMoreStreams", hasMore);
        if (hasMore) {
            out.writeStringField("NextToken", page.get(page.size() - 1).name());
        }
        out.writeEndObject();
    }

    private void increaseRetention(Request request) {
        KinesisStream stream = requireActive(request.streamName());
        int hours = request.integer("RetentionPeriodHours", MIN_RETENTION_HOURS, MAX_RETENTION_HOURS);
        long present = stream.view(clock.millis()).retention().toHours();
        if (hours < present) {
            throw KinesisException.invalidArgument("Requested retention period (" + hours + " hours) for stream "
                    + stream.name() + " can not be shorter than existing retention period (" + present
                    + " hours). Use DecreaseRetentionPeriod API.");
        }
        stream.retain(Duration.ofHours(hours));
    }

    private void decreaseRetention(Request request) {
        KinesisStream stream = requireActive(request.streamName());
        int hours = request.integer("RetentionPeriodHours", MIN_RETENTION_HOURS, MAX_RETENTION_HOURS);
        long present = stream.view(clock.millis()).retention().toHours();
        if (hours > present) {
            throw KinesisException.invalidArgument("Requested retention period (" + hours + " hours) for stream "
                    + stream.name() + " can not be longer than existing retention period (" + present
                    + " hours). Use IncreaseRetentionPeriod API.");
        }
        stream.retain(Duration.ofHours(hours));
    }

    private void writeStreamHead(KinesisStream stream, View view, Wire wire, JsonGenerator out) throws IOException {
        writeStreamIdentity(stream, view, wire, out);
        out.writeNumberField("RetentionPeriodHours", view.retention().toHours());
        out.writeStringField("EncryptionType", "NONE");
        out.writeArrayFieldStart("EnhancedMonitoring");
        out.writeStartObject();
        out.writeArrayFieldStart("ShardLevelMetrics");
        out.writeEndArray();
        out.writeEndObject();
        out.writeEndArray();
    }

    private void writeStreamIdentity(KinesisStream stream, View view, Wire wire, JsonGenerator out) throws IOException {
        out.writeStringField("StreamName", stream.name());
        out.writeStringField("StreamARN", stream.arn());
        out.writeStringField("StreamStatus", view.status().name());
        out.writeObjectFieldStart("StreamModeDetails");
        out.writeStringField("StreamMode", "PROVISIONED");
        out.writeEndObject();
        out.writeFieldName("StreamCreationTimestamp");
        wire.writeTimestamp(out, stream.createdMillis());
    }

    // ---- shards ----

    private void listShards(Request request, JsonGenerator out) throws IOException {
        int limit = request.optionalInt("MaxResults", 1, MAX_LIST).orElse(DEFAULT_LIST_SHARDS);
        KinesisStream stream;
        String after;
        ShardFilter filter;
        if (request.has("NextToken")) {
            for (String field : List.of("StreamName", "StreamARN", "ExclusiveStartShardId", "ShardFilter")) {
                if (request.has(field)) {
                    throw KinesisException.invalidArgument("NextToken and " + field + " cannot be provided together.");
                }
            }
            OpaqueToken token = OpaqueToken.decoded(request.text("NextToken"))
                    .orElseThrow(() -> KinesisException.invalidArgument("NextToken is invalid."));
            if (clock.millis() - token.issuedMillis() > NEXT_TOKEN_LIFETIME.toMillis()) {
                throw KinesisException.expiredNextToken("NextToken has expired; list the shards from the start.");
            }
            stream = streamOf(token);
            after = token.shardId();
            filter = ShardFilter.parsed(token.detail());
        } else {
            stream = registry.get(request.streamName());
            after = request.optionalText("ExclusiveStartShardId").orElse("");
            filter = request.member("ShardFilter").map(ShardFilter::of).orElse(ShardFilter.ALL);
        }
        View view = stream.view(clock.millis());
        if (!view.isUsable()) {
            throw stream.notActive(view.status());
        }
        List<Shard> remaining = view.shards().stream()
                .filter(shard -> shard.id().compareTo(after) > 0 && filter.accepts(shard, view))
                .toList();
        List<Shard> page = remaining.subList(0, Math.min(limit, remaining.size()));
        out.writeStartObject();
        out.writeArrayFieldStart("Shards");
        for (Shard shard : page) {
            writeShard(shard, out);
        }
        out.writeEndArray();
        if (remaining.size() > limit) {
            String lastId = page.get(page.size() - 1).id();
            OpaqueToken next =
                    new OpaqueToken(stream.name(), stream.incarnation(), lastId, 0, clock.millis(), filter.encoded());
            out.writeStringField("NextToken", next.encoded());
        }
        out.writeEndObject();
    }

    private void splitShard(Request request) {
        KinesisStream stream = registry.get(request.streamName());
        String shardId = request.text("ShardToSplit");
        BigInteger newStart = request.hashKey("NewStartingHashKey");
        requireShards(1);
        stream.split(shardId, newStart, clock.millis());
    }

    private void mergeShards(Request request) {
        KinesisStream stream = registry.get(request.streamName());
        stream.merge(request.text("ShardToMerge"), request.text("AdjacentShardToMerge"), clock.millis());
    }

    private void updateShardCount(Request request, JsonGenerator out) throws IOException {
        KinesisStream stream = registry.get(request.streamName());
        int target = request.integer("TargetShardCount", 1, Integer.MAX_VALUE);
        String scaling = request.text("ScalingType");
        if (!scaling.equals("UNIFORM_SCALING")) {
            throw request.violates("ScalingType", scaling, "Member must satisfy enum value set: [UNIFORM_SCALING]");
        }
        int present = stream.view(clock.millis()).openShards().size();
        if (enforceLimits && (target > 2 * present || 2 * target < present)) {
            throw KinesisException.limitExceeded("UpdateShardCount cannot scale "
                    + (target > present ? "up over double" : "down below half of") + " your current open shard count."
                    + " Current open shard count: " + present + " Target shard count: " + target);
        }
        requireShards(Math.max(0, target - present));
        stream.scaleTo(target, clock.millis());
        out.writeStartObject();
        out.writeStringField("StreamName", stream.name());
        out.writeStringField("StreamARN", stream.arn());
        out.writeNumberField("CurrentShardCount", present);
        out.writeNumberField("TargetShardCount", target);
        out.writeEndObject();
    }

    private void requireShards(int more) {
        if (enforceLimits && openShardsOfAccount() + more > SHARD_LIMIT) {
            throw KinesisException.limitExceeded("This request would exceed the shard limit for the account "
                    + StreamRegistry.ACCOUNT_ID + ". Current shard count for the account: " + openShardsOfAccount()
                    + ". Limit: " + SHARD_LIMIT + ". Number of additional shards that would have resulted from this"
                    + " request: " + more + ".");
        }
    }

    private int openShardsOfAccount() {
        return registry.all().stream()
                .mapToInt(stream -> stream.view(clock.millis()).openShards().size())
                .sum();
    }

    private static void writeShard(Shard shard, JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeStringField("ShardId", shard.id());
        List<String> parents = shard.parents();
        if (!parents.isEmpty()) {
            out.writeStringField("ParentShardId", parents.get(0));
        }
        if (parents.size() > 1) {
            out.writeStringField("AdjacentParentShardId", parents.get(1));
        }
        writeRange(shard.range(), out);
        out.writeObjectFieldStart("SequenceNumberRange");
        out.writeStringField("StartingSequenceNumber", shard.startingSequenceNumber());
        Optional<String> ending = shard.endingSequenceNumber();
        if (ending.isPresent()) {
            out.writeStringField("EndingSequenceNumber", ending.get());
        }
        out.writeEndObject();
        out.writeEndObject();
    }

    private static void writeRange(HashKeyRange range, JsonGenerator out) throws IOException {
        out.writeObjectFieldStart("HashKeyRange");
        out.writeStringField("StartingHashKey", range.start().toString());
        out.writeStringField("EndingHashKey", range.end().toString());
        out.writeEndObject();
    }

    // ---- writing ----

    /** A record on its way into the stream. */
    // handed over once and compared by nobody
    @SuppressWarnings("ArrayRecordComponent")
    private record Put(byte[] partitionKey, byte[] data, BigInteger hashKey) {

        int bytes() {
            return partitionKey.length + data.length;
        }
    }

    /** What became of a record: the sequence number is null where its shard would not take it. */
    private record Stored(String shardId, String sequenceNumber) {}

    private void putRecord(Request request, JsonGenerator out) throws IOException {
        KinesisStream stream = requireWritable(request.streamName());
        Put put = put(request, md5());
        request.optionalText("SequenceNumberForOrdering").ifPresent(number -> {
            if (!SEQUENCE_NUMBER.matcher(number).matches()) {
                throw request.violates(
                        "SequenceNumberForOrdering",
                        number,
                        "Member must satisfy regular expression pattern: 0|([1-9]\\d{0,128})");
            }
        });
        Stored stored = store(put, stream);
        if (stored.sequenceNumber() == null) {
            throw KinesisException.throughputExceeded(rateExceededForShard(stored.shardId(), stream));
        }
        out.writeStartObject();
        out.writeStringField("ShardId", stored.shardId());
        out.writeStringField("SequenceNumber", stored.sequenceNumber());
        out.writeStringField("EncryptionType", "NONE");
        out.writeEndObject();
    }

    private void putRecords(Request request, double throttledShare, JsonGenerator out) throws IOException {
        KinesisStream stream = requireWritable(request.streamName());
        List<Put> puts = puts(request);
        List<Stored> results = new ArrayList<>(puts.size());
        int failed = 0;
        for (Put put : puts) {
            boolean refused = throttledShare > 0 && random.nextDouble() < throttledShare;
            Stored stored = refused ? refuse(put, stream) : store(put, stream);
            results.add(stored);
            failed += stored.sequenceNumber() == null ? 1 : 0;
        }
        out.writeStartObject();
        out.writeNumberField("FailedRecordCount", failed);
        out.writeStringField("EncryptionType", "NONE");
        out.writeArrayFieldStart("Records");
        for (Stored stored : results) {
            out.writeStartObject();
            if (stored.sequenceNumber() == null) {
                out.writeStringField("ErrorCode", "ProvisionedThroughputExceededException");
                out.writeStringField("ErrorMessage", rateExceededForShard(stored.shardId(), stream));
            } else {
                out.writeStringField("SequenceNumber", stored.sequenceNumber());
                out.writeStringField("ShardId", stored.shardId());
            }
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private List<Put> puts(Request request) {
        MessageDigest md5 = md5();
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

    private Stored store(Put put, KinesisStream stream) {
        long now = clock.millis();
        return stream.withShardOf(put.hashKey(), now, shard -> {
            if (enforceLimits && !shard.admitsWrite(put.bytes(), now)) {
                stream.countThrottledWrite();
                return new Stored(shard.id(), null);
            }
            String sequenceNumber = shard.append(stream.positions(), now, put.partitionKey(), put.data());
            stream.countWritten(put.bytes());
            return new Stored(shard.id(), sequenceNumber);
        });
    }

    private Stored refuse(Put put, KinesisStream stream) {
        stream.countThrottledWrite();
        return stream.withShardOf(put.hashKey(), clock.millis(), shard -> new Stored(shard.id(), null));
    }

    private static String rateExceededForShard(String shardId, KinesisStream stream) {
        return "Rate exceeded for shard " + shardId + " in stream " + stream.label() + ".";
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has MD5", e);
        }
    }

    // ---- reading ----

    private void getShardIterator(Request request, JsonGenerator out) throws IOException {
        KinesisStream stream = registry.get(request.streamName());
        String shardId = request.text("ShardId");
        Shard shard = stream.shard(shardId, clock.millis())
                .orElseThrow(() -> KinesisException.resourceNotFound(
                        "Shard " + shardId + " in stream " + stream.label() + " does not exist"));
        long position = position(request, stream, shard);
        if (enforceLimits && !shard.admitsIterator(clock.millis())) {
            stream.countThrottledRead();
            throw KinesisException.throughputExceeded(rateExceededForShard(shardId, stream));
        }
        out.writeStartObject();
        out.writeStringField("ShardIterator", iterator(stream, shard, position));
        out.writeEndObject();
    }

    private long position(Request request, KinesisStream stream, Shard shard) {
        String type = request.text("ShardIteratorType");
        return switch (type) {
            case "TRIM_HORIZON" -> shard.startPosition();
            case "LATEST" -> shard.latestPosition(stream.positions());
            case "AT_TIMESTAMP" -> {
                long timestamp = request.optionalTimestampMillis("Timestamp")
                        .orElseThrow(() -> KinesisException.invalidArgument(
                                "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP."));
                if (timestamp > clock.millis()) {
                    throw KinesisException.invalidArgument(
                            "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis."
                                    + " timestampInMillis: " + timestamp + ", currentTimestampInMillis: "
                                    + clock.millis());
                }
                yield shard.positionAtTime(timestamp, stream.positions());
            }
            case "AT_SEQUENCE_NUMBER" -> positionOfSequenceNumber(request, stream, shard);
            case "AFTER_SEQUENCE_NUMBER" -> positionOfSequenceNumber(request, stream, shard) + 1;
            default ->
                throw request.violates(
                        "ShardIteratorType",
                        type,
                        "Member must satisfy enum value set:"
                                + " [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]");
        };
    }

    private static long positionOfSequenceNumber(Request request, KinesisStream stream, Shard shard) {
        String number = request.optionalText("StartingSequenceNumber")
                .orElseThrow(() -> KinesisException.invalidArgument(
                        "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and"
                                + " StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no"
                                + " StartingSequenceNumber. Request specified "
                                + request.text("ShardIteratorType") + " and no StartingSequenceNumber."));
        OptionalLong position = shard.positionOf(number);
        if (position.isEmpty()) {
            throw KinesisException.invalidArgument("StartingSequenceNumber " + number
                    + " used in GetShardIterator on shard " + shard.id() + " in stream " + stream.label()
                    + " is invalid because it did not come from this stream.");
        }
        return position.getAsLong();
    }

    private String iterator(KinesisStream stream, Shard shard, long position) {
        return new OpaqueToken(stream.name(), stream.incarnation(), shard.id(), position, clock.millis(), "").encoded();
    }

    private void getRecords(Request request, Wire wire, JsonGenerator out) throws IOException {
        OptionalInt limit = request.optionalInt("Limit", 1, MAX_GET_RECORDS);
        OpaqueToken token = OpaqueToken.decoded(request.text("ShardIterator"))
                .orElseThrow(() -> KinesisException.invalidArgument("Invalid ShardIterator."));
        long now = clock.millis();
        if (now - token.issuedMillis() > iteratorLifetime.toMillis()) {
            throw KinesisException.expiredIterator("Iterator expired. The iterator was created at time "
                    + DATE_IN_MESSAGES.format(Instant.ofEpochMilli(token.issuedMillis())) + " while right now it is "
                    + DATE_IN_MESSAGES.format(Instant.ofEpochMilli(now))
                    + " which is further in the future than the tolerated delay of " + iteratorLifetime.toMillis()
                    + " milliseconds.");
        }
        KinesisStream stream = streamOf(token);
        Shard shard = stream.shard(token.shardId(), now)
                .orElseThrow(() -> KinesisException.resourceNotFound(
                        "Shard " + token.shardId() + " in stream " + stream.label() + " does not exist"));
        if (enforceLimits && !shard.admitsRead(now)) {
            stream.countThrottledRead();
            throw KinesisException.throughputExceeded(rateExceededForShard(shard.id(), stream));
        }
        Shard.Read read = shard.read(token.position(), limit.orElse(MAX_GET_RECORDS), MAX_GET_BYTES);
        stream.countRead(read.records().count());
        out.writeStartObject();
        out.writeArrayFieldStart("Records");
        read.records().forEach((RecordLog.Entry entry) -> {
            out.writeStartObject();
            out.writeStringField("SequenceNumber", shard.sequenceNumberAt(entry.position()));
            out.writeFieldName("ApproximateArrivalTimestamp");
            wire.writeTimestamp(out, entry.arrivalMillis());
            out.writeFieldName("Data");
            out.writeBinary(entry.array(), entry.dataOffset(), entry.dataLength());
            out.writeStringField("PartitionKey", entry.partitionKey());
            out.writeStringField("EncryptionType", "NONE");
            out.writeEndObject();
        });
        out.writeEndArray();
        // at least 1 while there is more, so that no reader takes itself for caught up
        out.writeNumberField(
                "MillisBehindLatest",
                read.records().reachesEnd()
                        ? 0
                        : Math.max(1, now - read.records().nextArrivalMillis()));
        if (read.isEnd()) {
            writeChildren(shard, out);
        } else {
            out.writeStringField("NextShardIterator", iterator(stream, shard, read.nextPosition()));
        }
        out.writeEndObject();
    }

    private static void writeChildren(Shard shard, JsonGenerator out) throws IOException {
        out.writeArrayFieldStart("ChildShards");
        for (Shard child : shard.children()) {
            out.writeStartObject();
            out.writeStringField("ShardId", child.id());
            out.writeArrayFieldStart("ParentShards");
            for (String parent : child.parents()) {
                out.writeString(parent);
            }
            out.writeEndArray();
            writeRange(child.range(), out);
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    // ---- finding streams ----

    private KinesisStream streamOf(OpaqueToken token) {
        return registry.find(token.streamName())
                .filter(stream -> stream.incarnation() == token.streamIncarnation())
                .orElseThrow(() -> StreamRegistry.notFound(token.streamName()));
    }

    private KinesisStream requireWritable(String name) {
        return registry.find(name)
                .filter(stream -> stream.view(clock.millis()).isUsable())
                .orElseThrow(() -> StreamRegistry.notFound(name));
    }

    private KinesisStream requireActive(String name) {
        KinesisStream stream = registry.get(name);
        Status status = stream.view(clock.millis()).status();
        if (status != Status.ACTIVE) {
            throw stream.notActive(status);
        }
        return stream;
    }
}
