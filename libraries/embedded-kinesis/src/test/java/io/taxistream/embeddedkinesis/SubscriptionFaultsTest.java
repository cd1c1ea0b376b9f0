package io.taxistream.embeddedkinesis;

import static io.taxistream.embeddedkinesis.KinesisOperation.PUT_RECORD;
import static io.taxistream.embeddedkinesis.KinesisOperation.SUBSCRIBE_TO_SHARD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.LimitExceededException;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StartingPosition;

/** What goes wrong with subscriptions on demand. */
class SubscriptionFaultsTest {

    private static final String STREAM = "trips";
    private static final String SHARD = "shardId-000000000000";

    private final MutableClock clock = new MutableClock();
    private final FaultRules faults = new FaultRules(clock, new Random(7));
    private EmbeddedKinesis kinesis;
    private KinesisAsyncClient client;
    private String consumer;

    @BeforeEach
    void start() throws IOException {
        kinesis = EmbeddedKinesis.builder()
                .enforceLimits(false)
                .clock(clock)
                .faults(faults)
                .start();
        kinesis.createStream(STREAM, 1);
        consumer = kinesis.registerStreamConsumer(STREAM, "job");
        client = AsyncClients.withoutRetries(kinesis.httpEndpoint());
        put("a");
    }

    @AfterEach
    void stop() {
        client.close();
        kinesis.close();
    }

    @Test
    void dropsASubscriptionAfterANumberOfEvents() {
        faults.add(FaultRule.of(new Fault.SubscriptionDropped(2)).times(1));
        Subscriber subscriber = subscribe();
        await().untilAsserted(() -> assertThat(subscriber.data()).containsExactly("a"));
        assertThat(subscriber.failure()).isEmpty();

        put("b");

        await().until(() -> subscriber.failure().isPresent());
        assertThat(subscriber.failure().get()).isNotInstanceOf(AwsServiceException.class);
        await().until(() -> kinesis.subscriptions() == 0);
        Subscriber next = subscribe();
        await().untilAsserted(() -> assertThat(next.data()).containsExactly("a", "b"));
    }

    static Stream<String> errorsInTheEventStream() {
        return Fault.SubscriptionError.TYPES.stream();
    }

    @ParameterizedTest
    @MethodSource("errorsInTheEventStream")
    void sendsAnErrorInTheEventStream(String type) {
        faults.add(FaultRule.of(new Fault.SubscriptionError(type, 1)).times(1));

        Subscriber subscriber = subscribe();

        await().until(() -> subscriber.failure().isPresent());
        assertThat(subscriber.data()).containsExactly("a");
        assertThat(subscriber.failure().get())
                .isInstanceOfSatisfying(
                        AwsServiceException.class,
                        e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo(type));
        await().until(() -> kinesis.subscriptions() == 0);
    }

    @Test
    void silentSubscriptionSendsNothingUntilCancelled() {
        faults.add(FaultRule.of(new Fault.SubscriptionSilent(1)).times(1));
        Subscriber subscriber = subscribe();
        await().until(() -> subscriber.events().size() == 1);

        put("b");
        clock.advance(Duration.ofMinutes(6));

        await().during(Duration.ofMillis(300)).until(() -> subscriber.events().size() == 1);
        assertThat(subscriber.isComplete()).isFalse();
        assertThat(subscriber.failure()).isEmpty();
        subscriber.cancel();
        await().until(() -> kinesis.subscriptions() == 0);
    }

    @Test
    void subscribeCallCanFailLikeAnyOther() {
        faults.add(FaultRule.of(new Fault.ServerError(500, false))
                .on(SUBSCRIBE_TO_SHARD)
                .times(1));
        faults.add(FaultRule.of(new Fault.Throttle(1)).on(SUBSCRIBE_TO_SHARD).times(1));
        faults.add(FaultRule.of(new Fault.ConnectionClosed(false))
                .on(SUBSCRIBE_TO_SHARD)
                .times(1));

        assertThatThrownBy(() -> subscribe().call().join())
                .cause()
                .isInstanceOfSatisfying(
                        AwsServiceException.class,
                        e -> assertThat(e.statusCode()).isEqualTo(500));
        assertThatThrownBy(() -> subscribe().call().join()).cause().isInstanceOf(LimitExceededException.class);
        assertThatThrownBy(() -> subscribe().call().join()).cause().isNotInstanceOf(AwsServiceException.class);
        Subscriber subscriber = subscribe();
        await().untilAsserted(() -> assertThat(subscriber.data()).containsExactly("a"));
        assertThat(faults.injected()).isEqualTo(Map.of(SUBSCRIBE_TO_SHARD, 3L));
    }

    @Test
    void delaysASubscription() {
        faults.add(FaultRule.of(new Fault.Delay(Duration.ofMillis(300)))
                .on(SUBSCRIBE_TO_SHARD)
                .times(1));
        long start = System.nanoTime();

        Subscriber subscriber = subscribe();

        await().untilAsserted(() -> assertThat(subscriber.data()).containsExactly("a"));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
    }

    @Test
    void subscriptionFaultsAffectOnlySubscriptions() {
        assertThatThrownBy(() -> FaultRule.of(new Fault.SubscriptionDropped(0)).on(PUT_RECORD))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("applies to SubscribeToShard only");
        assertThatThrownBy(() -> new Fault.SubscriptionError("Other", 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("InternalFailureException");
        assertThatThrownBy(() -> new Fault.SubscriptionSilent(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    private Subscriber subscribe() {
        return Subscriber.subscribe(
                client,
                consumer,
                SHARD,
                StartingPosition.builder().type(ShardIteratorType.TRIM_HORIZON).build());
    }

    private void put(String data) {
        kinesis.putRecord(STREAM, "key", BigInteger.ONE, data.getBytes(StandardCharsets.UTF_8));
    }
}
