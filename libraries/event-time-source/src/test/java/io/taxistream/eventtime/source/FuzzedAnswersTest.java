package io.taxistream.eventtime.source;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.management.ThreadMXBean;
import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.eventtime.AggregatedRecords;
import io.taxistream.eventtime.PartWatermarks;
import io.taxistream.eventtime.UserRecords;
import io.taxistream.eventtime.source.DamagedBytes.Format;
import io.taxistream.eventtime.source.FetchedBatch.FetchedRecord;
import io.taxistream.eventtime.source.KinesisProxyException.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.client.config.SdkAdvancedAsyncClientOption;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.async.AsyncExecuteRequest;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.eventstream.Message;

/**
 * Damages the answers of a Kinesis, differently in each run, for some time ({@code -Dfuzz.seconds}): the source reads each, or
 * gets an exception that it knows how to handle, in bounded time and memory.
 */
class FuzzedAnswersTest {

    private static final Duration BUDGET = Duration.ofSeconds(Integer.getInteger("fuzz.seconds", 2));
    private static final Duration LONGEST = Duration.ofSeconds(20);
    /** Time that a slow machine may take to see both outcomes. */
    private static final Duration LONGEST_START = Duration.ofMinutes(1);

    private static final long MOST_BYTES = 200L << 20;
    private static final String STREAM = "trips";
    private static final String REGION = "eu-west-1";
    private static final String CBOR_PROPERTY = "aws.cborEnabled";
    private static final StaticCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));

    private static EmbeddedKinesis kinesis;
    private static String consumerArn;

    private final Random random = new Random();
    private final DamagedBytes damage = new DamagedBytes(random);

    @BeforeAll
    static void start() throws Exception {
        kinesis = EmbeddedKinesis.builder()
                .region(REGION)
                .enforceLimits(false)
                .subscriptionLifetime(Duration.ofMillis(500))
                .start();
        kinesis.createStream(STREAM, 2);
        consumerArn = kinesis.registerStreamConsumer(STREAM, "job");
        byte[] packed = AggregatedRecords.aggregate("key", null, List.of("one".getBytes(UTF_8), "two".getBytes(UTF_8)));
        for (byte[] data : List.of("plain".getBytes(UTF_8), packed, new byte[0])) {
            kinesis.putRecord(STREAM, "key", BigInteger.ZERO, data);
        }
        kinesis.splitShard(STREAM, shardId(1));
        kinesis.mergeShards(STREAM, shardId(2), shardId(3));
    }

    @AfterAll
    static void stop() {
        kinesis.close();
    }

    @AfterEach
    void resetProtocol() {
        System.clearProperty(CBOR_PROPERTY);
    }

    private static String shardId(int number) {
        return "shardId-%012d".formatted(number);
    }

    /** A response with its whole body. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Answer(SdkHttpResponse head, byte[] body) {}

    /** A call to Kinesis and what the source does with its result. */
    private interface Call {
        void make(KinesisProxy proxy) throws KinesisProxyException;
    }

    private static volatile String iterator = "";
    private static volatile String iteratorOfClosedShard = "";

    private static final List<Call> CALLS = List.of(
            proxy -> assertThat(proxy.streamCreated()).isNotNull(),
            proxy -> track(proxy.listShards(null)),
            proxy -> assertThat(proxy.shardIterator(shardId(0), new ShardPosition.TrimHorizon()))
                    .isNotNull(),
            proxy -> {
                KinesisProxy.Page page = proxy.records(iterator, 10);
                assertThat(page.nextShardIterator())
                        .as("iterator of an open shard")
                        .isNotNull();
                consume(page.records());
            },
            proxy -> consume(proxy.records(iteratorOfClosedShard, 10).records()),
            proxy -> proxy.records("expired", 10),
            proxy -> assertThat(proxy.consumer("job").map(StreamConsumer::arn)).isNotNull(),
            proxy -> proxy.consumer("another"));

    @ParameterizedTest
    @EnumSource(Format.class)
    void readsOrClassifiesEachAnswer(Format format) throws Exception {
        System.setProperty(CBOR_PROPERTY, Boolean.toString(format == Format.CBOR));
        List<List<Answer>> answers = recordAnswers();
        ReplayingClient http = new ReplayingClient();
        Outcomes outcomes = new Outcomes();
        long end = System.nanoTime() + BUDGET.toNanos();
        try (KinesisProxy proxy = new AwsKinesisProxy(address(), client(http), () -> {
            throw new AssertionError("nothing is subscribed to");
        })) {
            while (System.nanoTime() < end
                    || (System.nanoTime() < end + LONGEST_START.toNanos() && !outcomes.differ())) {
                int i = random.nextInt(CALLS.size());
                http.answers = answers.get(i).stream()
                        .map(answer -> damaged(answer, format))
                        .toList();
                outcomes.add(http.answers.get(0), () -> CALLS.get(i).make(proxy));
            }
        }
        outcomes.check(format.name());
    }

    @Test
    void readsOrClassifiesEachEventStream() throws Exception {
        byte[] body = recordEventStream();
        ReplayingAsyncClient http = new ReplayingAsyncClient();
        Outcomes outcomes = new Outcomes();
        long end = System.nanoTime() + BUDGET.toNanos();
        try (AwsSubscriptions subscriptions =
                new AwsSubscriptions(() -> asyncClient(http), new AwsFailures(address()))) {
            while (System.nanoTime() < end
                    || (System.nanoTime() < end + LONGEST_START.toNanos() && !outcomes.differ())) {
                byte[] damaged = random.nextBoolean() ? damage.of(body, Format.JSON) : damagedMessages(body);
                Answer answer = new Answer(eventStreamHead(), damaged);
                http.answer = answer;
                outcomes.add(answer, () -> subscribe(subscriptions));
            }
        }
        outcomes.check("event stream");
    }

    private Answer damaged(Answer answer, Format format) {
        byte[] body = damage.of(answer.body(), format);
        SdkHttpResponse.Builder head = answer.head().toBuilder();
        if (random.nextInt(20) > 0) {
            // otherwise, most damage would only be noticed by its length
            head.putHeader("Content-Length", Integer.toString(body.length));
        }
        if (random.nextInt(20) == 0) {
            int[] statuses = {200, 204, 302, 400, 403, 404, 429, 500, 503};
            head.statusCode(statuses[random.nextInt(statuses.length)]);
        }
        return new Answer(head.build(), body);
    }

    /** Damages the content of one message and adapts its checksums, which detect all other damage. */
    private byte[] damagedMessages(byte[] body) {
        List<Message> messages = new ArrayList<>();
        ByteBuffer rest = ByteBuffer.wrap(body);
        while (rest.hasRemaining()) {
            int length = rest.getInt(rest.position());
            messages.add(Message.decode(rest.slice(rest.position(), length)));
            rest.position(rest.position() + length);
        }
        int at = random.nextInt(messages.size());
        Message message = messages.get(at);
        messages.set(at, new Message(message.getHeaders(), damage.of(message.getPayload(), Format.JSON)));
        var out = new ByteArrayOutputStream();
        messages.forEach(each -> each.encode(out));
        return out.toByteArray();
    }

    /** Counts what became of the answers. */
    private static final class Outcomes {

        private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        private int read;
        private int refused;
        private long mostBytes;

        /** A call, or a subscription. */
        interface Attempt {
            void run() throws Exception;
        }

        void add(Answer answer, Attempt attempt) {
            try {
                assertTimeoutPreemptively(LONGEST, () -> {
                    long before = threads.getCurrentThreadAllocatedBytes();
                    try {
                        attempt.run();
                        read++;
                    } catch (KinesisProxyException e) {
                        refused++;
                    }
                    mostBytes = Math.max(mostBytes, threads.getCurrentThreadAllocatedBytes() - before);
                });
                assertThat(mostBytes).isLessThan(MOST_BYTES);
            } catch (Throwable e) {
                throw new AssertionError(
                        "not read: status " + answer.head().statusCode() + ", "
                                + new String(answer.body(), ISO_8859_1) + ", "
                                + HexFormat.of().formatHex(answer.body()),
                        e);
            }
        }

        boolean differ() {
            return read > 0 && refused > 0;
        }

        void check(String format) {
            System.out.printf(
                    "Fuzzed %s: %d answers read, %d refused, at most %d bytes allocated%n",
                    format, read, refused, mostBytes);
            assertThat(read).isPositive();
            assertThat(refused).isPositive();
        }
    }

    /** Does with a listing what the enumerator does. */
    private static void track(List<ShardInfo> shards) {
        ShardTracker tracker = new ShardTracker(List.of());
        tracker.discovered(shards);
        tracker.readerStarted(0, List.of());
        while (true) {
            var assigned = tracker.assign(1);
            tracker.watermarkLimit();
            tracker.awaitedShards();
            tracker.awaitsChildren();
            if (assigned.isEmpty()) {
                break;
            }
            tracker.progressed(
                    0,
                    assigned.get(0).stream()
                            .map(shard -> new ShardProgress(shard.shardId(), PartWatermarks.NONE, true))
                            .toList());
        }
        assertThat(tracker.pendingShards()).isZero();
    }

    /** Does with records what the reader does. */
    private static void consume(List<KinesisProxy.KinesisRecord> records) {
        for (FetchedRecord record : FetchedRecord.of(records)) {
            assertThat(record.sequenceNumber()).isNotEmpty();
            assertThat(record.kinesisRecord().partitionKey()).isNotNull();
            assertThat(record.kinesisRecord().arrived()).isNotNull();
            UserRecords userRecords = record.userRecords();
            for (int i = 0; i < userRecords.size(); i++) {
                assertThat(userRecords.offset(i) + userRecords.length(i))
                        .isLessThanOrEqualTo(userRecords.bytes().length);
            }
        }
    }

    private static void subscribe(AwsSubscriptions subscriptions) throws KinesisProxyException, InterruptedException {
        CountDownLatch over = new CountDownLatch(1);
        List<ShardSubscription.Event> events = new ArrayList<>();
        List<KinesisProxyException> failures = new ArrayList<>();
        ShardSubscription subscription = subscriptions.subscribe(
                consumerArn, shardId(0), new ShardPosition.TrimHorizon(), new ShardSubscription.Subscriber() {
                    @Override
                    public void event(ShardSubscription.Event event) {
                        events.add(event);
                    }

                    @Override
                    public void failed(KinesisProxyException e) {
                        failures.add(e);
                        over.countDown();
                    }

                    @Override
                    public void ended() {
                        over.countDown();
                    }
                });
        for (int i = 0; i < 100; i++) {
            subscription.request();
        }
        assertThat(over.await(LONGEST.toSeconds() / 2, TimeUnit.SECONDS))
                .as("the subscription has ended or failed")
                .isTrue();
        for (ShardSubscription.Event event : events) {
            consume(event.records());
            assertThat(event.childShards()).doesNotContainNull();
        }
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
    }

    /** Returns the undamaged answers to each of the calls. */
    private static List<List<Answer>> recordAnswers() throws Exception {
        List<List<Answer>> answers = new ArrayList<>();
        try (RecordingClient http = new RecordingClient();
                KinesisClient client = KinesisClient.builder()
                        .region(Region.of(REGION))
                        .credentialsProvider(CREDENTIALS)
                        .httpClient(http)
                        .endpointOverride(kinesis.httpEndpoint())
                        .overrideConfiguration(override -> override.retryStrategy(AwsRetryStrategy.doNotRetry())
                                .addExecutionInterceptor(new RecordsResponse.Interceptor()))
                        .build()) {
            iterator = shardIterator(client, 0);
            iteratorOfClosedShard = shardIterator(client, 1);
            KinesisProxy proxy = new AwsKinesisProxy(address(), client, () -> {
                throw new AssertionError("nothing is subscribed to");
            });
            for (Call call : CALLS) {
                http.recorded = new ArrayList<>();
                try {
                    call.make(proxy);
                } catch (KinesisProxyException e) {
                    assertThat(e.kind()).isIn(Kind.INVALID_ARGUMENT, Kind.NOT_FOUND);
                }
                answers.add(http.recorded);
            }
        }
        return answers;
    }

    private static String shardIterator(KinesisClient client, int shard) {
        return client.getShardIterator(request ->
                        request.streamName(STREAM).shardId(shardId(shard)).shardIteratorType("TRIM_HORIZON"))
                .shardIterator();
    }

    private static byte[] recordEventStream() throws Exception {
        URI endpoint = kinesis.httpEndpoint();
        HttpResponse<byte[]> response = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .build()
                .send(
                        HttpRequest.newBuilder(endpoint)
                                .header("Content-Type", "application/x-amz-json-1.1")
                                .header("X-Amz-Target", "Kinesis_20131202.SubscribeToShard")
                                .POST(HttpRequest.BodyPublishers.ofString("{\"ConsumerARN\":\"" + consumerArn
                                        + "\",\"ShardId\":\"" + shardId(0)
                                        + "\",\"StartingPosition\":{\"Type\":\"TRIM_HORIZON\"}}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(new String(response.body(), ISO_8859_1)).contains("ContinuationSequenceNumber");
        return response.body();
    }

    private static SdkHttpResponse eventStreamHead() {
        return SdkHttpResponse.builder()
                .statusCode(200)
                .putHeader("Content-Type", "application/vnd.amazon.eventstream")
                .build();
    }

    private static StreamAddress address() {
        return StreamAddress.of(STREAM, REGION, kinesis.httpEndpoint());
    }

    private static KinesisClient client(SdkHttpClient http) {
        return KinesisClient.builder()
                .region(Region.of(REGION))
                .credentialsProvider(CREDENTIALS)
                .httpClient(http)
                .overrideConfiguration(override -> override.retryStrategy(AwsRetryStrategy.doNotRetry())
                        .addExecutionInterceptor(new RecordsResponse.Interceptor()))
                .build();
    }

    private static KinesisAsyncClient asyncClient(SdkAsyncHttpClient http) {
        return KinesisAsyncClient.builder()
                .region(Region.of(REGION))
                .credentialsProvider(CREDENTIALS)
                .httpClient(http)
                .asyncConfiguration(async ->
                        async.advancedOption(SdkAdvancedAsyncClientOption.FUTURE_COMPLETION_EXECUTOR, Runnable::run))
                .overrideConfiguration(override -> override.retryStrategy(AwsRetryStrategy.doNotRetry()))
                .build();
    }

    /** Calls Kinesis and records its answers. */
    private static final class RecordingClient implements SdkHttpClient {

        private final SdkHttpClient http = Apache5HttpClient.create();
        private List<Answer> recorded = new ArrayList<>();

        @Override
        public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
            ExecutableHttpRequest prepared = http.prepareRequest(request);
            return executable(() -> {
                HttpExecuteResponse response = prepared.call();
                Answer answer = new Answer(
                        response.httpResponse(),
                        response.responseBody().orElseThrow().readAllBytes());
                recorded.add(answer);
                return answer;
            });
        }

        @Override
        public void close() {
            http.close();
        }
    }

    /** Replays answers, the last one again and again. */
    private static final class ReplayingClient implements SdkHttpClient {

        private volatile List<Answer> answers = List.of();

        @Override
        public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
            return executable(() -> {
                List<Answer> remaining = answers;
                if (remaining.size() > 1) {
                    answers = remaining.subList(1, remaining.size());
                }
                return remaining.get(0);
            });
        }

        @Override
        public void close() {
            // nothing was opened
        }
    }

    /** Returns an answer. */
    private interface Answering {
        Answer answer() throws IOException;
    }

    private static ExecutableHttpRequest executable(Answering answering) {
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                Answer answer = answering.answer();
                return HttpExecuteResponse.builder()
                        .response(answer.head())
                        .responseBody(AbortableInputStream.create(new ByteArrayInputStream(answer.body())))
                        .build();
            }

            @Override
            public void abort() {
                // nothing is in progress
            }
        };
    }

    private static final class ReplayingAsyncClient implements SdkAsyncHttpClient {

        private volatile Answer answer;

        @Override
        public CompletableFuture<Void> execute(AsyncExecuteRequest request) {
            Answer now = requireNonNull(answer, "no answer to replay");
            request.responseHandler().onHeaders(now.head());
            request.responseHandler().onStream(AsyncRequestBody.fromBytes(now.body()));
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void close() {
            // nothing was opened
        }
    }
}
