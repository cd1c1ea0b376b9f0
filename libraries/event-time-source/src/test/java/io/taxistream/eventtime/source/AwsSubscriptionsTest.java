package io.taxistream.eventtime.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.eventtime.source.KinesisProxy.KinesisRecord;
import io.taxistream.eventtime.source.KinesisProxyException.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ChildShard;
import software.amazon.awssdk.services.kinesis.model.InternalFailureException;
import software.amazon.awssdk.services.kinesis.model.KinesisException;
import software.amazon.awssdk.services.kinesis.model.KmsThrottlingException;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.StartingPosition;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEventStream;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardRequest;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponse;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

class AwsSubscriptionsTest {

    private final StubClient client = new StubClient();
    private final AwsSubscriptions subscriptions =
            new AwsSubscriptions(() -> client, new AwsFailures(StreamAddress.of("trips", "eu-west-1", null)));
    private final Recorder recorder = new Recorder();

    private ShardSubscription subscribe(ShardPosition position) {
        return subscriptions.subscribe("arn:consumer", "s", position, recorder);
    }

    @Test
    void subscribesAtEachKindOfPosition() {
        subscribe(new ShardPosition.TrimHorizon());
        subscribe(new ShardPosition.AtTimestamp(Instant.EPOCH));
        subscribe(new ShardPosition.AfterRecord("1"));
        subscribe(new ShardPosition.InsideRecord("2", 7));

        assertThat(client.requests)
                .allMatch(request -> request.consumerARN().equals("arn:consumer")
                        && request.shardId().equals("s"))
                .extracting(SubscribeToShardRequest::startingPosition)
                .containsExactly(
                        StartingPosition.builder().type("TRIM_HORIZON").build(),
                        StartingPosition.builder()
                                .type("AT_TIMESTAMP")
                                .timestamp(Instant.EPOCH)
                                .build(),
                        StartingPosition.builder()
                                .type("AFTER_SEQUENCE_NUMBER")
                                .sequenceNumber("1")
                                .build(),
                        StartingPosition.builder()
                                .type("AT_SEQUENCE_NUMBER")
                                .sequenceNumber("2")
                                .build());
    }

    @Test
    void requestsDemandFromBeforeTheConnection() {
        ShardSubscription subscription = subscribe(new ShardPosition.TrimHorizon());
        subscription.request();
        assertThat(client.requested).isZero();

        client.connect();
        assertThat(client.requested).isEqualTo(1);

        subscription.request();
        assertThat(client.requested).isEqualTo(2);
    }

    @Test
    void passesOnTheContentOfAnEvent() {
        subscribe(new ShardPosition.TrimHorizon());
        client.connect();

        client.send(SubscribeToShardEvent.builder()
                .records(Record.builder()
                        .sequenceNumber("5")
                        .partitionKey("key")
                        .approximateArrivalTimestamp(Instant.EPOCH)
                        .data(SdkBytes.fromUtf8String("x"))
                        .build())
                .continuationSequenceNumber("6")
                .millisBehindLatest(17L)
                .build());
        client.send(SubscribeToShardEvent.builder()
                .childShards(List.of(
                        ChildShard.builder().shardId("a").build(),
                        ChildShard.builder().shardId("b").build()))
                .build());

        assertThat(recorder.events)
                .containsExactly(
                        new ShardSubscription.Event(
                                List.of(new KinesisRecord(
                                        "5", SdkBytes.fromUtf8String("x").asByteBuffer(), "key", Instant.EPOCH)),
                                "6",
                                17,
                                List.of()),
                        new ShardSubscription.Event(List.of(), null, 0, List.of("a", "b")));
    }

    @Test
    void incompleteEventIsAFailure() {
        for (SubscribeToShardEvent event : List.of(
                SubscribeToShardEvent.builder()
                        .records(Record.builder().sequenceNumber("5").build())
                        .build(),
                SubscribeToShardEvent.builder()
                        .childShards(ChildShard.builder().build())
                        .build())) {
            recorder.failures.clear();
            subscribe(new ShardPosition.TrimHorizon());
            client.connect();

            client.send(event);

            assertThat(recorder.failures)
                    .extracting(KinesisProxyException::kind)
                    .containsExactly(Kind.TEMPORARY);
            assertThat(recorder.events).isEmpty();
        }
    }

    @Test
    void reportsItsEndOnce() {
        subscribe(new ShardPosition.TrimHorizon());
        client.connect();

        client.events.onComplete();
        client.handler.complete();
        client.handler.exceptionOccurred(SdkClientException.create("connection reset"));

        assertThat(recorder.ends).isEqualTo(1);
        assertThat(recorder.failures).isEmpty();
    }

    @Test
    void reportsNothingAfterCancellation() {
        ShardSubscription subscription = subscribe(new ShardPosition.TrimHorizon());
        client.connect();

        subscription.cancel();
        client.events.onError(SdkClientException.create("connection reset"));

        assertThat(client.cancelled).isTrue();
        assertThat(recorder.failures).isEmpty();
    }

    @Test
    void closeCancelsTheOpenSubscriptionsBeforeTheClient() {
        subscribe(new ShardPosition.TrimHorizon());
        StubClient.Call ended = client.call;
        client.handler.complete();
        subscribe(new ShardPosition.TrimHorizon());
        client.connect();

        subscriptions.close();

        assertThat(client.cancelled).isTrue();
        assertThat(client.call.cancelledBeforeClose).isTrue();
        assertThat(ended.isCancelled()).as("the one that had ended").isFalse();
        assertThat(recorder.failures).isEmpty();
    }

    @Test
    void cancelsALateConnection() {
        subscribe(new ShardPosition.TrimHorizon()).cancel();

        client.connect();

        assertThat(client.cancelled).isTrue();
    }

    @Test
    void classifiesFailures() {
        assertKind(InternalFailureException.builder().build(), Kind.TEMPORARY);
        assertKind(ResourceInUseException.builder().build(), Kind.IN_USE);
        assertKind(ResourceNotFoundException.builder().build(), Kind.NOT_FOUND);
        assertKind(KmsThrottlingException.builder().build(), Kind.THROTTLED);
        assertKind(SdkClientException.create("connection reset"), Kind.TEMPORARY);
        assertKind(
                KinesisException.builder()
                        .statusCode(400)
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .errorCode("AccessDeniedException")
                                .build())
                        .build(),
                Kind.FATAL);
    }

    private void assertKind(RuntimeException failure, Kind kind) {
        recorder.failures.clear();
        subscribe(new ShardPosition.TrimHorizon());
        client.handler.exceptionOccurred(failure);
        assertThat(recorder.failures).extracting(KinesisProxyException::kind).containsExactly(kind);
    }

    private static final class Recorder implements ShardSubscription.Subscriber {

        private final List<ShardSubscription.Event> events = new ArrayList<>();
        private final List<KinesisProxyException> failures = new ArrayList<>();
        private int ends;

        @Override
        public void event(ShardSubscription.Event event) {
            events.add(event);
        }

        @Override
        public void failed(KinesisProxyException e) {
            failures.add(e);
        }

        @Override
        public void ended() {
            ends++;
        }
    }

    /** Keeps what it was asked for, and sends what it is told to. */
    private static final class StubClient implements KinesisAsyncClient {

        private final List<SubscribeToShardRequest> requests = new ArrayList<>();
        private SubscribeToShardResponseHandler handler;
        private Subscriber<? super SubscribeToShardEventStream> events;
        private long requested;
        private boolean cancelled;
        private boolean closed;
        private Call call;

        @Override
        public CompletableFuture<Void> subscribeToShard(
                SubscribeToShardRequest request, SubscribeToShardResponseHandler newHandler) {
            requests.add(request);
            handler = newHandler;
            call = new Call();
            return call;
        }

        private final class Call extends CompletableFuture<Void> {

            private boolean cancelledBeforeClose;

            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
                cancelledBeforeClose = !closed;
                return super.cancel(mayInterruptIfRunning);
            }
        }

        void connect() {
            handler.responseReceived(SubscribeToShardResponse.builder().build());
            handler.onEventStream(SdkPublisher.adapt(subscriber -> {
                events = subscriber;
                subscriber.onSubscribe(new Subscription() {
                    @Override
                    public void request(long n) {
                        requested += n;
                    }

                    @Override
                    public void cancel() {
                        cancelled = true;
                    }
                });
            }));
        }

        void send(SubscribeToShardEvent event) {
            events.onNext(event);
        }

        @Override
        public String serviceName() {
            return "kinesis";
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
