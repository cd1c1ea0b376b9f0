package io.taxistream.embeddedkinesis;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/** The streams of one account and region. */
final class StreamRegistry {

    static final String ACCOUNT_ID = "000000000000";

    private final Clock clock;
    private final String region;
    private final Duration transitionDelay;
    private final AtomicLong incarnations = new AtomicLong();
    private final ConcurrentMap<String, KinesisStream> streams = new ConcurrentHashMap<>();

    StreamRegistry(Clock clock, String region, Duration transitionDelay) {
        this.clock = clock;
        this.region = region;
        this.transitionDelay = transitionDelay;
    }

    /** @throws KinesisException if there is a stream of that name */
    KinesisStream create(String name, int shardCount) {
        long now = clock.millis();
        KinesisStream created =
                new KinesisStream(name, incarnations.incrementAndGet(), arn(name), shardCount, transitionDelay, now);
        KinesisStream present =
                streams.compute(name, (key, stream) -> stream == null || stream.isGone(now) ? created : stream);
        if (present != created) {
            throw KinesisException.resourceInUse(
                    "Stream " + name + " under account " + ACCOUNT_ID + " already exists.");
        }
        return created;
    }

    Optional<KinesisStream> find(String name) {
        KinesisStream stream = streams.get(name);
        if (stream != null && stream.isGone(clock.millis())) {
            streams.remove(name, stream);
            return Optional.empty();
        }
        return Optional.ofNullable(stream);
    }

    /** @throws KinesisException if there is no stream of that name */
    KinesisStream get(String name) {
        return find(name).orElseThrow(() -> notFound(name));
    }

    /** All streams, by name. */
    List<KinesisStream> all() {
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
