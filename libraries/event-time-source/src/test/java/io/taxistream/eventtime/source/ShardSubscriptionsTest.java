package io.taxistream.eventtime.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.taxistream.eventtime.UserRecords;
import io.taxistream.eventtime.source.FakeKinesis.Operation;
import io.taxistream.eventtime.source.FetchedBatch.FetchedRecord;
import io.taxistream.eventtime.source.KinesisProxyException.Kind;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ShardSubscriptionsTest {

    private static final SubscriptionTiming FAST = new SubscriptionTiming(
            Duration.ofMinutes(4), Duration.ZERO, Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofMillis(20));
    private static final EnhancedFanOut CONSUMER = EnhancedFanOut.named("job").timing(FAST);

    private final FakeKinesis stream = new FakeKinesis(1);
    private final String shard = stream.openShardIds().get(0);
    private final Queue<FetchedBatch> batches = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final ReadMetrics metrics = new ReadMetrics(UnregisteredMetricsGroup.createSourceReaderMetricGroup());
    private final List<ShardSubscriptions> opened = new ArrayList<>();

    private String consumerArn;

    @BeforeEach
    void registerConsumer() throws Exception {
        consumerArn = stream.registerConsumer("job").arn();
    }

    @AfterEach
    void stop() {
        opened.forEach(ShardSubscriptions::close);
    }

    private ShardSubscriptions subscriptions(EnhancedFanOut consumer) {
        ShardSubscriptions subscriptions = new ShardSubscriptions(
                stream,
                consumer,
                ReadOptionsBuilder.withDefaults()
                        .consumer(consumer)
                        .maxReadThreads(2)
                        .build(),
                metrics,
                Clock.systemUTC(),
                new Random(1),
                batches::add,
                failures::add);
        opened.add(subscriptions);
        return subscriptions;
    }

    private ShardSubscriptions begin(ShardPosition position) {
        return begin(CONSUMER, position);
    }

    private ShardSubscriptions begin(EnhancedFanOut consumer, ShardPosition position) {
        ShardSubscriptions subscriptions = subscriptions(consumer);
        subscriptions.consumerReady(consumerArn);
        subscriptions.start(shard, position);
        return subscriptions;
    }

    @Test
    void waitsForTheConsumerBeforeItSubscribes() {
        put("a");
        ShardSubscriptions subscriptions = subscriptions(CONSUMER);
        subscriptions.start(shard, new ShardPosition.TrimHorizon());
        await().during(Duration.ofMillis(50)).until(() -> stream.subscribed().isEmpty());

        subscriptions.consumerReady(consumerArn);

        assertThat(texts(next())).containsExactly("a");
    }

    @Test
    void requestsNoEventsUntilTheLastBatchWasTaken() {
        put("a");
        ShardSubscriptions subscriptions = begin(new ShardPosition.TrimHorizon());
        assertThat(texts(next())).containsExactly("a");
        int events = stream.reads();

        put("b");
        await().during(Duration.ofMillis(100)).until(() -> batches.isEmpty() && stream.reads() == events);

        subscriptions.taken(shard);
        assertThat(texts(next())).containsExactly("b");
        assertThat(stream.subscribed()).hasSize(1);
    }

    @Test
    void endsWithAClosedShard() {
        put("a");
        stream.split(shard);

        begin(new ShardPosition.TrimHorizon());

        FetchedBatch batch = next();
        assertThat(texts(batch)).containsExactly("a");
        assertThat(batch.endOfShard()).isTrue();
        await().until(() -> stream.openSubscriptions() == 0);
    }

    @Test
    void resubscribesAtItsPositionAfterASubscriptionEnds() {
        put("a");
        ShardSubscriptions subscriptions = begin(new ShardPosition.TrimHorizon());
        assertThat(texts(next())).containsExactly("a");
        subscriptions.taken(shard);

        for (String text : List.of("b", "c", "d")) {
            stream.endSubscriptions();
            put(text);
            assertThat(texts(next())).containsExactly(text);
            subscriptions.taken(shard);
        }
        assertThat(failures).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"THROTTLED", "TEMPORARY", "IN_USE"})
    void resubscribesAtItsPositionAfterAnErrorEvent(Kind kind) {
        put("a");
        ShardSubscriptions subscriptions = begin(new ShardPosition.TrimHorizon());
        assertThat(texts(next())).containsExactly("a");
        subscriptions.taken(shard);

        stream.failSubscriptions(kind);
        put("b");

        assertThat(texts(next())).containsExactly("b");
        assertThat(stream.subscribed().get(1)).contains("AfterRecord");
        assertThat(metrics.throttledReads.getCount()).isEqualTo(kind == Kind.THROTTLED ? 1 : 0);
        assertThat(metrics.failedReads.getCount()).isEqualTo(kind == Kind.THROTTLED ? 0 : 1);
    }

    @ParameterizedTest
    @EnumSource(names = {"THROTTLED", "TEMPORARY", "IN_USE"})
    void backsOffAndResubscribesAfterARejection(Kind kind) {
        put("a");
        stream.failNext(Operation.SUBSCRIBE, kind);
        stream.failNext(Operation.SUBSCRIBE, kind);

        begin(new ShardPosition.TrimHorizon());

        assertThat(texts(next())).containsExactly("a");
        assertThat(metrics.subscriptions.getCount()).isEqualTo(3);
    }

    @Test
    void continuesAfterEmptyEvents() {
        begin(new ShardPosition.TrimHorizon());
        await().until(() -> stream.reads() > 2);

        stream.endSubscriptions();

        await().until(() -> stream.subscribed().size() == 2);
        assertThat(stream.subscribed().get(1)).contains("AfterRecord");
    }

    @Test
    void doesNotSubscribeWhileABatchIsNotTaken() {
        put("a");
        ShardSubscriptions subscriptions = begin(new ShardPosition.TrimHorizon());
        next();

        stream.failSubscriptions(Kind.TEMPORARY);
        put("b");
        await().during(Duration.ofMillis(100))
                .until(() -> stream.subscribed().size() == 1 && stream.openSubscriptions() == 0);

        subscriptions.taken(shard);
        assertThat(texts(next())).containsExactly("b");
    }

    @Test
    void renewsASubscriptionBeforeItExpires() {
        SubscriptionTiming often = new SubscriptionTiming(
                Duration.ofMillis(50), Duration.ofMillis(20), FAST.between(), FAST.firstRetry(), FAST.maxRetry());
        ShardSubscriptions subscriptions =
                begin(EnhancedFanOut.named("job").timing(often), new ShardPosition.TrimHorizon());
        List<String> read = new ArrayList<>();
        List<String> written = new ArrayList<>();

        for (int i = 0; metrics.subscriptions.getCount() < 8; i++) {
            put("" + i);
            written.add("" + i);
            read.addAll(texts(next()));
            subscriptions.taken(shard);
        }

        assertThat(read).isEqualTo(written);
        assertThat(failures).isEmpty();
        assertThat(metrics.failedReads.getCount()).isZero();
    }

    @Test
    void resubscribesWhenASubscriptionIsSilent() {
        stream.silence(shard, true);
        begin(CONSUMER.silenceTimeout(Duration.ofSeconds(1)), new ShardPosition.TrimHorizon());
        await().until(() -> stream.subscribed().size() == 2);

        stream.silence(shard, false);
        put("a");

        assertThat(texts(next())).containsExactly("a");
    }

    @Test
    void waitsForATimestampThatKinesisConsidersInTheFuture() {
        stream.put(BigInteger.ZERO, "a".getBytes(UTF_8), Instant.now().plusSeconds(1));
        stream.failNext(Operation.SUBSCRIBE, Kind.INVALID_ARGUMENT);

        begin(new ShardPosition.AtTimestamp(Instant.now()));

        assertThat(texts(next())).containsExactly("a");
        assertThat(failures).isEmpty();
    }

    @Test
    void treatsAnUnlistedShardAsRead() {
        put("a");
        stream.split(shard);
        stream.expire(shard);

        begin(new ShardPosition.TrimHorizon());

        assertThat(next().endOfShard()).isTrue();
        assertThat(metrics.expiredShards.getCount()).isEqualTo(1);
    }

    @Test
    void endsAnExpiredShardOnlyAfterItsLastBatchWasTaken() {
        put("a");
        ShardSubscriptions subscriptions = begin(new ShardPosition.TrimHorizon());
        next();
        stream.split(shard);
        stream.expire(shard);

        stream.failSubscriptions(Kind.NOT_FOUND);
        await().during(Duration.ofMillis(100)).until(batches::isEmpty);

        subscriptions.taken(shard);
        assertThat(next().endOfShard()).isTrue();
    }

    @Test
    void failsWhenTheStreamIsGone() {
        begin(new ShardPosition.TrimHorizon());
        await().until(() -> stream.openSubscriptions() == 1);

        stream.delete();

        await().until(() -> !failures.isEmpty());
        assertThat(failures.remove()).hasMessageContaining("the stream does not exist");
    }

    @Test
    void failsWhenTheConsumerIsGone() {
        begin(new ShardPosition.TrimHorizon());
        await().until(() -> stream.openSubscriptions() == 1);

        stream.removeConsumer("job");
        stream.endSubscriptions();

        await().until(() -> !failures.isEmpty());
        assertThat(failures.remove()).hasMessageContaining("The consumer job of fake was deregistered");
    }

    @Test
    void failsOnAnInvalidPosition() {
        begin(new ShardPosition.AfterRecord("4711"));

        await().until(() -> !failures.isEmpty());
        assertThat(failures.remove()).hasMessageContaining("start the job without state");
    }

    @Test
    void failsWhenAccessIsDenied() {
        stream.failNext(Operation.SUBSCRIBE, Kind.FATAL);

        begin(new ShardPosition.TrimHorizon());

        await().until(() -> !failures.isEmpty());
        assertThat(batches).isEmpty();
    }

    private void put(String... texts) {
        for (String text : texts) {
            stream.put(BigInteger.ZERO, text.getBytes(UTF_8));
        }
    }

    private FetchedBatch next() {
        await().until(() -> !batches.isEmpty());
        return batches.remove();
    }

    private static List<String> texts(FetchedBatch batch) {
        List<String> texts = new ArrayList<>();
        for (FetchedRecord record : batch.records()) {
            UserRecords userRecords = record.userRecords();
            for (int i = 0; i < userRecords.size(); i++) {
                texts.add(new String(userRecords.bytes(), userRecords.offset(i), userRecords.length(i), UTF_8));
            }
        }
        return texts;
    }
}
