package io.taxistream.embeddedkinesis;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.StartingPosition;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEventStream;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponse;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/** One subscription of the AWS SDK's client, and what has come of it so far. */
final class Subscriber implements SubscribeToShardResponseHandler {

    private final boolean demandsAll;
    private final List<SubscribeToShardEvent> events = new ArrayList<>();
    private boolean hasResponse;
    private boolean isComplete;
    private Optional<Subscription> subscription = Optional.empty();
    private Optional<Throwable> failure = Optional.empty();
    private CompletableFuture<Void> call = new CompletableFuture<>();

    private Subscriber(boolean demandsAll) {
        this.demandsAll = demandsAll;
    }

    static Subscriber subscribe(
            KinesisAsyncClient client, String consumerArn, String shardId, StartingPosition position) {
        return new Subscriber(true).begin(client, consumerArn, shardId, position);
    }

    /** A subscriber that is given only the events that it {@link #demand}s. */
    static Subscriber onDemand(
            KinesisAsyncClient client, String consumerArn, String shardId, StartingPosition position) {
        return new Subscriber(false).begin(client, consumerArn, shardId, position);
    }

    private Subscriber begin(KinesisAsyncClient client, String consumerArn, String shardId, StartingPosition position) {
        call = client.subscribeToShard(
                request -> request.consumerARN(consumerArn).shardId(shardId).startingPosition(position), this);
        return this;
    }

    CompletableFuture<Void> call() {
        return call;
    }

    synchronized void demand(long more) {
        subscription.orElseThrow().request(more);
    }

    synchronized void cancel() {
        subscription.orElseThrow().cancel();
    }

    synchronized boolean hasResponse() {
        return hasResponse;
    }

    synchronized boolean isSubscribed() {
        return subscription.isPresent();
    }

    synchronized boolean isComplete() {
        return isComplete;
    }

    synchronized Optional<Throwable> failure() {
        return failure;
    }

    synchronized List<SubscribeToShardEvent> events() {
        return List.copyOf(events);
    }

    SubscribeToShardEvent lastEvent() {
        List<SubscribeToShardEvent> all = events();
        return all.get(all.size() - 1);
    }

    List<Record> records() {
        return events().stream().flatMap(event -> event.records().stream()).toList();
    }

    List<String> data() {
        return records().stream().map(record -> record.data().asUtf8String()).toList();
    }

    @Override
    public synchronized void responseReceived(SubscribeToShardResponse response) {
        hasResponse = true;
    }

    @Override
    public void onEventStream(SdkPublisher<SubscribeToShardEventStream> publisher) {
        publisher.subscribe(new org.reactivestreams.Subscriber<>() {
            @Override
            public void onSubscribe(Subscription newSubscription) {
                synchronized (Subscriber.this) {
                    subscription = Optional.of(newSubscription);
                }
                if (demandsAll) {
                    newSubscription.request(Long.MAX_VALUE);
                }
            }

            @Override
            public void onNext(SubscribeToShardEventStream event) {
                synchronized (Subscriber.this) {
                    events.add((SubscribeToShardEvent) event);
                }
            }

            @Override
            public void onError(Throwable cause) {
                exceptionOccurred(cause);
            }

            @Override
            public void onComplete() {
                complete();
            }
        });
    }

    @Override
    public synchronized void exceptionOccurred(Throwable cause) {
        failure = Optional.of(
                cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause);
    }

    @Override
    public synchronized void complete() {
        isComplete = true;
    }
}
