package io.taxistream.embeddedkinesis;

import com.fasterxml.jackson.core.JsonGenerator;
import io.taxistream.embeddedkinesis.EmbeddedStream.Status;
import io.taxistream.embeddedkinesis.Request.ConsumerArn;
import java.io.IOException;
import java.time.Clock;
import java.util.List;

/**
 * Operations on enhanced fan-out consumers: registering, describing, listing and deregistering them, and admitting their
 * subscriptions.
 */
final class ConsumerOperations {

    private static final int DEFAULT_LIST = 100;
    private static final int MAX_LIST = 10_000;

    private final StreamRegistry registry;
    private final Clock clock;
    private final boolean enforceLimits;

    ConsumerOperations(StreamRegistry registry, Clock clock, boolean enforceLimits) {
        this.registry = registry;
        this.clock = clock;
        this.enforceLimits = enforceLimits;
    }

    void register(Request request, Wire wire, JsonGenerator out) throws IOException {
        EmbeddedStream stream = usable(request.streamNameOfArn());
        StreamConsumer consumer = stream.consumers().register(request.consumerName(), enforceLimits, clock.millis());
        out.writeStartObject();
        out.writeObjectFieldStart("Consumer");
        writeConsumer(consumer, wire, out);
        out.writeEndObject();
        out.writeEndObject();
    }

    void describe(Request request, Wire wire, JsonGenerator out) throws IOException {
        StreamAndConsumer found = consumer(request);
        out.writeStartObject();
        out.writeObjectFieldStart("ConsumerDescription");
        writeConsumer(found.consumer(), wire, out);
        out.writeStringField("StreamARN", found.stream().arn());
        out.writeEndObject();
        out.writeEndObject();
    }

    void list(Request request, Wire wire, JsonGenerator out) throws IOException {
        EmbeddedStream stream = registry.get(request.streamNameOfArn());
        int limit = request.optionalInt("MaxResults", 1, MAX_LIST).orElse(DEFAULT_LIST);
        String after = request.optionalText("NextToken").orElse("");
        List<StreamConsumer> remaining = stream.consumers().all(clock.millis()).stream()
                .filter(consumer -> consumer.name().compareTo(after) > 0)
                .toList();
        List<StreamConsumer> page = remaining.subList(0, Math.min(limit, remaining.size()));
        out.writeStartObject();
        out.writeArrayFieldStart("Consumers");
        for (StreamConsumer consumer : page) {
            out.writeStartObject();
            writeConsumer(consumer, wire, out);
            out.writeEndObject();
        }
        out.writeEndArray();
        if (remaining.size() > limit) {
            out.writeStringField("NextToken", page.get(page.size() - 1).name());
        }
        out.writeEndObject();
    }

    void deregister(Request request) {
        StreamAndConsumer found = consumer(request);
        found.stream().consumers().deregister(found.consumer(), clock.millis());
    }

    /**
     * An admitted subscription.
     *
     * @param position start position in the shard
     * @param place the consumer's share of the shard
     */
    record Admission(
            EmbeddedStream stream, StreamConsumer consumer, EmbeddedShard shard, ConsumerShard place, long position) {}

    /** @throws KinesisException if the subscription is rejected */
    Admission subscribe(Request request) {
        long now = clock.millis();
        ConsumerArn arn = request.consumerArn();
        String shardId = request.text("ShardId");
        Request start = request.requiredMember("StartingPosition");
        EmbeddedStream stream = usable(arn.streamName());
        StreamConsumer consumer = consumer(stream, arn);
        StreamConsumer.Status status = consumer.status(now);
        if (status != StreamConsumer.Status.ACTIVE) {
            throw consumer.notActive(status);
        }
        EmbeddedShard shard = stream.shard(shardId, now)
                .orElseThrow(() -> KinesisException.resourceNotFound(
                        "Shard " + shardId + " in stream " + stream.label() + " does not exist"));
        ConsumerShard place = consumer.shard(shardId, now);
        if (enforceLimits && !place.admitsCall(now)) {
            throw KinesisException.limitExceeded(
                    "Rate exceeded for consumer " + consumer.arn() + " and shard " + shardId + ".");
        }
        long position = StartingPosition.FOR_SUBSCRIPTION.in(start, stream, shard, now);
        if (!place.trySubscribe(now, enforceLimits)) {
            throw KinesisException.resourceInUse("Another active subscription exists for this consumer: "
                    + StreamRegistry.ACCOUNT_ID + ":" + stream.name() + ":" + consumer.name() + ":" + shardId);
        }
        return new Admission(stream, consumer, shard, place, position);
    }

    private record StreamAndConsumer(EmbeddedStream stream, StreamConsumer consumer) {}

    private StreamAndConsumer consumer(Request request) {
        if (request.has("ConsumerARN")) {
            ConsumerArn arn = request.consumerArn();
            EmbeddedStream stream = registry.get(arn.streamName());
            return new StreamAndConsumer(stream, consumer(stream, arn));
        }
        if (!request.has("StreamARN") || !request.has("ConsumerName")) {
            throw KinesisException.invalidArgument(
                    "You must specify either ConsumerARN, or both StreamARN and ConsumerName.");
        }
        EmbeddedStream stream = registry.get(request.streamNameOfArn());
        String name = request.consumerName();
        return new StreamAndConsumer(
                stream, stream.consumers().ofName(name, clock.millis()).orElseThrow(() -> notFound(name, stream)));
    }

    private StreamConsumer consumer(EmbeddedStream stream, ConsumerArn arn) {
        return stream.consumers()
                .ofName(arn.consumerName(), clock.millis())
                .filter(consumer -> consumer.arn().equals(arn.text()))
                .orElseThrow(() -> notFound(arn.text(), stream));
    }

    private EmbeddedStream usable(String name) {
        EmbeddedStream stream = registry.get(name);
        EmbeddedStream.View view = stream.view(clock.millis());
        if (!view.isUsable()) {
            Status status = view.status();
            throw stream.notActive(status);
        }
        return stream;
    }

    private static KinesisException notFound(String consumer, EmbeddedStream stream) {
        return KinesisException.resourceNotFound(
                "Consumer " + consumer + " of stream " + stream.label() + " not found.");
    }

    private void writeConsumer(StreamConsumer consumer, Wire wire, JsonGenerator out) throws IOException {
        out.writeStringField("ConsumerName", consumer.name());
        out.writeStringField("ConsumerARN", consumer.arn());
        out.writeStringField("ConsumerStatus", consumer.status(clock.millis()).name());
        out.writeFieldName("ConsumerCreationTimestamp");
        wire.writeTimestamp(out, consumer.createdMillis());
    }
}
