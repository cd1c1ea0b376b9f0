package io.taxistream.embeddedkinesis;

import com.fasterxml.jackson.core.JsonGenerator;
import io.taxistream.embeddedkinesis.EmbeddedStream.Status;
import io.taxistream.embeddedkinesis.EmbeddedStream.View;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** Operations that create, delete, describe and list streams and set their retention period. */
final class StreamOperations {

    private static final int ON_DEMAND_STREAM_LIMIT = 50;
    private static final int ON_DEMAND_SHARDS = 4;
    private static final int DEFAULT_LIST = 100;
    private static final int MAX_LIST = 10_000;
    private static final int MIN_RETENTION_HOURS = 24;
    private static final int MAX_RETENTION_HOURS = 365 * 24;

    private final StreamRegistry registry;
    private final Clock clock;
    private final ShardQuota quota;

    StreamOperations(StreamRegistry registry, Clock clock, ShardQuota quota) {
        this.registry = registry;
        this.clock = clock;
        this.quota = quota;
    }

    void createStream(Request request) {
        String name = request.streamName();
        boolean onDemand = request.member("StreamModeDetails")
                .map(mode -> mode.text("StreamMode").equals("ON_DEMAND"))
                .orElse(false);
        int shardCount = onDemand ? ON_DEMAND_SHARDS : request.integer("ShardCount", 1, ShardOperations.MAX_SHARDS);
        quota.require(shardCount);
        registry.create(name, shardCount);
    }

    void deleteStream(Request request) {
        EmbeddedStream stream = registry.get(request.streamName());
        if (stream.view(clock.millis()).status() == Status.CREATING) {
            throw stream.notActive(Status.CREATING);
        }
        if (!request.isTrue("EnforceConsumerDeletion")
                && !stream.consumers().all(clock.millis()).isEmpty()) {
            throw KinesisException.resourceInUse("Stream " + stream.label()
                    + " has registered consumers. Deregister them first, or set EnforceConsumerDeletion to true.");
        }
        stream.delete(clock.millis());
    }

    void describeStream(Request request, Wire wire, JsonGenerator out) throws IOException {
        EmbeddedStream stream = registry.get(request.streamName());
        View view = stream.view(clock.millis());
        int limit = request.optionalInt("Limit", 1, MAX_LIST).orElse(DEFAULT_LIST);
        String after = request.optionalText("ExclusiveStartShardId").orElse("");
        List<EmbeddedShard> remaining = view.shards().stream()
                .filter(shard -> shard.id().compareTo(after) > 0)
                .toList();
        out.writeStartObject();
        out.writeObjectFieldStart("StreamDescription");
        writeStreamHead(stream, view, wire, out);
        out.writeBooleanField("HasMoreShards", remaining.size() > limit);
        out.writeArrayFieldStart("Shards");
        for (EmbeddedShard shard : remaining.subList(0, Math.min(limit, remaining.size()))) {
            ShardWriter.writeShard(shard, out);
        }
        out.writeEndArray();
        out.writeEndObject();
        out.writeEndObject();
    }

    void describeStreamSummary(Request request, Wire wire, JsonGenerator out) throws IOException {
        EmbeddedStream stream = registry.get(request.streamName());
        View view = stream.view(clock.millis());
        out.writeStartObject();
        out.writeObjectFieldStart("StreamDescriptionSummary");
        writeStreamHead(stream, view, wire, out);
        out.writeNumberField("OpenShardCount", view.openShards().size());
        out.writeNumberField(
                "ConsumerCount", stream.consumers().all(clock.millis()).size());
        out.writeEndObject();
        out.writeEndObject();
    }

    void describeLimits(JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeNumberField("ShardLimit", ShardQuota.SHARD_LIMIT);
        out.writeNumberField("OpenShardCount", quota.openShards());
        out.writeNumberField("OnDemandStreamCount", 0);
        out.writeNumberField("OnDemandStreamCountLimit", ON_DEMAND_STREAM_LIMIT);
        out.writeEndObject();
    }

    void listStreams(Request request, Wire wire, JsonGenerator out) throws IOException {
        int limit = request.optionalInt("Limit", 1, MAX_LIST).orElse(DEFAULT_LIST);
        String after = request.optionalText("NextToken")
                .or(() -> request.optionalText("ExclusiveStartStreamName"))
                .orElse("");
        List<EmbeddedStream> remaining = registry.all().stream()
                .filter(stream -> stream.name().compareTo(after) > 0)
                .toList();
        List<EmbeddedStream> page = remaining.subList(0, Math.min(limit, remaining.size()));
        boolean hasMore = remaining.size() > limit;
        out.writeStartObject();
        out.writeArrayFieldStart("StreamNames");
        for (EmbeddedStream stream : page) {
            out.writeString(stream.name());
        }
        out.writeEndArray();
        out.writeArrayFieldStart("StreamSummaries");
        for (EmbeddedStream stream : page) {
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

    void increaseRetention(Request request) {
        EmbeddedStream stream = registry.getActive(request.streamName());
        int hours = request.integer("RetentionPeriodHours", MIN_RETENTION_HOURS, MAX_RETENTION_HOURS);
        long present = stream.view(clock.millis()).retention().toHours();
        if (hours < present) {
            throw KinesisException.invalidArgument("Requested retention period (" + hours + " hours) for stream "
                    + stream.name() + " can not be shorter than existing retention period (" + present
                    + " hours). Use DecreaseRetentionPeriod API.");
        }
        stream.retain(Duration.ofHours(hours));
    }

    void decreaseRetention(Request request) {
        EmbeddedStream stream = registry.getActive(request.streamName());
        int hours = request.integer("RetentionPeriodHours", MIN_RETENTION_HOURS, MAX_RETENTION_HOURS);
        long present = stream.view(clock.millis()).retention().toHours();
        if (hours > present) {
            throw KinesisException.invalidArgument("Requested retention period (" + hours + " hours) for stream "
                    + stream.name() + " can not be longer than existing retention period (" + present
                    + " hours). Use IncreaseRetentionPeriod API.");
        }
        stream.retain(Duration.ofHours(hours));
    }

    private void writeStreamHead(EmbeddedStream stream, View view, Wire wire, JsonGenerator out) throws IOException {
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

    private void writeStreamIdentity(EmbeddedStream stream, View view, Wire wire, JsonGenerator out)
            throws IOException {
        out.writeStringField("StreamName", stream.name());
        out.writeStringField("StreamARN", stream.arn());
        out.writeStringField("StreamStatus", view.status().name());
        out.writeObjectFieldStart("StreamModeDetails");
        out.writeStringField("StreamMode", "PROVISIONED");
        out.writeEndObject();
        out.writeFieldName("StreamCreationTimestamp");
        wire.writeTimestamp(out, stream.createdMillis());
    }
}
