package io.taxistream.embeddedkinesis;

import io.taxistream.embeddedkinesis.StreamConsumer.Status;
import java.time.Duration;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** Consumers registered with a stream, by name. Thread-safe. */
final class StreamConsumers {

    static final int MAX_CONSUMERS = 20;
    static final int MAX_CREATING = 5;

    private final String streamArn;
    private final Duration transitionDelay;
    private final NavigableMap<String, StreamConsumer> consumers = new TreeMap<>();
    private long lastArnSeconds = Long.MIN_VALUE;

    StreamConsumers(String streamArn, Duration transitionDelay) {
        this.streamArn = streamArn;
        this.transitionDelay = transitionDelay;
    }

    /** @throws KinesisException if a consumer with this name exists, or the consumer limit is reached */
    synchronized StreamConsumer register(String name, Duration delay, boolean enforceLimits, long nowMillis) {
        List<StreamConsumer> present = all(nowMillis);
        if (consumers.containsKey(name)) {
            throw KinesisException.resourceInUse("Consumer " + name + " of stream " + streamArn + " already exists.");
        }
        if (enforceLimits && present.size() >= MAX_CONSUMERS) {
            throw KinesisException.limitExceeded(
                    "Stream " + streamArn + " has the maximum of " + MAX_CONSUMERS + " consumers.");
        }
        if (enforceLimits
                && present.stream()
                                .filter(consumer -> consumer.status(nowMillis) == Status.CREATING)
                                .count()
                        >= MAX_CREATING) {
            throw KinesisException.limitExceeded(
                    "Stream " + streamArn + " has the maximum of " + MAX_CREATING + " consumers in state CREATING.");
        }
        // the time in the ARN distinguishes a consumer from deregistered ones of the same name
        lastArnSeconds = Math.max(lastArnSeconds + 1, nowMillis / 1_000);
        StreamConsumer consumer = new StreamConsumer(
                name, streamArn + "/consumer/" + name + ":" + lastArnSeconds, nowMillis, nowMillis + delay.toMillis());
        consumers.put(name, consumer);
        return consumer;
    }

    StreamConsumer register(String name, boolean enforceLimits, long nowMillis) {
        return register(name, transitionDelay, enforceLimits, nowMillis);
    }

    /** Starts to remove a consumer. */
    void deregister(StreamConsumer consumer, long nowMillis) {
        consumer.delete(nowMillis + transitionDelay.toMillis());
    }

    synchronized Optional<StreamConsumer> ofName(String name, long nowMillis) {
        all(nowMillis);
        return Optional.ofNullable(consumers.get(name));
    }

    /** Returns all consumers, ordered by name. */
    synchronized List<StreamConsumer> all(long nowMillis) {
        consumers.values().removeIf(consumer -> consumer.isGone(nowMillis));
        return List.copyOf(consumers.values());
    }
}
