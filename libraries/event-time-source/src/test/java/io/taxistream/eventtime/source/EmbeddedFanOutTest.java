package io.taxistream.eventtime.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.taxistream.credentials.CredentialsSource;
import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.embeddedkinesis.Fault;
import io.taxistream.embeddedkinesis.FaultRule;
import io.taxistream.embeddedkinesis.FaultRules;
import io.taxistream.embeddedkinesis.KinesisOperation;
import io.taxistream.embeddedkinesis.ShardDescription;
import io.taxistream.eventtime.UserRecords;
import io.taxistream.eventtime.source.FetchedBatch.FetchedRecord;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Subscriptions with the client of the AWS SDK, over HTTP/2, to an embedded Kinesis. */
class EmbeddedFanOutTest {

    private static final String STREAM = "readings";
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final EnhancedFanOut CONSUMER = EnhancedFanOut.named("job")
            .silenceTimeout(Duration.ofSeconds(2))
            .timing(new SubscriptionTiming(
                    Duration.ofSeconds(285),
                    Duration.ofSeconds(60),
                    Duration.ofMillis(10),
                    Duration.ofMillis(50),
                    Duration.ofSeconds(1)));

    private final FaultRules faults = new FaultRules(Clock.systemUTC(), new Random(1));
    private final Queue<FetchedBatch> batches = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final ReadMetrics metrics = new ReadMetrics(UnregisteredMetricsGroup.createSourceReaderMetricGroup());

    private EmbeddedKinesis kinesis;
    private Optional<ShardSubscriptions> subscriptions = Optional.empty();

    @BeforeAll
    static void provideCredentials() {
        System.setProperty("aws.accessKeyId", "test");
        System.setProperty("aws.secretAccessKey", "test");
    }

    @AfterAll
    static void revokeCredentials() {
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }

    @BeforeEach
    void start() throws Exception {
        start(Duration.ofMinutes(5));
    }

    private void start(Duration subscriptionLifetime) throws Exception {
        kinesis = EmbeddedKinesis.builder()
                .region("eu-west-1")
                .enforceLimits(false)
                .transitionDelay(Duration.ofMillis(300))
                .subscriptionLifetime(subscriptionLifetime)
                .faults(faults)
                .start();
        kinesis.createStream(STREAM, 1);
    }

    @AfterEach
    void stop() throws Exception {
        subscriptions.ifPresent(ShardSubscriptions::close);
        kinesis.close();
    }

    private ShardSubscriptions begin(URI endpoint) throws Exception {
        KinesisProxy proxy = new AwsKinesisProxy.Factory(
                        StreamAddress.of(STREAM, "eu-west-1", endpoint),
                        new CallOptions(
                                new CredentialsSource.DefaultChain(),
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(15),
                                Duration.ofSeconds(60)))
                .create();
        StreamConsumer consumer = proxy.registerConsumer("job");
        await().atMost(TIMEOUT).until(() -> proxy.consumer("job").orElseThrow().active());
        ShardSubscriptions begun = new ShardSubscriptions(
                proxy,
                CONSUMER,
                ReadOptionsBuilder.withDefaults()
                        .consumer(CONSUMER)
                        .maxReadThreads(2)
                        .build(),
                metrics,
                Clock.systemUTC(),
                new Random(1),
                batches::add,
                failures::add);
        subscriptions = Optional.of(begun);
        begun.consumerReady(consumer.arn());
        begun.start(shard().shardId(), new ShardPosition.TrimHorizon());
        return begun;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsAllRecordsToTheEndOfTheShard(boolean encrypted) throws Exception {
        List<String> written = write(0, 1_000);
        ShardSubscriptions begun = begin(encrypted ? kinesis.httpsEndpoint() : kinesis.httpEndpoint());
        List<String> read = read(begun, 1_000);
        written.addAll(write(1_000, 1_100));
        kinesis.splitShard(STREAM, shard().shardId());

        FetchedBatch batch;
        do {
            batch = next();
            read.addAll(texts(batch));
            begun.taken(batch.shardId());
        } while (!batch.endOfShard());

        assertThat(read).isEqualTo(written);
        assertThat(metrics.failedReads.getCount()).isZero();
    }

    @ParameterizedTest
    @MethodSource("faults")
    void readsEachRecordOnceAndInOrderWhenSubscriptionsFail(Fault fault) throws Exception {
        faults.add(FaultRule.of(fault).on(KinesisOperation.SUBSCRIBE_TO_SHARD).times(3));
        ShardSubscriptions begun = begin(kinesis.httpEndpoint());
        List<String> written = new ArrayList<>();
        List<String> read = new ArrayList<>();

        for (int i = 0; metrics.subscriptions.getCount() < 4; i += 10) {
            written.addAll(write(i, i + 10));
            read.addAll(read(begun, 10));
        }

        assertThat(read).isEqualTo(written);
        assertThat(failures).isEmpty();
    }

    static Stream<Fault> faults() {
        return Stream.of(
                new Fault.SubscriptionDropped(2),
                new Fault.SubscriptionError("InternalFailureException", 1),
                new Fault.SubscriptionError("ResourceInUseException", 0),
                new Fault.SubscriptionSilent(2),
                new Fault.ServerError(500, false),
                new Fault.Throttle(1),
                new Fault.ConnectionClosed(false),
                new Fault.NoAnswer(false));
    }

    @Test
    void resubscribesWhenASubscriptionExpires() throws Exception {
        kinesis.close();
        start(Duration.ofMillis(300));
        ShardSubscriptions begun = begin(kinesis.httpEndpoint());
        List<String> written = new ArrayList<>();
        List<String> read = new ArrayList<>();

        for (int i = 0; metrics.subscriptions.getCount() < 4; i += 10) {
            written.addAll(write(i, i + 10));
            read.addAll(read(begun, 10));
        }

        assertThat(read).isEqualTo(written);
        assertThat(metrics.failedReads.getCount()).isZero();
    }

    @Test
    void receivesNoMoreThanIsConsumed() throws Exception {
        int records = 400;
        byte[] data = new byte[50_000];
        for (int i = 0; i < records; i++) {
            kinesis.putRecord(STREAM, "key", shard().startingHashKey(), data);
        }
        ShardSubscriptions begun = begin(kinesis.httpEndpoint());
        FetchedBatch first = next();

        await().during(Duration.ofSeconds(1)).atMost(TIMEOUT).until(batches::isEmpty);

        int read = first.records().size();
        begun.taken(first.shardId());
        while (read < records) {
            FetchedBatch batch = next();
            read += batch.records().size();
            begun.taken(batch.shardId());
        }
        assertThat(read).isEqualTo(records);
    }

    @Test
    void exampleOfThePageReads() throws Exception {
        write(60_000, 60_003);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1);

        List<String> read = env.fromSource(
                        FanOutReadings.source(kinesis.httpEndpoint()), WatermarkStrategy.noWatermarks(), "readings")
                .executeAndCollect(3);

        assertThat(read).containsExactly("r,60000", "r,60001", "r,60002");
    }

    private ShardDescription shard() {
        return kinesis.shards(STREAM).get(0);
    }

    private List<String> write(int from, int to) {
        List<String> written = new ArrayList<>();
        for (int i = from; i < to; i++) {
            String text = "r," + i;
            kinesis.putRecord(STREAM, "key", shard().startingHashKey(), text.getBytes(UTF_8));
            written.add(text);
        }
        return written;
    }

    private List<String> read(ShardSubscriptions begun, int count) {
        List<String> read = new ArrayList<>();
        while (read.size() < count) {
            FetchedBatch batch = next();
            read.addAll(texts(batch));
            begun.taken(batch.shardId());
        }
        return read;
    }

    private FetchedBatch next() {
        await().atMost(TIMEOUT).until(() -> !batches.isEmpty() || !failures.isEmpty());
        assertThat(failures).isEmpty();
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
