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

/** Operations that read records. */
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
        long position = StartingPosition.FOR_ITERATOR.in(request, stream, shard, clock.millis());
        if (enforceLimits && !shard.admitsIterator(clock.millis())) {
            stream.countThrottledRead();
            throw KinesisException.rateExceeded(shard, stream);
        }
        out.writeStartObject();
        out.writeStringField("ShardIterator", iterator(stream, shard, position));
        out.writeEndObject();
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
            if (read.skipsTrimmed()) {
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
        read.records().forEach((RecordLog.Entry entry) -> ShardWriter.writeRecord(shard, entry, wire, out));
        out.writeEndArray();
        ShardWriter.writeMillisBehindLatest(read.records(), now, out);
        if (read.isEnd()) {
            ShardWriter.writeChildren(shard, out);
        } else {
            out.writeStringField("NextShardIterator", iterator(stream, shard, read.nextPosition()));
        }
        out.writeEndObject();
    }
}
