package io.taxistream.embeddedkinesis;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The operations that read records. */
final class GetOperations {

    static final int MAX_GET_RECORDS = 10_000;
    static final int MAX_GET_BYTES = 10 * 1024 * 1024;

    private static final DateTimeFormatter DATE_IN_MESSAGES = DateTimeFormatter.ofPattern(
                    "EEE MMM dd HH:mm:ss 'UTC' yyyy", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final StreamRegistry registry;
    private final Clock clock;
    private final Duration iteratorLifetime;
    private final boolean enforceLimits;

    GetOperations(StreamRegistry registry, Clock clock, Duration iteratorLifetime, boolean enforceLimits) {
        this.registry = registry;
        this.clock = clock;
        this.iteratorLifetime = iteratorLifetime;
        this.enforceLimits = enforceLimits;
    }

    void getShardIterator(Request request, JsonGenerator out) throws IOException {
        EmbeddedStream stream = registry.get(request.streamName());
        String shardId = request.text("ShardId");
        EmbeddedShard shard = stream.shard(shardId, clock.millis())
                .orElseThrow(() -> KinesisException.resourceNotFound(
                        "Shard " + shardId + " in stream " + stream.label() + " does not exist"));
        long position = position(request, stream, shard);
        if (enforceLimits && !shard.admitsIterator(clock.millis())) {
            stream.countThrottledRead();
            throw KinesisException.rateExceeded(shard, stream);
        }
        out.writeStartObject();
        out.writeStringField("ShardIterator", iterator(stream, shard, position));
        out.writeEndObject();
    }

    private long position(Request request, EmbeddedStream stream, EmbeddedShard shard) {
        String type = request.text("ShardIteratorType");
        return switch (type) {
            case "TRIM_HORIZON" -> shard.horizonPosition();
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

    private static long positionOfSequenceNumber(Request request, EmbeddedStream stream, EmbeddedShard shard) {
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

    private String iterator(EmbeddedStream stream, EmbeddedShard shard, long position) {
        return new OpaqueToken(stream.name(), stream.incarnation(), shard.id(), position, clock.millis(), "").encoded();
    }

    void getRecords(Request request, Wire wire, JsonGenerator out) throws IOException {
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
        EmbeddedStream stream = registry.get(token);
        EmbeddedShard shard = stream.shard(token.shardId(), now)
                .orElseThrow(() -> KinesisException.resourceNotFound(
                        "Shard " + token.shardId() + " in stream " + stream.label() + " does not exist"));
        if (enforceLimits && !shard.admitsRead(now)) {
            stream.countThrottledRead();
            throw KinesisException.rateExceeded(shard, stream);
        }
        try (EmbeddedShard.Read read = shard.read(token.position(), limit.orElse(MAX_GET_RECORDS), MAX_GET_BYTES)) {
            stream.countRead(read.records().count());
            if (read.missesTrimmed()) {
                stream.countReadOfTrimmedRecords();
            }
            writeRecords(stream, shard, read, now, wire, out);
        }
    }

    private void writeRecords(
            EmbeddedStream stream, EmbeddedShard shard, EmbeddedShard.Read read, long now, Wire wire, JsonGenerator out)
            throws IOException {
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

    private static void writeChildren(EmbeddedShard shard, JsonGenerator out) throws IOException {
        out.writeArrayFieldStart("ChildShards");
        for (EmbeddedShard child : shard.children()) {
            out.writeStartObject();
            out.writeStringField("ShardId", child.id());
            out.writeArrayFieldStart("ParentShards");
            for (String parent : child.parents()) {
                out.writeString(parent);
            }
            out.writeEndArray();
            ShardWriter.writeRange(child.range(), out);
            out.writeEndObject();
        }
        out.writeEndArray();
    }
}
