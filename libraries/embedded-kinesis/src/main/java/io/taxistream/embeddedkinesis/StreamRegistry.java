package io.taxistream.embeddedkinesis;

import io.taxistream.embeddedkinesis.EmbeddedStream.Status;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/** Streams of an account in one region. */
final class StreamRegistry {

    static final String ACCOUNT_ID = "000000000000";

    private final Clock clock;
    private final String region;
    private final Duration transitionDelay;
    private final SegmentStore store;
    private final AtomicLong incarnations = new AtomicLong();
    private final ConcurrentMap<String, EmbeddedStream> streams = new ConcurrentHashMap<>();

    StreamRegistry(Clock clock, String region, Duration transitionDelay, SegmentStore store) {
        this.clock = clock;
        this.region = region;
        this.transitionDelay = transitionDelay;
        this.store = store;
    }

    /** @throws KinesisException if a stream with this name exists */
    EmbeddedStream create(String name, int shardCount) {
        long now = clock.millis();
        EmbeddedStream created = new EmbeddedStream(
                name, incarnations.incrementAndGet(), arn(name), shardCount, transitionDelay, store, now);
        find(name);
        EmbeddedStream present = streams.putIfAbsent(name, created);
        if (present != null) {
            throw KinesisException.resourceInUse(
                    "Stream " + name + " under account " + ACCOUNT_ID + " already exists.");
        }
        return created;
    }

    Optional<EmbeddedStream> find(String name) {
        EmbeddedStream stream = streams.get(name);
        if (stream != null && stream.isGone(clock.millis())) {
            if (streams.remove(name, stream)) {
                stream.discard();
            }
            return Optional.empty();
        }
        return Optional.ofNullable(stream);
    }

    /** Returns the stream that a token belongs to, unless it has been deleted since. */
    EmbeddedStream get(OpaqueToken token) {
        return find(token.streamName())
                .filter(stream -> stream.incarnation() == token.streamIncarnation())
                .orElseThrow(() -> notFound(token.streamName()));
    }

    /** @throws KinesisException if there is no ACTIVE stream with this name */
    EmbeddedStream getActive(String name) {
        EmbeddedStream stream = get(name);
        Status status = stream.view(clock.millis()).status();
        if (status != Status.ACTIVE) {
            throw stream.notActive(status);
        }
        return stream;
    }

    /** @throws KinesisException if there is no ACTIVE or UPDATING stream with this name */
    EmbeddedStream getUsable(String name) {
        return find(name)
                .filter(stream -> stream.view(clock.millis()).isUsable())
                .orElseThrow(() -> notFound(name));
    }

    /** @throws KinesisException if there is no stream with this name */
    EmbeddedStream get(String name) {
        return find(name).orElseThrow(() -> notFound(name));
    }

    /** Returns all streams, ordered by name. */
    List<EmbeddedStream> all() {
        return streams.keySet().stream()
                .sorted()
                .map(this::find)
                .flatMap(Optional::stream)
                .toList();
    }

    static KinesisException notFound(String streamName) {
        return KinesisException.resourceNotFound(
                "Stream " + streamName + " under account " + ACCOUNT_ID + " not found.");
    }

    private String arn(String streamName) {
        return "arn:aws:kinesis:" + region + ":" + ACCOUNT_ID + ":stream/" + streamName;
    }
}
