package io.taxistream.embeddedkinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ChildShard;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ScalingType;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StartingPosition;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.eventstream.Message;
import software.amazon.eventstream.MessageDecoder;

/** Subscriptions to shards, by the AWS SDK's own client over HTTP/2. */
class EnhancedFanOutTest {

    private static final String STREAM = "trips";
    private static final String SHARD = "shardId-000000000000";
    private static final StartingPosition FROM_START =
            StartingPosition.builder().type(ShardIteratorType.TRIM_HORIZON).build();
    private static final StartingPosition LATEST =
            StartingPosition.builder().type(ShardIteratorType.LATEST).build();

    private final MutableClock clock = new MutableClock();
    private EmbeddedKinesis kinesis;
    private KinesisAsyncClient client;
    private String consumer;

    @BeforeEach
    void start() throws IOException {
        kinesis = EmbeddedKinesis.builder().enforceLimits(false).clock(clock).start();
        kinesis.createStream(STREAM, 1);
        consumer = kinesis.registerStreamConsumer(STREAM, "job");
        client = AsyncClients.withoutRetries(kinesis.httpEndpoint());
    }

    @AfterEach
    void stop() {
        client.close();
        kinesis.close();
    }

    @Test
    void pushesExistingAndNewRecords() {
        put("a", "b");

        Subscriber subscriber = Subscriber.subscribe(client, consumer, SHARD, FROM_START);
        await().untilAsserted(() -> assertThat(subscriber.data()).containsExactly("a", "b"));
        put("c");

        await().untilAsserted(() -> assertThat(subscriber.data()).containsExactly("a", "b", "c"));
        assertThat(subscriber.hasResponse()).isTrue();
        assertThat(subscriber.lastEvent().millisBehindLatest()).isZero();
        Record record = subscriber.records().get(0);
        assertThat(record.partitionKey()).isEqualTo("key");
        assertThat(record.approximateArrivalTimestamp()).isEqualTo(clock.instant());
        assertThat(record.sequenceNumber())
                .isEqualTo(kinesis.records(STREAM, SHARD).get(0).sequenceNumber());
    }

    @Test
    void servesHttp2OverTlsWithAndWithoutAlpn() {
        put("a");

        assertThatARecordArrives(AsyncClients.withoutRetries(kinesis.httpsEndpoint()), consumer);
        assertThatARecordArrives(
                AsyncClients.negotiating(kinesis.httpsEndpoint()), kinesis.registerStreamConsumer(STREAM, "other"));
    }

    private static void assertThatARecordArrives(KinesisAsyncClient overTls, String consumer) {
        try (overTls) {
            Subscriber subscriber = Subscriber.subscribe(overTls, consumer, SHARD, FROM_START);

            await().untilAsserted(() -> assertThat(subscriber.data()).containsExactly("a"));
        }
    }

    @Test
    void servesOtherOperationsOverHttp2() {
        client.putRecord(request ->
                        request.streamName(STREAM).partitionKey("key").data(SdkBytes.fromUtf8String("a")))
                .join();

        assertThat(kinesis.userRecords(STREAM)).hasSize(1);
    }

    @Test
    void pushesABacklogInOrderAndInPieces() {
        List<String> sent =
                IntStream.range(0, 2_000).mapToObj(i -> i + "x".repeat(1_000)).toList();
        sent.forEach(this::put);

        Subscriber subscriber = Subscriber.subscribe(client, consumer, SHARD, FROM_START);

        await().untilAsserted(() -> assertThat(subscriber.records()).hasSize(2_000));
        assertThat(subscriber.data()).isEqualTo(sent);
        assertThat(subscriber.events()).hasSizeGreaterThan(5);
        assertThat(subscriber.events().get(0).millisBehindLatest()).isPositive();
        assertThat(subscriber.lastEvent().millisBehindLatest()).isZero();
    }

    @Test
    void subscriptionContinuesAtTheContinuationSequenceNumber() {
        put("a", "b");
        Subscriber first = Subscriber.subscribe(client, consumer, SHARD, FROM_START);
        await().until(() -> first.data().size() == 2);
        first.cancel();
        put("c");

        Subscriber second = subscribeAgain(after(first.lastEvent().continuationSequenceNumber()));

        await().untilAsserted(() -> assertThat(second.data()).containsExactly("c"));
    }

    /** Subscribes as soon as the endpoint has noticed that the subscription before has been cancelled. */
    private Subscriber subscribeAgain(StartingPosition position) {
        return await().until(
                        () -> {
                            Subscriber subscriber = Subscriber.subscribe(client, consumer, SHARD, position);
                            await().until(() -> !subscriber.events().isEmpty()
                                    || subscriber.call().isDone());
                            return subscriber;
                        },
                        subscriber -> !subscriber.call().isCompletedExceptionally());
    }

    @Test
    void idleShardHasAContinuationSequenceNumber() {
        Subscriber first = Subscriber.subscribe(client, consumer, SHARD, LATEST);
        await().until(() -> !first.events().isEmpty());
        assertThat(first.lastEvent().records()).isEmpty();
        first.cancel();
        put("a");

        Subscriber second = subscribeAgain(after(first.lastEvent().continuationSequenceNumber()));

        await().untilAsserted(() -> assertThat(second.data()).containsExactly("a"));
    }

    @Test
    void sendsAnEmptyEventAfterFiveIdleSeconds() {
        Subscriber subscriber = Subscriber.subscribe(client, consumer, SHARD, LATEST);
        await().until(() -> subscriber.events().size() == 1);

        clock.advance(Duration.ofSeconds(5));

        await().until(() -> subscriber.events().size() == 2);
        assertThat(subscriber.lastEvent().records()).isEmpty();
    }

    @Test
    void lastEventOfAClosedShardListsItsChildren() {
        put("a");
        Subscriber subscriber = Subscriber.subscribe(client, consumer, SHARD, FROM_START);
        await().until(() -> subscriber.data().size() == 1);

        kinesis.splitShard(STREAM, SHARD);

        await().until(subscriber::isComplete);
        SubscribeToShardEvent last = subscriber.lastEvent();
        assertThat(last.childShards())
                .extracting(ChildShard::shardId)
                .containsExactly("shardId-000000000001", "shardId-000000000002");
        assertThat(last.childShards())
                .allSatisfy(child -> assertThat(child.parentShards()).containsExactly(SHARD));
        assertThat(last.continuationSequenceNumber()).isNull();
        assertThat(subscriber.call()).succeedsWithin(Duration.ofSeconds(5));
    }

    @Test
    void subscriptionEndsAfterFiveMinutes() {
        Subscriber subscriber = Subscriber.subscribe(client, consumer, SHARD, LATEST);
        await().until(() -> subscriber.events().size() == 1);
        clock.advance(Duration.ofSeconds(299));
        await().until(() -> subscriber.events().size() == 2);
        assertThat(subscriber.isComplete()).isFalse();

        clock.advance(Duration.ofSeconds(1));

        await().until(subscriber::isComplete);
        assertThat(subscriber.failure()).isEmpty();
        await().until(() -> kinesis.subscriptions() == 0);
    }

    @Test
    void removesACancelledSubscription() {
        Subscriber subscriber = Subscriber.subscribe(client, consumer, SHARD, LATEST);
        await().until(() -> subscriber.events().size() == 1);
        assertThat(kinesis.subscriptions()).isEqualTo(1);

        subscriber.cancel();

        await().until(() -> kinesis.subscriptions() == 0);
    }

    @Test
    void recordsStayOnDiskUntilDelivered() {
        int records = 400;
        IntStream.range(0, records).forEach(i -> put(i + "x".repeat(50_000)));
        Subscriber subscriber = Subscriber.onDemand(client, consumer, SHARD, FROM_START);
        await().until(subscriber::isSubscribed);
        subscriber.demand(1);
        await().until(() -> subscriber.events().size() == 1);

        // what the client's window holds (1 MiB), and an event that waits for it
        await().during(Duration.ofMillis(300))
                .atMost(Duration.ofSeconds(5))
                .until(() -> kinesis.statistics(STREAM).recordsRead() < 40);
        subscriber.demand(Long.MAX_VALUE);

        await().until(() -> subscriber.records().size() == records);
    }

    @Test
    void disconnectsAnIdleSubscriberAtTheEndOfItsLifetime() {
        IntStream.range(0, 100).forEach(i -> put(i + "x".repeat(50_000)));
        Subscriber subscriber = Subscriber.onDemand(client, consumer, SHARD, FROM_START);
        await().until(subscriber::isSubscribed);

        clock.advance(Duration.ofSeconds(306));

        await().until(() -> kinesis.subscriptions() == 0);
    }

    @ParameterizedTest
    @EnumSource(
            value = ShardIteratorType.class,
            names = {"UNKNOWN_TO_SDK_VERSION"},
            mode = EnumSource.Mode.EXCLUDE)
    void subscriptionStartsAtEachTypeOfPosition(ShardIteratorType type) {
        put("a");
        clock.advance(Duration.ofSeconds(1));
        put("b");
        String numberOfB = kinesis.records(STREAM, SHARD).get(1).sequenceNumber();

        Subscriber subscriber = Subscriber.subscribe(
                client,
                consumer,
                SHARD,
                StartingPosition.builder()
                        .type(type)
                        .timestamp(type == ShardIteratorType.AT_TIMESTAMP ? clock.instant() : null)
                        .sequenceNumber(type.toString().endsWith("SEQUENCE_NUMBER") ? numberOfB : null)
                        .build());
        await().until(() -> !subscriber.events().isEmpty());
        put("c");

        List<String> expected = switch (type) {
            case TRIM_HORIZON -> List.of("a", "b", "c");
            case AT_TIMESTAMP, AT_SEQUENCE_NUMBER -> List.of("b", "c");
            default -> List.of("c");
        };
        await().untilAsserted(() -> assertThat(subscriber.data()).isEqualTo(expected));
    }

    @Test
    void subscriptionEndsWithItsConsumerOrStream() {
        Subscriber ofConsumer = Subscriber.subscribe(client, consumer, SHARD, LATEST);
        Subscriber ofStream =
                Subscriber.subscribe(client, kinesis.registerStreamConsumer(STREAM, "other"), SHARD, LATEST);
        await().until(() -> !ofConsumer.events().isEmpty() && !ofStream.events().isEmpty());

        client.deregisterStreamConsumer(request -> request.consumerARN(consumer))
                .join();
        clock.advance(Duration.ofSeconds(1));
        await().untilAsserted(
                        () -> assertThat(ofConsumer.failure()).get().isInstanceOf(ResourceNotFoundException.class));
        assertThat(ofStream.failure()).isEmpty();
        client.deleteStream(request -> request.streamName(STREAM).enforceConsumerDeletion(true))
                .join();
        clock.advance(Duration.ofSeconds(1));

        await().untilAsserted(() -> assertThat(ofStream.failure()).get().isInstanceOf(ResourceNotFoundException.class));
    }

    @Test
    void subscriberOfAnIdleStreamObservesAReshard() {
        Subscriber subscriber = Subscriber.subscribe(client, consumer, SHARD, LATEST);
        await().until(() -> subscriber.events().size() == 1);

        client.updateShardCount(request ->
                        request.streamName(STREAM).targetShardCount(2).scalingType(ScalingType.UNIFORM_SCALING))
                .join();
        clock.advance(Duration.ofSeconds(1));

        await().until(subscriber::isComplete);
        assertThat(subscriber.lastEvent().childShards()).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void jsonClientsReceiveJsonEvents(HttpClient.Version version) throws Exception {
        put("a");
        HttpResponse<InputStream> response = HttpClient.newBuilder()
                .version(version)
                .build()
                .send(
                        HttpRequest.newBuilder(kinesis.httpEndpoint())
                                .header("Content-Type", "application/x-amz-json-1.1")
                                .header("X-Amz-Target", "Kinesis_20131202.SubscribeToShard")
                                .POST(HttpRequest.BodyPublishers.ofString("{\"ConsumerARN\":\"" + consumer
                                        + "\",\"ShardId\":\"" + SHARD
                                        + "\",\"StartingPosition\":{\"Type\":\"TRIM_HORIZON\"}}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        await().until(() -> kinesis.statistics(STREAM).recordsRead() == 1);
        clock.advance(Duration.ofMinutes(5));

        MessageDecoder decoder = new MessageDecoder();
        decoder.feed(response.body().readAllBytes());
        List<Message> messages = decoder.getDecodedMessages();

        assertThat(response.headers().firstValue("Content-Type")).contains("application/vnd.amazon.eventstream");
        assertThat(messages)
                .extracting(message -> message.getHeaders().get(":event-type").getString())
                .containsExactly("initial-response", "SubscribeToShardEvent");
        assertThat(new String(messages.get(1).getPayload(), StandardCharsets.UTF_8))
                .contains("\"Data\":\"YQ==\"")
                .contains("\"MillisBehindLatest\":0");
    }

    private void put(String... data) {
        for (String each : data) {
            kinesis.putRecord(STREAM, "key", BigInteger.ONE, each.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static StartingPosition after(String sequenceNumber) {
        return StartingPosition.builder()
                .type(ShardIteratorType.AFTER_SEQUENCE_NUMBER)
                .sequenceNumber(sequenceNumber)
                .build();
    }
}
