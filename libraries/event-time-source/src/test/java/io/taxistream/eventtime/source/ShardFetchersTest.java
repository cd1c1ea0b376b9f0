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
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ShardFetchersTest {

    private static final ReadOptions OPTIONS =
            ReadOptionsBuilder.inQuickSteps().maxRecordsPerRead(3).build();

    private final FakeKinesis stream = new FakeKinesis(1);
    private final String shard = stream.openShardIds().get(0);
    private final Queue<FetchedBatch> batches = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final ReadMetrics metrics = new ReadMetrics(UnregisteredMetricsGroup.createSourceReaderMetricGroup());
    private final ShardFetchers fetchers =
            new ShardFetchers(stream, OPTIONS, metrics, Clock.systemUTC(), new Random(1), batches::add, failures::add);

    @AfterEach
    void stop() {
        fetchers.close();
    }

    @Test
    void readsTheNextBatchOnlyAfterTheLastWasTaken() {
        put("a", "b", "c", "d");
        fetchers.start(shard, new ShardPosition.TrimHorizon());
        await().until(() -> batches.size() == 1);
        int reads = stream.reads();

        await().during(Duration.ofMillis(100)).until(() -> batches.size() == 1 && stream.reads() == reads);

        assertThat(texts(batches.remove())).containsExactly("a", "b", "c");
        fetchers.taken(shard);
        assertThat(texts(next())).containsExactly("d");
    }

    @Test
    void reportsTheLagOfEachShard() {
        Map<String, Gauge<?>> gauges = new ConcurrentHashMap<>();
        ReadMetrics registered = new ReadMetrics(new GaugesByName("", gauges));
        put("a", "b", "c", "d", "e");
        try (ShardFetchers measured = new ShardFetchers(
                stream, OPTIONS, registered, Clock.systemUTC(), new Random(1), batches::add, failures::add)) {
            measured.start(shard, new ShardPosition.TrimHorizon());
            Gauge<?> behind = gauges.get(".kinesis.shardId." + shard + ".millisBehindLatest");

            next();
            assertThat(behind.getValue()).isEqualTo(2L);
            measured.taken(shard);
            next();
            assertThat(behind.getValue()).isEqualTo(0L);
        }
    }

    /** Keeps gauges by the names of their groups and their own. */
    private static final class GaugesByName extends UnregisteredMetricsGroup {

        private final String group;
        private final Map<String, Gauge<?>> gauges;

        GaugesByName(String group, Map<String, Gauge<?>> gauges) {
            this.group = group;
            this.gauges = gauges;
        }

        @Override
        public MetricGroup addGroup(String name) {
            return new GaugesByName(group + "." + name, gauges);
        }

        @Override
        public MetricGroup addGroup(String key, String value) {
            return new GaugesByName(group + "." + key + "." + value, gauges);
        }

        @Override
        public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
            gauges.put(group + "." + name, gauge);
            return gauge;
        }
    }

    @Test
    void endsWithAClosedShard() {
        put("a");
        stream.split(shard);

        fetchers.start(shard, new ShardPosition.TrimHorizon());

        FetchedBatch batch = next();
        assertThat(texts(batch)).containsExactly("a");
        assertThat(batch.endOfShard()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"THROTTLED", "TEMPORARY", "ITERATOR_EXPIRED", "INVALID_ARGUMENT"})
    void continuesAtItsPositionAfterAFailedRead(Kind kind) {
        put("a", "b", "c", "d");
        fetchers.start(shard, new ShardPosition.TrimHorizon());
        assertThat(texts(next())).containsExactly("a", "b", "c");

        stream.failNext(Operation.READ, kind);
        stream.failNext(Operation.READ, kind);
        fetchers.taken(shard);

        assertThat(texts(next())).containsExactly("d");
        assertThat(failures).isEmpty();
        assertThat(metrics.throttledReads.getCount()).isEqualTo(kind == Kind.THROTTLED ? 2 : 0);
        assertThat(metrics.expiredIterators.getCount()).isEqualTo(kind == Kind.ITERATOR_EXPIRED ? 2 : 0);
        assertThat(metrics.failedReads.getCount())
                .isEqualTo(kind == Kind.TEMPORARY || kind == Kind.INVALID_ARGUMENT ? 2 : 0);
    }

    @ParameterizedTest
    @EnumSource(names = {"THROTTLED", "TEMPORARY"})
    void retriesAFailedIterator(Kind kind) {
        put("a");
        stream.failNext(Operation.ITERATOR, kind);

        fetchers.start(shard, new ShardPosition.TrimHorizon());

        assertThat(texts(next())).containsExactly("a");
    }

    @Test
    void waitsForATimestampThatKinesisConsidersInTheFuture() {
        stream.put(BigInteger.ZERO, "a".getBytes(UTF_8), Instant.now().plusSeconds(1));
        stream.failNext(Operation.ITERATOR, Kind.INVALID_ARGUMENT);

        fetchers.start(shard, new ShardPosition.AtTimestamp(Instant.now()));

        assertThat(texts(next())).containsExactly("a");
        assertThat(failures).isEmpty();
    }

    @Test
    void treatsAnUnlistedShardAsRead() {
        put("a");
        stream.split(shard);
        stream.expire(shard);

        fetchers.start(shard, new ShardPosition.TrimHorizon());

        assertThat(next().endOfShard()).isTrue();
        assertThat(metrics.expiredShards.getCount()).isEqualTo(1);
    }

    @Test
    void failsWhenTheStreamIsGone() {
        stream.delete();

        fetchers.start(shard, new ShardPosition.TrimHorizon());

        await().until(() -> !failures.isEmpty());
        assertThat(failures.remove()).hasMessageContaining("the stream does not exist");
    }

    @Test
    void failsOnAnInvalidPosition() {
        fetchers.start(shard, new ShardPosition.AfterRecord("4711"));

        await().until(() -> !failures.isEmpty());
        assertThat(failures.remove()).hasMessageContaining("start the job without state");
    }

    @Test
    void failsWhenAccessIsDenied() {
        stream.failNext(Operation.READ, Kind.FATAL);

        fetchers.start(shard, new ShardPosition.TrimHorizon());

        await().until(() -> !failures.isEmpty());
        assertThat(batches).isEmpty();
    }

    @Test
    void noReadIsInProgressAfterClosing() throws InterruptedException {
        BlockingProxy blocking = new BlockingProxy();
        ShardFetchers blocked = new ShardFetchers(
                blocking, OPTIONS, metrics, Clock.systemUTC(), new Random(1), batches::add, failures::add);
        blocked.start(shard, new ShardPosition.TrimHorizon());
        blocking.reading.await();

        blocked.close();

        assertThat(blocking.read).isTrue();
        assertThat(failures).isEmpty();
    }

    /** Reads until it is closed and a little longer, whatever interrupts it. */
    private static final class BlockingProxy implements KinesisProxy {

        private static final long LONGER_NANOS = 50_000_000;

        final CountDownLatch reading = new CountDownLatch(1);
        volatile boolean read;
        private volatile long closedNanos;

        @Override
        public String streamName() {
            return "blocking";
        }

        @Override
        public Instant streamCreated() {
            return Instant.EPOCH;
        }

        @Override
        public List<ShardInfo> listShards(Instant openSince) {
            return List.of();
        }

        @Override
        public String shardIterator(String shardId, ShardPosition position) {
            return shardId;
        }

        @Override
        public Page records(String shardIterator, int maxRecords) throws KinesisProxyException {
            reading.countDown();
            while (closedNanos == 0 || System.nanoTime() - closedNanos < LONGER_NANOS) {
                LockSupport.parkNanos(1_000_000);
                Thread.interrupted();
            }
            read = true;
            throw new KinesisProxyException(Kind.TEMPORARY, "the connection was closed", null);
        }

        @Override
        public Optional<StreamConsumer> consumer(String name) {
            return Optional.empty();
        }

        @Override
        public StreamConsumer registerConsumer(String name) {
            throw new UnsupportedOperationException("polled only");
        }

        @Override
        public void deregisterConsumer(String consumerArn) {
            throw new UnsupportedOperationException("polled only");
        }

        @Override
        public ShardSubscription subscribe(
                String consumerArn, String shardId, ShardPosition position, ShardSubscription.Subscriber subscriber) {
            throw new UnsupportedOperationException("polled only");
        }

        @Override
        public void close() {
            closedNanos = System.nanoTime();
        }
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
