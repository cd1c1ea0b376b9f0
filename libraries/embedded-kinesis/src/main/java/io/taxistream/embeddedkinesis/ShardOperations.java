package io.taxistream.embeddedkinesis;

import com.fasterxml.jackson.core.JsonGenerator;
import io.taxistream.embeddedkinesis.EmbeddedStream.View;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** Operations that list, split and merge shards. */
final class ShardOperations {

    /** Kinesis' default quota for the shards of an account in the largest regions; more could exhaust the memory. */
    static final int MAX_SHARDS = 20_000;

    private static final int DEFAULT_LIST_SHARDS = 1_000;
    private static final int MAX_LIST = 10_000;
    private static final Duration NEXT_TOKEN_LIFETIME = Duration.ofMinutes(5);

    private final StreamRegistry registry;
    private final Clock clock;
    private final ShardQuota quota;
    private final boolean enforceLimits;

    ShardOperations(StreamRegistry registry, Clock clock, ShardQuota quota, boolean enforceLimits) {
        this.registry = registry;
        this.clock = clock;
        this.quota = quota;
        this.enforceLimits = enforceLimits;
    }

    void listShards(Request request, JsonGenerator out) throws IOException {
        int limit = request.optionalInt("MaxResults", 1, MAX_LIST).orElse(DEFAULT_LIST_SHARDS);
        EmbeddedStream stream;
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
            stream = registry.get(token);
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
        List<EmbeddedShard> remaining = view.shards().stream()
                .filter(shard -> shard.id().compareTo(after) > 0 && filter.accepts(shard, view))
                .toList();
        List<EmbeddedShard> page = remaining.subList(0, Math.min(limit, remaining.size()));
        out.writeStartObject();
        out.writeArrayFieldStart("Shards");
        for (EmbeddedShard shard : page) {
            ShardWriter.writeShard(shard, out);
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

    void splitShard(Request request) {
        EmbeddedStream stream = registry.get(request.streamName());
        String shardId = request.text("ShardToSplit");
        BigInteger newStart = request.hashKey("NewStartingHashKey");
        quota.require(1);
        stream.split(shardId, newStart, clock.millis());
    }

    void mergeShards(Request request) {
        EmbeddedStream stream = registry.get(request.streamName());
        stream.merge(request.text("ShardToMerge"), request.text("AdjacentShardToMerge"), clock.millis());
    }

    void updateShardCount(Request request, JsonGenerator out) throws IOException {
        EmbeddedStream stream = registry.get(request.streamName());
        int target = request.integer("TargetShardCount", 1, MAX_SHARDS);
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
        quota.require(Math.max(0, target - present));
        stream.scaleTo(target, clock.millis());
        out.writeStartObject();
        out.writeStringField("StreamName", stream.name());
        out.writeStringField("StreamARN", stream.arn());
        out.writeNumberField("CurrentShardCount", present);
        out.writeNumberField("TargetShardCount", target);
        out.writeEndObject();
    }
}
