package io.taxistream.embeddedkinesis;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** An enhanced fan-out consumer registered with a stream. Thread-safe. */
final class StreamConsumer {

    enum Status {
        CREATING,
        ACTIVE,
        DELETING
    }

    private static final long NEVER = Long.MAX_VALUE;

    private final String name;
    private final String arn;
    private final long createdMillis;
    private final long activeFromMillis;
    private final Map<String, ConsumerShard> shards = new ConcurrentHashMap<>();
    private volatile boolean isDeleting;
    private volatile long goneFromMillis = NEVER;

    StreamConsumer(String name, String arn, long createdMillis, long activeFromMillis) {
        this.name = name;
        this.arn = arn;
        this.createdMillis = createdMillis;
        this.activeFromMillis = activeFromMillis;
    }

    String name() {
        return name;
    }

    String arn() {
        return arn;
    }

    long createdMillis() {
        return createdMillis;
    }

    Status status(long nowMillis) {
        if (isDeleting) {
            return Status.DELETING;
        }
        return nowMillis >= activeFromMillis ? Status.ACTIVE : Status.CREATING;
    }

    void delete(long fromMillis) {
        goneFromMillis = Math.min(goneFromMillis, fromMillis);
        isDeleting = true;
    }

    boolean isGone(long nowMillis) {
        return nowMillis >= goneFromMillis;
    }

    /** Returns the consumer's state for a shard. */
    ConsumerShard shard(String shardId, long nowMillis) {
        return shards.computeIfAbsent(shardId, id -> new ConsumerShard(nowMillis));
    }

    KinesisException notActive(Status instead) {
        return KinesisException.resourceInUse("Consumer " + arn + " not ACTIVE, instead in state " + instead);
    }
}
