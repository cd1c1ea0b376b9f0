package io.taxistream.eventtime.source;

import static java.util.Objects.requireNonNull;

import io.taxistream.eventtime.source.KinesisProxyException.Kind;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.util.FlinkRuntimeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks up or registers the consumer that the readers use to subscribe, and notifies each reader once it is active.
 *
 * <p>The lookup is repeated whenever a reader starts, because a missing consumer may have caused the failure of a reader. All
 * methods are called by the coordinator's thread.
 */
final class ConsumerRegistration {

    private static final Logger LOG = LoggerFactory.getLogger(ConsumerRegistration.class);

    private static final Duration FIRST_RETRY = Duration.ofMillis(500);
    private static final Duration MAX_RETRY = Duration.ofSeconds(5);

    private final SplitEnumeratorContext<ShardSplit> context;
    private final KinesisProxy proxy;
    private final EnhancedFanOut options;
    private final Clock clock;
    private final Backoff backoff;
    private final Set<Integer> waitingReaders = new TreeSet<>();

    /** Readers served by the lookup in progress. Readers that start later wait for the next one. */
    private final Set<Integer> servedReaders = new TreeSet<>();

    private boolean lookupInProgress;
    private Instant nextLookup = Instant.MIN;
    private int attempts;

    /**
     * Time since which registration has been blocked, by the consumer itself or by the consumer limit; null if it is not
     * blocked.
     */
    private @Nullable Instant blockedSince;

    private @Nullable String consumerArn;

    ConsumerRegistration(
            SplitEnumeratorContext<ShardSplit> context,
            KinesisProxy proxy,
            EnhancedFanOut options,
            Clock clock,
            RandomGenerator random) {
        this.context = context;
        this.proxy = proxy;
        this.options = options;
        this.clock = clock;
        this.backoff = new Backoff(FIRST_RETRY, MAX_RETRY, random);
    }

    void readerStarted(int reader) {
        waitingReaders.add(reader);
        lookUpIfDue();
    }

    /** Starts a lookup if a reader is waiting for one. Called periodically. */
    void lookUpIfDue() {
        if (!lookupInProgress && !waitingReaders.isEmpty() && !clock.instant().isBefore(nextLookup)) {
            lookupInProgress = true;
            servedReaders.addAll(waitingReaders);
            context.callAsync(this::lookUp, this::lookedUp);
        }
    }

    private StreamConsumer lookUp() throws KinesisProxyException {
        Optional<StreamConsumer> found = proxy.consumer(options.name());
        if (found.isPresent()) {
            return found.get();
        }
        if (!options.registers()) {
            throw new KinesisProxyException(
                    Kind.FATAL,
                    "Stream " + proxy.streamName() + " has no consumer " + options.name()
                            + ", and the job is configured not to register it; register it, or let the job do so",
                    null);
        }
        LOG.info("Registering consumer {} of stream {}", options.name(), proxy.streamName());
        return proxy.registerConsumer(options.name());
    }

    private void lookedUp(@Nullable StreamConsumer consumer, @Nullable Throwable thrown) {
        lookupInProgress = false;
        if (thrown != null) {
            failed(thrown);
        } else if (requireNonNull(consumer, "a successful lookup has a result").active()) {
            ready(consumer.arn());
        } else {
            waitFor("it is being registered or deregistered");
        }
    }

    private void ready(String arn) {
        if (!arn.equals(consumerArn)) {
            LOG.info("Reading shards as consumer {}", arn);
        }
        consumerArn = arn;
        blockedSince = null;
        attempts = 0;
        nextLookup = Instant.MIN;
        for (int reader : servedReaders) {
            if (context.registeredReaders().containsKey(reader)) {
                context.sendEventToSourceReader(reader, new ConsumerReady(arn));
            }
        }
        waitingReaders.removeAll(servedReaders);
        servedReaders.clear();
        lookUpIfDue();
    }

    private void failed(Throwable thrown) {
        if (!(thrown instanceof KinesisProxyException e)) {
            throw new FlinkRuntimeException("Looking up consumer " + options.name() + " failed: " + thrown, thrown);
        }
        switch (e.kind()) {
            case NOT_FOUND, INVALID_ARGUMENT, FATAL -> throw new FlinkRuntimeException(e.getMessage(), e);
            case THROTTLED, IN_USE -> waitFor(String.valueOf(e.getMessage()));
            case TEMPORARY, ITERATOR_EXPIRED -> {
                retryLookup();
                if (Integer.bitCount(attempts) == 1) {
                    LOG.warn("Looking up consumer {} failed, retrying: {}", options.name(), e.getMessage());
                }
            }
        }
    }

    private void waitFor(String reason) {
        Instant now = clock.instant();
        if (blockedSince == null) {
            blockedSince = now;
        }
        if (blockedSince.plus(options.registrationTimeout()).isBefore(now)) {
            throw new FlinkRuntimeException("Consumer " + options.name() + " of stream " + proxy.streamName()
                    + " has not become active within " + options.registrationTimeout()
                    + "; a stream can have at most 20 consumers, list them with 'aws kinesis list-stream-consumers': "
                    + reason);
        }
        retryLookup();
        LOG.info("Consumer {} is not active yet, waiting: {}", options.name(), reason);
    }

    private void retryLookup() {
        attempts++;
        nextLookup = clock.instant().plusMillis(backoff.delayMillis(attempts));
        servedReaders.clear();
    }

    /** Deregisters the consumer if configured. Failures are only logged, because nothing depends on the result. */
    void close() {
        if (!options.deregisters() || consumerArn == null) {
            return;
        }
        try {
            proxy.deregisterConsumer(consumerArn);
            LOG.info("Deregistered consumer {}", consumerArn);
        } catch (KinesisProxyException e) {
            LOG.warn("Consumer {} could not be deregistered: {}", consumerArn, e.getMessage());
        }
    }
}
