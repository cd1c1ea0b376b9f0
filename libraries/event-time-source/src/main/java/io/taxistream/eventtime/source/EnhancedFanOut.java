package io.taxistream.eventtime.source;

import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Subscribes to shards with {@code SubscribeToShard}, as a registered consumer with two MiB a second of each shard of its
 * own; Kinesis pushes records as they arrive.
 *
 * <pre>{@code
 * KinesisSource.builder(schema, eventTime)
 *         .stream("readings")
 *         .region("eu-west-1")
 *         .consumer(EnhancedFanOut.named("hottest-readings"))
 *         .build();
 * }</pre>
 *
 * <p>A consumer belongs to one running job. A second job with the same name takes the subscriptions of the first, again
 * and again.
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
     * Reads as the consumer of this name, which is registered when it is missing, and stays registered when the job ends.
     *
     * @throws IllegalArgumentException if the name is not 1 to 128 letters, digits, underscores, dots and hyphens
     */
    public static EnhancedFanOut named(String name) {
        if (!NAME.matcher(Objects.requireNonNull(name, "name")).matches()) {
            throw new IllegalArgumentException("consumer name must be 1 to 128 letters, digits, underscores, dots and"
                    + " hyphens, but is '" + name + "'");
        }
        return new EnhancedFanOut(
                name, true, false, Duration.ofMinutes(2), Duration.ofSeconds(30), SubscriptionTiming.OF_KINESIS);
    }

    /** Leaves registration to others: a job whose consumer is missing fails. */
    public EnhancedFanOut withoutRegistration() {
        return new EnhancedFanOut(name, false, deregisters, registrationTimeout, silenceTimeout, timing);
    }

    /**
     * Deregisters the consumer whenever the job ends, and also when its job manager restarts it, after which it is
     * registered again.
     */
    public EnhancedFanOut deregisteredAtEnd() {
        return new EnhancedFanOut(name, registers, true, registrationTimeout, silenceTimeout, timing);
    }

    /**
     * How long the consumer may take to become active before the job fails; default: 2 minutes. The time includes
     * waiting for one of the stream's consumers to be deregistered where there are as many as Kinesis allows.
     *
     * @throws IllegalArgumentException if it is shorter than 1 s
     */
    public EnhancedFanOut registrationTimeout(Duration timeout) {
        return new EnhancedFanOut(
                name, registers, deregisters, atLeastASecond(timeout, "registrationTimeout"), silenceTimeout, timing);
    }

    /**
     * How long a subscription may be silent before it is made again; default: 30 s. Kinesis also sends events without
     * records.
     *
     * @throws IllegalArgumentException if it is shorter than 1 s
     */
    public EnhancedFanOut silenceTimeout(Duration timeout) {
        return new EnhancedFanOut(
                name, registers, deregisters, registrationTimeout, atLeastASecond(timeout, "silenceTimeout"), timing);
    }

    EnhancedFanOut timing(SubscriptionTiming newTiming) {
        return new EnhancedFanOut(name, registers, deregisters, registrationTimeout, silenceTimeout, newTiming);
    }

    /** Name of the consumer, unique among those of its stream. */
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

    private static Duration atLeastASecond(Duration timeout, String what) {
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
