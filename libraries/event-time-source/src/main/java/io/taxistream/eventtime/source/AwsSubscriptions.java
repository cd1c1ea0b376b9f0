package io.taxistream.eventtime.source;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.core.client.config.SdkAdvancedAsyncClientOption;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClientBuilder;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StartingPosition;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEventStream;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardRequest;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponse;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/** Subscribes to shards with the asynchronous client of the AWS SDK, which is created for the first subscription. */
final class AwsSubscriptions implements AutoCloseable {

    private static final String OPERATION = "SubscribeToShard";

    /** Longer than a subscription: a shard that waits for others requests no events and therefore reads none. */
    private static final Duration READ_TIMEOUT = Duration.ofMinutes(6);

    /** Limit for the subscriptions of a reader, one for each of its shards. */
    private static final int MAX_CONCURRENCY = 10_000;

    private final Supplier<KinesisAsyncClient> clients;
    private final AwsFailures failures;

    /** Subscriptions that have not ended. */
    private final Set<Handler> open = ConcurrentHashMap.newKeySet();

    private @Nullable KinesisAsyncClient client;

    private boolean closed;

    AwsSubscriptions(Supplier<KinesisAsyncClient> clients, AwsFailures failures) {
        this.clients = clients;
        this.failures = failures;
    }

    static KinesisAsyncClient client(
            StreamAddress stream,
            Duration connectTimeout,
            AwsCredentialsProvider credentials,
            ScheduledExecutorService timers) {
        KinesisAsyncClientBuilder builder = KinesisAsyncClient.builder()
                .region(Region.of(stream.region()))
                .credentialsProvider(credentials)
                .httpClientBuilder(
                        SdkHttpClients.forSubscriptions(stream, connectTimeout, READ_TIMEOUT, MAX_CONCURRENCY))
                // subscribers only pass on what they receive
                .asyncConfiguration(async ->
                        async.advancedOption(SdkAdvancedAsyncClientOption.FUTURE_COMPLETION_EXECUTOR, Runnable::run))
                .overrideConfiguration(override ->
                        override.retryStrategy(AwsRetryStrategy.doNotRetry()).scheduledExecutorService(timers));
        if (stream.endpoint() != null) {
            builder.endpointOverride(stream.endpoint());
        }
        return builder.build();
    }

    ShardSubscription subscribe(
            String consumerArn, String shardId, ShardPosition position, ShardSubscription.Subscriber subscriber) {
        SubscribeToShardRequest request = SubscribeToShardRequest.builder()
                .consumerARN(consumerArn)
                .shardId(shardId)
                .startingPosition(startingPosition(position))
                .build();
        Handler handler = new Handler(subscriber);
        open.add(handler);
        KinesisAsyncClient current = client();
        if (current != null) {
            handler.watch(current.subscribeToShard(request, handler));
        }
        return handler;
    }

    /** Returns the client; null if it has been closed. */
    private synchronized @Nullable KinesisAsyncClient client() {
        if (client == null && !closed) {
            client = clients.get();
        }
        return closed ? null : client;
    }

    @Override
    public void close() {
        KinesisAsyncClient last;
        synchronized (this) {
            closed = true;
            last = client;
        }
        // Otherwise closing the client waits five seconds for open subscriptions, which delays a failover.
        List.copyOf(open).forEach(Handler::cancel);
        if (last != null) {
            last.close();
        }
    }

    private static StartingPosition startingPosition(ShardPosition position) {
        StartingPosition.Builder starting = StartingPosition.builder();
        if (position instanceof ShardPosition.TrimHorizon) {
            starting.type(ShardIteratorType.TRIM_HORIZON);
        } else if (position instanceof ShardPosition.AtTimestamp at) {
            starting.type(ShardIteratorType.AT_TIMESTAMP).timestamp(at.timestamp());
        } else if (position instanceof ShardPosition.AfterRecord after) {
            starting.type(ShardIteratorType.AFTER_SEQUENCE_NUMBER).sequenceNumber(after.sequenceNumber());
        } else if (position instanceof ShardPosition.InsideRecord inside) {
            starting.type(ShardIteratorType.AT_SEQUENCE_NUMBER).sequenceNumber(inside.sequenceNumber());
        }
        return starting.build();
    }

    /** A subscription. Events may be requested before the connection is established. */
    private final class Handler
            implements SubscribeToShardResponseHandler, Subscriber<SubscribeToShardEventStream>, ShardSubscription {

        private final ShardSubscription.Subscriber subscriber;

        /** Whether the end has been reported to the subscriber; the SDK may report it in several ways. */
        private final AtomicBoolean over = new AtomicBoolean();

        private volatile @Nullable CompletableFuture<Void> call;

        private @Nullable Subscription connected;
        private long requestedBefore;
        private boolean cancelled;

        Handler(ShardSubscription.Subscriber subscriber) {
            this.subscriber = subscriber;
        }

        @SuppressWarnings("FutureReturnValueIgnored") // the outcome is reported to the subscriber
        void watch(CompletableFuture<Void> running) {
            call = running;
            if (over.get()) {
                running.cancel(false);
            }
            running.whenComplete((nothing, thrown) -> {
                if (thrown != null) {
                    exceptionOccurred(thrown);
                }
            });
        }

        @Override
        public synchronized void request() {
            if (connected != null) {
                connected.request(1);
            } else {
                requestedBefore++;
            }
        }

        @Override
        public void cancel() {
            over.set(true);
            open.remove(this);
            Subscription toCancel;
            synchronized (this) {
                cancelled = true;
                toCancel = connected;
            }
            if (toCancel != null) {
                toCancel.cancel();
            }
            CompletableFuture<Void> running = call;
            if (running != null) {
                running.cancel(false);
            }
        }

        @Override
        public void responseReceived(SubscribeToShardResponse response) {
            failures.succeeded();
        }

        @Override
        public void onEventStream(SdkPublisher<SubscribeToShardEventStream> events) {
            events.subscribe(this);
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            boolean unwanted;
            synchronized (this) {
                unwanted = cancelled || connected != null;
                if (!unwanted) {
                    connected = subscription;
                    if (requestedBefore > 0) {
                        subscription.request(requestedBefore);
                    }
                }
            }
            if (unwanted) {
                subscription.cancel();
            }
        }

        @Override
        public void onNext(SubscribeToShardEventStream event) {
            if (event instanceof SubscribeToShardEvent shardEvent) {
                try {
                    subscriber.event(of(shardEvent));
                } catch (UnreadableResponseException e) {
                    exceptionOccurred(e);
                }
            } else {
                // replaces an event of an unknown type, so that the request is still served
                request();
            }
        }

        @Override
        public void onError(Throwable thrown) {
            exceptionOccurred(thrown);
        }

        @Override
        public void onComplete() {
            complete();
        }

        @Override
        public void exceptionOccurred(Throwable thrown) {
            if (isFirstEnd()) {
                subscriber.failed(failures.of(OPERATION, cause(thrown)));
            }
        }

        @Override
        public void complete() {
            if (isFirstEnd()) {
                subscriber.ended();
            }
        }

        private boolean isFirstEnd() {
            open.remove(this);
            return over.compareAndSet(false, true);
        }
    }

    private static Throwable cause(Throwable thrown) {
        return thrown instanceof CompletionException && thrown.getCause() != null
                ? requireNonNull(thrown.getCause())
                : thrown;
    }

    private static ShardSubscription.Event of(SubscribeToShardEvent event) throws UnreadableResponseException {
        return new ShardSubscription.Event(
                AwsResponses.records(event.records()),
                event.continuationSequenceNumber(),
                event.millisBehindLatest() == null ? 0 : event.millisBehindLatest(),
                AwsResponses.childIds(event.childShards()));
    }
}
