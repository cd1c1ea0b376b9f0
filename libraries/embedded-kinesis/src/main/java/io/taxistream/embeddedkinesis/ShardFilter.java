package io.taxistream.embeddedkinesis;

import io.taxistream.embeddedkinesis.EmbeddedStream.View;
import java.util.List;

/** Filter of ListShards. */
record ShardFilter(Type type, String shardId, long timestampMillis) {

    enum Type {
        AFTER_SHARD_ID,
        AT_TRIM_HORIZON,
        FROM_TRIM_HORIZON,
        AT_LATEST,
        AT_TIMESTAMP,
        FROM_TIMESTAMP
    }

    /** Selects every readable shard. */
    static final ShardFilter ALL = new ShardFilter(Type.FROM_TRIM_HORIZON, "", 0);

    static ShardFilter of(Request request) {
        String name = request.text("Type");
        Type type;
        try {
            type = Type.valueOf(name);
        } catch (IllegalArgumentException e) {
            throw request.violates("Type", name, "Member must satisfy enum value set: " + List.of(Type.values()));
        }
        return switch (type) {
            case AFTER_SHARD_ID -> new ShardFilter(type, request.text("ShardId"), 0);
            case AT_TIMESTAMP, FROM_TIMESTAMP ->
                new ShardFilter(
                        type,
                        "",
                        request.optionalTimestampMillis("Timestamp")
                                .orElseThrow(() -> KinesisException.invalidArgument(
                                        "Timestamp must be specified when ShardFilterType is " + type + ".")));
            default -> new ShardFilter(type, "", 0);
        };
    }

    /** Returns the form that {@link #parsed} reads. */
    String encoded() {
        return type + " " + timestampMillis + " " + shardId;
    }

    static ShardFilter parsed(String encoded) {
        String[] parts = encoded.split(" ", 3);
        return new ShardFilter(Type.valueOf(parts[0]), parts[2], Long.parseLong(parts[1]));
    }

    boolean accepts(EmbeddedShard shard, View stream) {
        return switch (type) {
            case AFTER_SHARD_ID -> shard.id().compareTo(shardId) > 0;
            case AT_TRIM_HORIZON -> shard.isOpenAt(stream.horizonMillis());
            case FROM_TRIM_HORIZON -> true;
            case AT_LATEST -> shard.isOpen();
            case AT_TIMESTAMP -> shard.isOpenAt(Math.max(timestampMillis, stream.horizonMillis()));
            case FROM_TIMESTAMP -> shard.isOpenAtOrAfter(timestampMillis);
        };
    }
}
