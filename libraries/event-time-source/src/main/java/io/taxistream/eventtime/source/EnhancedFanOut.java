package io.taxistream.eventtime.source;

import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Reads shards with {@code SubscribeToShard} as a registered consumer, which has a dedicated throughput of two MiB per second
 * and shard. Kinesis pushes records as they arrive.
 *
 * <pre>{@code
 * KinesisSource.builder(schema, eventTime)
 *         .stream("readings")
 *         .region("eu-west-1")
 *         .consumer(EnhancedFanOut.named("hottest-readings"))
 *         .build();
 * }</pre>
 *
 * <p>A consumer can serve only one running job: two jobs with the same consumer name keep taking each other's subscriptions.
 */
public final class EnhancedFanOut implements ConsumerType {

    private static final long serialVersionUID = 1;

    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_.-]{1,128}");

    private final String name;
    private final boolean registers;
    private final boolean deregisters;
    private final Duration registrationTimeout;
    private final Duration silenceTimeout;
    private final SubscriptionTiming timing;

    private EnhancedFanOut(
            String name,
            boolean registers,
            boolean deregisters,
            Duration registrationTimeout,
            Duration silenceTimeout,
            SubscriptionTiming timing) {
        this.name = name;
        this.registers = registers;
        this.deregisters = deregisters;
        this.registrationTimeout = registrationTimeout;
        this.silenceTimeout = silenceTimeout;
        this.timing = timing;
    }

    /**
     * Creates a consumer type with this consumer name. The consumer is registered if it does not exist, and remains registered
     * when the job ends.
     *
     * @throws IllegalArgumentException if the name is not 1 to 128 letters, digits, underscores, dots and hyphens
     */
    public static EnhancedFanOut named(String name) {
        if (!NAME.matcher(Objects.requireNonNull(name, "name")).matches()) {
            throw new IllegalArgumentException("consumer name must be 1 to 128 letters, digits, underscores, dots and"
                    + " hyphens, but is '" + name + "'");
        }
        return new EnhancedFanOut(
                name, true, false, Duration.ofMinutes(2), Duration.ofSeconds(30), SubscriptionTiming.DEFAULT);
    }

    /** Disables registration: the job fails if the consumer does not exist. */
    public EnhancedFanOut withoutRegistration() {
        return new EnhancedFanOut(name, false, deregisters, registrationTimeout, silenceTimeout, timing);
    }

    /**
     * Deregisters the consumer whenever the job ends. A restart by the job manager also deregisters it and registers it again.
     */
    public EnhancedFanOut deregisteredAtEnd() {
        return new EnhancedFanOut(name, registers, true, registrationTimeout, silenceTimeout, timing);
    }

    /**
     * Sets the longest time for the consumer to become active before the job fails. Default: 2 minutes. If the stream has
     * reached the consumer limit of Kinesis, this includes the time until another consumer is deregistered.
     *
     * @throws IllegalArgumentException if it is shorter than 1 s
     */
    public EnhancedFanOut registrationTimeout(Duration timeout) {
        return new EnhancedFanOut(
                name, registers, deregisters, requireOneSecond(timeout, "registrationTimeout"), silenceTimeout, timing);
    }

    /**
     * Sets the longest time without an event before a subscription is renewed. Default: 30 s. Kinesis also sends events without
     * records.
     *
     * @throws IllegalArgumentException if it is shorter than 1 s
     */
    public EnhancedFanOut silenceTimeout(Duration timeout) {
        return new EnhancedFanOut(
                name, registers, deregisters, registrationTimeout, requireOneSecond(timeout, "silenceTimeout"), timing);
    }

    EnhancedFanOut timing(SubscriptionTiming newTiming) {
        return new EnhancedFanOut(name, registers, deregisters, registrationTimeout, silenceTimeout, newTiming);
    }

    /** Returns the name of the consumer, unique among the consumers of its stream. */
    public String name() {
        return name;
    }

    boolean registers() {
        return registers;
    }

    boolean deregisters() {
        return deregisters;
    }

    Duration registrationTimeout() {
        return registrationTimeout;
    }

    Duration silenceTimeout() {
        return silenceTimeout;
    }

    SubscriptionTiming timing() {
        return timing;
    }

    private static Duration requireOneSecond(Duration timeout, String what) {
        if (timeout.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException(what + " must be at least 1 s, but is " + timeout);
        }
        return timeout;
    }

    @Override
    public String toString() {
        return "consumer " + name;
    }
}
