package io.taxistream.embeddedkinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.Consumer;
import software.amazon.awssdk.services.kinesis.model.ConsumerDescription;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.LimitExceededException;
import software.amazon.awssdk.services.kinesis.model.ListStreamConsumersResponse;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StartingPosition;

/** Consumers with enhanced fan-out: how they come and go, and how many calls and bytes they have, limits enforced. */
class StreamConsumersTest {

    private static final String STREAM = "trips";
    private static final String STREAM_ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/trips";
    private static final String SHARD = "shardId-000000000000";
    private static final Duration TRANSITION = Duration.ofSeconds(3);
    private static final StartingPosition FROM_START =
            StartingPosition.builder().type(ShardIteratorType.TRIM_HORIZON).build();

    private final MutableClock clock = new MutableClock();
    private EmbeddedKinesis kinesis;
    private KinesisClient client;
    private KinesisAsyncClient async;

    @BeforeEach
    void start() throws IOException {
        kinesis = EmbeddedKinesis.builder()
                .clock(clock)
                .transitionDelay(TRANSITION)
                .start();
        kinesis.createStream(STREAM, 1);
        client = KinesisClients.withoutRetries(kinesis.httpEndpoint());
        async = AsyncClients.withoutRetries(kinesis.httpEndpoint());
    }

    @AfterEach
    void stop() {
        async.close();
        client.close();
        kinesis.close();
    }

    @Test
    void consumerIsCreatingThenActiveThenDeletingThenGone() {
        Consumer created = register("job");
        assertThat(created.consumerStatus()).isEqualTo(ConsumerStatus.CREATING);
        assertThat(created.consumerARN())
                .isEqualTo(STREAM_ARN + "/consumer/job:" + clock.instant().getEpochSecond());
        assertThat(created.consumerCreationTimestamp()).isEqualTo(clock.instant());

        clock.advance(TRANSITION);
        ConsumerDescription active = describe(created.consumerARN());
        assertThat(active.consumerStatus()).isEqualTo(ConsumerStatus.ACTIVE);
        assertThat(active.consumerName()).isEqualTo("job");
        assertThat(active.streamARN()).isEqualTo(STREAM_ARN);
        assertThat(client.describeStreamConsumer(
                                request -> request.streamARN(STREAM_ARN).consumerName("job"))
                        .consumerDescription())
                .isEqualTo(active);

        client.deregisterStreamConsumer(request -> request.streamARN(STREAM_ARN).consumerName("job"));
        assertThat(describe(created.consumerARN()).consumerStatus()).isEqualTo(ConsumerStatus.DELETING);

        clock.advance(TRANSITION);
        assertThatThrownBy(() -> describe(created.consumerARN())).isInstanceOf(ResourceNotFoundException.class);
    }

    @Test
    void reRegisteredConsumerHasAnotherArn() {
        String first = register("job").consumerARN();
        assertThatThrownBy(() -> register("job")).isInstanceOf(ResourceInUseException.class);
        client.deregisterStreamConsumer(request -> request.consumerARN(first));
        clock.advance(TRANSITION);

        String second = register("job").consumerARN();

        assertThat(second).isNotEqualTo(first);
        assertThatThrownBy(() -> describe(first)).isInstanceOf(ResourceNotFoundException.class);
    }

    @Test
    void consumersAreListedPageByPageAndCounted() {
        for (String name : List.of("c", "a", "b")) {
            register(name);
        }

        ListStreamConsumersResponse first = client.listStreamConsumers(
                request -> request.streamARN(STREAM_ARN).maxResults(2));
        ListStreamConsumersResponse second = client.listStreamConsumers(
                request -> request.streamARN(STREAM_ARN).nextToken(first.nextToken()));

        assertThat(first.consumers()).extracting(Consumer::consumerName).containsExactly("a", "b");
        assertThat(second.consumers()).extracting(Consumer::consumerName).containsExactly("c");
        assertThat(second.nextToken()).isNull();
        assertThat(client.describeStreamSummary(request -> request.streamName(STREAM))
                        .streamDescriptionSummary()
                        .consumerCount())
                .isEqualTo(3);
    }

    @Test
    void streamHasAtMostTwentyConsumersAndFiveCreating() {
        IntStream.range(0, 5).forEach(i -> register("job" + i));
        clock.advance(Duration.ofSeconds(1));
        assertThatThrownBy(() -> register("sixth"))
                .isInstanceOf(LimitExceededException.class)
                .hasMessageContaining("CREATING");
        for (int i = 5; i < StreamConsumers.MAX_CONSUMERS; i += 5) {
            clock.advance(TRANSITION);
            IntStream.range(i, i + 5).forEach(number -> register("job" + number));
        }
        clock.advance(TRANSITION);

        assertThatThrownBy(() -> register("twentyfirst"))
                .isInstanceOf(LimitExceededException.class)
                .hasMessageContaining("maximum of 20 consumers");
    }

    @Test
    void registrationIsLimitedToFivePerSecond() {
        IntStream.range(0, 5).forEach(i -> register("job" + i));

        assertThatThrownBy(() -> register("sixth"))
                .isInstanceOf(LimitExceededException.class)
                .hasMessageContaining("Rate exceeded for RegisterStreamConsumer");
    }

    @Test
    void streamWithConsumersRequiresEnforcedDeletion() {
        register("job");

        assertThatThrownBy(() -> client.deleteStream(request -> request.streamName(STREAM)))
                .isInstanceOf(ResourceInUseException.class);
        client.deleteStream(request -> request.streamName(STREAM).enforceConsumerDeletion(true));
    }

    @Test
    void inactiveConsumerCannotSubscribe() {
        String arn = register("job").consumerARN();

        assertThatThrownBy(() -> subscribe(arn).call().join())
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(ResourceInUseException.class)
                .hasMessageContaining("not ACTIVE, instead in state CREATING");
    }

    @Test
    void subscriptionCanBeReplacedAfterFiveSeconds() {
        String arn = kinesis.registerStreamConsumer(STREAM, "job");
        Subscriber first = subscribe(arn);
        await().until(() -> first.events().size() == 1);
        clock.advance(Duration.ofMillis(4_999));
        assertThatThrownBy(() -> subscribe(arn).call().join())
                .cause()
                .isInstanceOf(ResourceInUseException.class)
                .hasMessageContaining("Another active subscription exists");
        assertThat(first.failure()).isEmpty();
        clock.advance(Duration.ofMillis(1));

        Subscriber second = subscribe(arn);

        await().untilAsserted(() -> assertThat(first.failure()).get().isInstanceOf(ResourceInUseException.class));
        await().until(() -> second.events().size() == 1);
        assertThat(kinesis.subscriptions()).isEqualTo(1);
    }

    @Test
    void consumersHaveDedicatedThroughput() {
        Subscriber first = subscribe(kinesis.registerStreamConsumer(STREAM, "one"));
        Subscriber second = subscribe(kinesis.registerStreamConsumer(STREAM, "two"));

        await().until(() -> first.events().size() == 1 && second.events().size() == 1);
    }

    @Test
    void consumerMaySubscribeFiveTimesPerSecondAndShard() {
        String arn = kinesis.registerStreamConsumer(STREAM, "job");
        Subscriber first = subscribe(arn);
        await().until(() -> first.events().size() == 1);
        for (int i = 1; i < 5; i++) {
            assertThatThrownBy(() -> subscribe(arn).call().join()).cause().isInstanceOf(ResourceInUseException.class);
        }

        assertThatThrownBy(() -> subscribe(arn).call().join()).cause().isInstanceOf(LimitExceededException.class);
    }

    @Test
    void consumerReceivesTwoMegabytesPerSecondAndShard() {
        byte[] data = new byte[100_000];
        for (int i = 0; i < 50; i++) {
            kinesis.putRecord(STREAM, "key", BigInteger.ZERO, data);
        }
        Subscriber subscriber = subscribe(kinesis.registerStreamConsumer(STREAM, "job"));

        // a second's worth, and the event that goes beyond
        await().during(Duration.ofMillis(200)).until(() -> subscriber.records().size() == 21);
        clock.advance(Duration.ofSeconds(1));

        await().during(Duration.ofMillis(200)).until(() -> subscriber.records().size() == 42);
    }

    private Subscriber subscribe(String consumerArn) {
        return Subscriber.subscribe(async, consumerArn, SHARD, FROM_START);
    }

    private Consumer register(String name) {
        return client.registerStreamConsumer(
                        request -> request.streamARN(STREAM_ARN).consumerName(name))
                .consumer();
    }

    private ConsumerDescription describe(String arn) {
        return client.describeStreamConsumer(request -> request.consumerARN(arn))
                .consumerDescription();
    }
}
