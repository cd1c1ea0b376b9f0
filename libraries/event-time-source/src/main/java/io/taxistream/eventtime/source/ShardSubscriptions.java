package io.taxistream.eventtime.source;

import io.taxistream.eventtime.source.FetchedBatch.FetchedRecord;
import io.taxistream.eventtime.source.KinesisProxyException.Kind;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Subscribes to the shards of a reader as a registered consumer.
 *
 * <p>A shard has one subscription, which requests one event at a time, the next only when the previous batch has been taken.
 * The subscription is replaced when it ends, fails or is silent, and renewed before it expires, always after the last sequence
 * number known to be consumed. Events of an abandoned subscription are discarded and delivered again by its successor. A shard
 * whose batch has not been taken does not subscribe.
 */
final class ShardSubscriptions implements BatchReader {

    private static final String THREAD_NAME = "kinesis-shard-subscriptions";

    private final KinesisProxy proxy;
    private final EnhancedFanOut consumer;
    private final ReadOptions options;
    private final ReadMetrics metrics;
    private final Clock clock;
    private final SubscriptionTiming timing;
    private final RandomGenerator random;
    private final ReadFailures readFailures;
    private final Consumer<FetchedBatch> batches;
    private final Consumer<Throwable> failures;
    private final ScheduledThreadPoolExecutor executor;
    private final Map<String, Subscribed> shards = new ConcurrentHashMap<>();

    private volatile @Nullable String consumerArn;

    /**
     * @param batches receives the results of reads, on any thread
     * @param failures receives permanent failures, on any thread
     */
    ShardSubscriptions(
            KinesisProxy proxy,
            EnhancedFanOut consumer,
            ReadOptions options,
            ReadMetrics metrics,
            Clock clock,
            RandomGenerator random,
            Consumer<FetchedBatch> batches,
            Consumer<Throwable> failures) {
        this.proxy = proxy;
        this.consumer = consumer;
        this.options = options;
        this.metrics = metrics;
        this.clock = clock;
        this.timing = consumer.timing();
        this.random = random;
        this.readFailures = new ReadFailures(proxy, metrics, clock, timing.firstRetry(), timing.maxRetry(), random);
        this.batches = batches;
        this.failures = failures;
        this.executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, THREAD_NAME);
            thread.setDaemon(true);
            return thread;
        });
        this.executor.setRemoveOnCancelPolicy(true);
    }

    /** Sets the consumer to subscribe as and starts the shards that were waiting for it. */
    void consumerReady(String arn) {
        consumerArn = arn;
        shards.values().forEach(shard -> shard.then(shard::subscribe));
    }

    @Override
    public void start(String shardId, ShardPosition position) {
        Subscribed shard = new Subscribed(shardId, position);
        shards.put(shardId, shard);
        metrics.registerShard(shardId, () -> shard.millisBehindLatest);
        executor.setCorePoolSize(Math.min(options.maxReadThreads(), shards.size()));
        shard.then(shard::subscribe);
    }

    @Override
    public void taken(String shardId) {
        Subscribed shard = shards.get(shardId);
        if (shard != null) {
            shard.then(shard::want);
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
        proxy.close();
        Shutdown.await(executor, THREAD_NAME);
    }

    /** Subscriber of one shard. Its steps run one after the other, so its fields need no lock. */
    private final class Subscribed {
        private final String shardId;
        private final Queue<Runnable> steps = new ConcurrentLinkedQueue<>();
        private final AtomicInteger waitingSteps = new AtomicInteger();

        private ShardPosition position;

        /** Whether the next batch may be read. */
        private boolean canReadNext = true;

        private @Nullable Attempt attempt;

        private int failuresInARow;
        private long earliestNanos = System.nanoTime();
        private volatile long millisBehindLatest;

        Subscribed(String shardId, ShardPosition position) {
            this.shardId = shardId;
            this.position = position;
        }

        /** Runs a step after all earlier ones. */
        void then(Runnable step) {
            steps.add(step);
            if (waitingSteps.getAndIncrement() == 0) {
                try {
                    executor.execute(this::runSteps);
                } catch (RejectedExecutionException e) {
                    // closed; remaining steps are irrelevant
                    steps.clear();
                }
            }
        }

        private void runSteps() {
            do {
                Runnable step = steps.poll();
                if (step != null && !executor.isShutdown()) {
                    try {
                        step.run();
                    } catch (RuntimeException | Error e) {
                        if (!executor.isShutdown()) {
                            giveUp(e);
                        }
                    }
                }
            } while (waitingSteps.decrementAndGet() > 0);
        }

        Future<?> after(Duration delay, Runnable step) {
            return executor.schedule(() -> then(step), delay.toNanos(), TimeUnit.NANOSECONDS);
        }

        void want() {
            canReadNext = true;
            if (attempt != null) {
                attempt.request();
            } else {
                subscribe();
            }
        }

        /** Subscribes, unless the shard already has a subscription, does not need one, or has to wait. */
        @SuppressWarnings("FutureReturnValueIgnored") // takeSteps() reports all failures
        void subscribe() {
            String arn = consumerArn;
            if (attempt != null || !canReadNext || arn == null || !shards.containsKey(shardId)) {
                return;
            }
            long now = System.nanoTime();
            if (now - earliestNanos < 0) {
                after(Duration.ofNanos(earliestNanos - now), this::subscribe);
                return;
            }
            earliestNanos = now + timing.between().toNanos();
            metrics.subscriptions.inc();
            Attempt next = new Attempt(this);
            attempt = next;
            next.begin(proxy.subscribe(arn, shardId, position, next));
        }

        /** Abandons the subscription; its further events are ignored. */
        private void leave() {
            if (attempt != null) {
                attempt.leave();
                attempt = null;
            }
        }

        void event(ShardSubscription.Event event) {
            List<FetchedRecord> records = FetchedRecord.of(event.records());
            boolean endOfShard = event.continuation() == null;
            if (endOfShard && event.childShards().isEmpty()) {
                // only a shard with children ends, unlike one whose stream is being deleted
                failed(new KinesisProxyException(
                        Kind.TEMPORARY, "Shard " + shardId + " was reported to end without child shards", null));
                return;
            }
            failuresInARow = 0;
            millisBehindLatest = event.millisBehindLatest();
            if (event.continuation() != null) {
                position = new ShardPosition.AfterRecord(event.continuation());
            }
            if (endOfShard) {
                end(records);
            } else if (records.isEmpty()) {
                want();
            } else {
                canReadNext = false;
                deliver(records, false);
            }
        }

        private void end(List<FetchedRecord> records) {
            leave();
            millisBehindLatest = 0;
            shards.remove(shardId);
            deliver(records, true);
        }

        private void deliver(List<FetchedRecord> records, boolean endOfShard) {
            batches.accept(new FetchedBatch(shardId, records, endOfShard, clock.millis()));
        }

        void failed(KinesisProxyException e) {
            leave();
            if (!canReadNext) {
                // handled when the shard is subscribed to again; no other batch may come before that
                return;
            }
            failuresInARow++;
            if (e.kind() == Kind.NOT_FOUND && consumerIsGone()) {
                giveUp(new KinesisProxyException(
                        Kind.FATAL,
                        "The consumer " + consumer.name() + " of " + proxy.streamName()
                                + " was deregistered while the job was reading: " + e.getMessage(),
                        e));
                return;
            }
            ReadFailures.Outcome outcome = readFailures.outcome(e, shardId, position, true, failuresInARow);
            if (outcome instanceof ReadFailures.Outcome.Retry retry) {
                earliestNanos = Math.max(
                        earliestNanos,
                        System.nanoTime()
                                + Duration.ofMillis(retry.delayMillis()).toNanos());
                subscribe();
            } else if (outcome instanceof ReadFailures.Outcome.Expired) {
                end(List.of());
            } else if (outcome instanceof ReadFailures.Outcome.GiveUp giveUp) {
                giveUp(giveUp.cause());
            }
        }

        /** Returns whether the consumer differs from the one subscribed as; false if this cannot be determined now. */
        private boolean consumerIsGone() {
            try {
                return proxy.consumer(consumer.name())
                        .filter(found -> found.arn().equals(consumerArn))
                        .isEmpty();
            } catch (KinesisProxyException e) {
                return false;
            }
        }

        void ended(boolean receivedEvents) {
            if (receivedEvents) {
                leave();
                subscribe();
            } else {
                failed(new KinesisProxyException(
                        Kind.TEMPORARY, "The subscription to shard " + shardId + " ended without any event", null));
            }
        }

        void renew() {
            leave();
            subscribe();
        }

        private void giveUp(Throwable thrown) {
            leave();
            shards.remove(shardId);
            failures.accept(thrown);
        }
    }

    /** A subscription to a shard. Its events become steps of the shard unless another subscription has replaced it. */
    private final class Attempt implements ShardSubscription.Subscriber {
        private final Subscribed shard;

        private @Nullable ShardSubscription subscription;
        private @Nullable Future<?> renewal;
        private @Nullable Future<?> silenceTimer;
        private boolean receivedEvents;

        Attempt(Subscribed shard) {
            this.shard = shard;
        }

        void begin(ShardSubscription started) {
            subscription = started;
            Duration age = timing.renewal()
                    .minusMillis(random.nextLong(timing.renewalSpread().toMillis() + 1));
            renewal = shard.after(age, ifCurrent(shard::renew));
            request();
        }

        void request() {
            cancelSilenceTimer();
            silenceTimer = shard.after(
                    consumer.silenceTimeout(),
                    ifCurrent(() -> shard.failed(new KinesisProxyException(
                            Kind.TEMPORARY,
                            "The subscription to shard " + shard.shardId + " was silent for "
                                    + consumer.silenceTimeout(),
                            null))));
            if (subscription != null) {
                subscription.request();
            }
        }

        void leave() {
            cancelSilenceTimer();
            if (renewal != null) {
                renewal.cancel(false);
            }
            if (subscription != null) {
                subscription.cancel();
            }
        }

        private void cancelSilenceTimer() {
            if (silenceTimer != null) {
                silenceTimer.cancel(false);
                silenceTimer = null;
            }
        }

        private Runnable ifCurrent(Runnable step) {
            return () -> {
                if (shard.attempt == this) {
                    step.run();
                }
            };
        }

        @Override
        public void event(ShardSubscription.Event event) {
            shard.then(ifCurrent(() -> {
                cancelSilenceTimer();
                receivedEvents = true;
                shard.event(event);
            }));
        }

        @Override
        public void failed(KinesisProxyException e) {
            shard.then(ifCurrent(() -> shard.failed(e)));
        }

        @Override
        public void ended() {
            shard.then(ifCurrent(() -> shard.ended(receivedEvents)));
        }
    }
}
