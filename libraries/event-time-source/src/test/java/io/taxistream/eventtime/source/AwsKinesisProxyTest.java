package io.taxistream.eventtime.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import io.taxistream.credentials.CredentialsSource;
import io.taxistream.eventtime.source.KinesisProxyException.Kind;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.DescribeStreamConsumerRequest;
import software.amazon.awssdk.services.kinesis.model.DescribeStreamConsumerResponse;
import software.amazon.awssdk.services.kinesis.model.DescribeStreamSummaryRequest;
import software.amazon.awssdk.services.kinesis.model.DescribeStreamSummaryResponse;
import software.amazon.awssdk.services.kinesis.model.ExpiredIteratorException;
import software.amazon.awssdk.services.kinesis.model.GetRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorResponse;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.KinesisException;
import software.amazon.awssdk.services.kinesis.model.ListShardsRequest;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.RegisterStreamConsumerRequest;
import software.amazon.awssdk.services.kinesis.model.RegisterStreamConsumerResponse;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.Shard;

class AwsKinesisProxyTest {

    private final StubClient client = new StubClient();
    private final AwsKinesisProxy proxy = new AwsKinesisProxy(
            StreamAddress.of("trips", "eu-west-1", null), client, AwsKinesisProxyTest::noSubscriptions);

    @Test
    void listsTheShardsOfAllPages() throws Exception {
        client.answers.add(ListShardsResponse.builder()
                .shards(shard("a", "0", "9", null, null))
                .nextToken("more")
                .build());
        client.answers.add(ListShardsResponse.builder()
                .shards(shard("b", "10", "19", "p", "q"))
                .build());

        assertThat(proxy.listShards(Instant.EPOCH))
                .containsExactly(
                        new ShardInfo("a", List.of(), BigInteger.ZERO, BigInteger.valueOf(9)),
                        new ShardInfo("b", List.of("p", "q"), BigInteger.TEN, BigInteger.valueOf(19)));

        // the service refuses a token together with a name or a filter
        assertThat(client.requests)
                .containsExactly(
                        ListShardsRequest.builder()
                                .streamName("trips")
                                .shardFilter(
                                        filter -> filter.type("FROM_TIMESTAMP").timestamp(Instant.EPOCH))
                                .build(),
                        ListShardsRequest.builder().nextToken("more").build());
    }

    @Test
    void requestsAnIteratorAtEachKindOfPosition() throws Exception {
        for (int i = 0; i < 4; i++) {
            client.answers.add(
                    GetShardIteratorResponse.builder().shardIterator("it").build());
        }

        proxy.shardIterator("s", new ShardPosition.TrimHorizon());
        proxy.shardIterator("s", new ShardPosition.AtTimestamp(Instant.EPOCH));
        proxy.shardIterator("s", new ShardPosition.AfterRecord("1"));
        proxy.shardIterator("s", new ShardPosition.InsideRecord("2", 7));

        GetShardIteratorRequest common = GetShardIteratorRequest.builder()
                .streamName("trips")
                .shardId("s")
                .build();
        assertThat(client.requests)
                .containsExactly(
                        common.toBuilder().shardIteratorType("TRIM_HORIZON").build(),
                        common.toBuilder()
                                .shardIteratorType("AT_TIMESTAMP")
                                .timestamp(Instant.EPOCH)
                                .build(),
                        common.toBuilder()
                                .shardIteratorType("AFTER_SEQUENCE_NUMBER")
                                .startingSequenceNumber("1")
                                .build(),
                        common.toBuilder()
                                .shardIteratorType("AT_SEQUENCE_NUMBER")
                                .startingSequenceNumber("2")
                                .build());
    }

    @Test
    void incompleteShardIsAFailedCall() {
        Shard complete = shard("a", "0", "9", null, null);
        List<Shard> incomplete = Arrays.asList(
                null,
                complete.toBuilder().shardId(null).build(),
                shard("a", null, "9", null, null),
                shard("a", "0", null, null, null),
                shard("a", "0", "nine", null, null),
                shard("a", "-1", "9", null, null),
                shard("a", "0", "9".repeat(40), null, null),
                Shard.builder().shardId("a").build());
        for (Shard shard : incomplete) {
            client.answers.add(ListShardsResponse.builder().shards(shard).build());

            assertUnreadable(() -> proxy.listShards(null));
        }
    }

    @Test
    void shardThatDescendsFromItselfIsAFailedCall() throws Exception {
        client.answers.add(ListShardsResponse.builder()
                .shards(shard("a", "0", "9", "a", null))
                .build());
        assertUnreadable(() -> proxy.listShards(null));

        client.answers.add(ListShardsResponse.builder()
                .shards(
                        shard("a", "0", "9", null, null),
                        shard("b", "0", "9", "a", "d"),
                        shard("c", "0", "9", "b", null),
                        shard("d", "0", "9", "c", null))
                .build());
        assertUnreadable(() -> proxy.listShards(null));

        client.answers.add(ListShardsResponse.builder()
                .shards(
                        shard("d", "0", "9", "b", "c"),
                        shard("c", "5", "9", "a", null),
                        shard("b", "0", "4", "a", "expired"),
                        shard("a", "0", "9", null, null))
                .build());
        assertThat(proxy.listShards(null)).hasSize(4);
    }

    @Test
    void pagesOfShardsThatRepeatAreAFailedCall() {
        for (String token : List.of("one", "two", "one")) {
            client.answers.add(ListShardsResponse.builder().nextToken(token).build());
        }

        assertUnreadable(() -> proxy.listShards(null));
    }

    @Test
    void otherIncompleteResponsesAreFailedCalls() {
        client.answers.add(GetShardIteratorResponse.builder().build());
        assertUnreadable(() -> proxy.shardIterator("s", new ShardPosition.TrimHorizon()));

        client.answers.add(DescribeStreamSummaryResponse.builder().build());
        assertUnreadable(proxy::streamCreated);

        client.answers.add(DescribeStreamSummaryResponse.builder()
                .streamDescriptionSummary(summary -> summary.streamCreationTimestamp(Instant.MAX))
                .build());
        assertUnreadable(proxy::streamCreated);

        client.answers.add(DescribeStreamSummaryResponse.builder()
                .streamDescriptionSummary(summary -> {})
                .build());
        assertUnreadable(() -> proxy.consumer("c"));

        client.answers.add(described());
        client.answers.add(DescribeStreamConsumerResponse.builder().build());
        assertUnreadable(() -> proxy.consumer("c"));

        client.answers.add(RegisterStreamConsumerResponse.builder()
                .consumer(registered -> registered.consumerARN("arn:d"))
                .build());
        assertUnreadable(() -> proxy.registerConsumer("d"));
    }

    private static void assertUnreadable(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        KinesisProxyException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TEMPORARY))
                .hasMessageContaining("unreadable response: ")
                .message()
                .hasLineCount(1);
    }

    @Test
    void usesTheArnIfGiven() throws Exception {
        String arn = "arn:aws:kinesis:us-east-2:123456789012:stream/trips";
        client.answers.add(DescribeStreamSummaryResponse.builder()
                .streamDescriptionSummary(summary -> summary.streamCreationTimestamp(Instant.EPOCH))
                .build());

        Instant created = new AwsKinesisProxy(
                        StreamAddress.of(arn, null, null), client, AwsKinesisProxyTest::noSubscriptions)
                .streamCreated();

        assertThat(created).isEqualTo(Instant.EPOCH);
        assertThat(client.requests)
                .containsExactly(
                        DescribeStreamSummaryRequest.builder().streamARN(arn).build());
    }

    @Test
    void findsAndRegistersConsumersByTheArnOfTheStream() throws Exception {
        client.answers.add(described());
        client.answers.add(DescribeStreamConsumerResponse.builder()
                .consumerDescription(found -> found.consumerARN("arn:c").consumerStatus(ConsumerStatus.CREATING))
                .build());
        client.answers.add(RegisterStreamConsumerResponse.builder()
                .consumer(registered -> registered.consumerARN("arn:d").consumerStatus(ConsumerStatus.ACTIVE))
                .build());

        assertThat(proxy.consumer("c")).contains(new StreamConsumer("arn:c", false));
        assertThat(proxy.registerConsumer("d")).isEqualTo(new StreamConsumer("arn:d", true));

        assertThat(client.requests)
                .containsExactly(
                        DescribeStreamSummaryRequest.builder()
                                .streamName("trips")
                                .build(),
                        DescribeStreamConsumerRequest.builder()
                                .streamARN("arn:trips")
                                .consumerName("c")
                                .build(),
                        RegisterStreamConsumerRequest.builder()
                                .streamARN("arn:trips")
                                .consumerName("d")
                                .build());
    }

    @Test
    void distinguishesAMissingConsumerFromAMissingStream() throws Exception {
        client.answers.add(described());
        client.answers.add(ResourceNotFoundException.builder().build());
        client.answers.add(described());
        assertThat(proxy.consumer("c")).isEmpty();

        client.answers.add(ResourceNotFoundException.builder().build());
        client.answers.add(ResourceNotFoundException.builder().build());
        assertThatThrownBy(() -> proxy.consumer("c")).hasMessageContaining("kinesis:DescribeStreamSummary");
    }

    private static DescribeStreamSummaryResponse described() {
        return DescribeStreamSummaryResponse.builder()
                .streamDescriptionSummary(
                        summary -> summary.streamARN("arn:trips").streamCreationTimestamp(Instant.EPOCH))
                .build();
    }

    @Test
    void classifiesFailures() {
        assertKind(ProvisionedThroughputExceededException.builder().build(), Kind.THROTTLED);
        assertKind(ExpiredIteratorException.builder().build(), Kind.ITERATOR_EXPIRED);
        assertKind(ResourceNotFoundException.builder().build(), Kind.NOT_FOUND);
        assertKind(InvalidArgumentException.builder().build(), Kind.INVALID_ARGUMENT);
        assertKind(SdkClientException.create("connection reset"), Kind.TEMPORARY);
        assertKind(SdkClientException.create("Unable to load credentials from any of the providers"), Kind.FATAL);
    }

    @ParameterizedTest
    @CsvSource({
        "500, InternalFailure, TEMPORARY",
        "503, ServiceUnavailable, TEMPORARY",
        "400, ExpiredTokenException, TEMPORARY",
        "400, ThrottlingException, THROTTLED",
        "400, AccessDeniedException, FATAL",
        "400, UnrecognizedClientException, FATAL"
    })
    void classifiesFailuresByErrorCode(int status, String code, Kind kind) {
        assertKind(serviceFailure(status, code), kind);
    }

    @Test
    void missingCredentialsAreTemporaryAfterASuccessfulCall() throws Exception {
        client.answers.add(
                GetShardIteratorResponse.builder().shardIterator("it").build());
        proxy.shardIterator("s", new ShardPosition.TrimHorizon());

        assertKind(SdkClientException.create("Unable to load credentials from any of the providers"), Kind.TEMPORARY);
    }

    @Test
    void closingEndsTheThreadsOfACallInProgress() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        Duration longTimeout = Duration.ofMinutes(10);
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            KinesisProxy calling = new AwsKinesisProxy.Factory(
                            StreamAddress.of(
                                    "trips", "eu-west-1", URI.create("http://127.0.0.1:" + silent.getLocalPort())),
                            new CallOptions(
                                    new CredentialsSource.DefaultChain(), longTimeout, longTimeout, longTimeout))
                    .create();
            FutureTask<List<ShardInfo>> call = new FutureTask<>(() -> calling.listShards(null));
            new Thread(call, "caller").start();

            try (Socket connection = silent.accept()) {
                assertThat(connection.getInputStream().read()).isPositive();
                calling.close();
            }

            assertThatThrownBy(call::get).hasCauseInstanceOf(KinesisProxyException.class);
            await().pollInSameThread()
                    .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                            .filteredOn(thread -> !before.contains(thread) && !isOfTheJdk(thread))
                            .isEmpty());
        }
    }

    /** The JDK keeps connections, such as that to the instance's credentials, open with a thread of its own. */
    private static boolean isOfTheJdk(Thread thread) {
        ThreadGroup group = thread.getThreadGroup();
        return group != null && group.getName().equals("InnocuousThreadGroup");
    }

    @Test
    void errorNamesTheFailureAndTheRemedyInOneLine() {
        client.answers.add(serviceFailure(400, "AccessDeniedException"));

        assertThatThrownBy(() -> proxy.records("it", 1))
                .hasMessage(
                        "kinesis:GetRecords on stream trips in region eu-west-1 failed: access denied; allow the call"
                                + " in the policy of the job's role (AccessDeniedException: said so)");
    }

    private static KinesisAsyncClient noSubscriptions() {
        throw new AssertionError("nothing is subscribed to");
    }

    private void assertKind(RuntimeException failure, Kind kind) {
        client.answers.add(failure);
        assertThatThrownBy(() -> proxy.records("it", 1))
                .asInstanceOf(type(KinesisProxyException.class))
                .extracting(KinesisProxyException::kind)
                .isEqualTo(kind);
    }

    private static AwsServiceException serviceFailure(int status, String code) {
        return KinesisException.builder()
                .statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code)
                        .errorMessage("said so")
                        .build())
                .build();
    }

    private static Shard shard(String id, String start, String end, String parent, String adjacent) {
        return Shard.builder()
                .shardId(id)
                .hashKeyRange(range -> range.startingHashKey(start).endingHashKey(end))
                .parentShardId(parent)
                .adjacentParentShardId(adjacent)
                .build();
    }

    /** Answers calls with what was put in, a response or an exception. */
    private static final class StubClient implements KinesisClient {

        private final Queue<Object> answers = new ArrayDeque<>();
        private final List<Object> requests = new ArrayList<>();

        private <R> R answer(Object request, Class<R> type) {
            requests.add(request);
            Object answer = answers.remove();
            if (answer instanceof RuntimeException failure) {
                throw failure;
            }
            return type.cast(answer);
        }

        @Override
        public ListShardsResponse listShards(ListShardsRequest request) {
            return answer(request, ListShardsResponse.class);
        }

        @Override
        public GetShardIteratorResponse getShardIterator(GetShardIteratorRequest request) {
            return answer(request, GetShardIteratorResponse.class);
        }

        @Override
        public GetRecordsResponse getRecords(GetRecordsRequest request) {
            return answer(request, GetRecordsResponse.class);
        }

        @Override
        public DescribeStreamConsumerResponse describeStreamConsumer(DescribeStreamConsumerRequest request) {
            return answer(request, DescribeStreamConsumerResponse.class);
        }

        @Override
        public RegisterStreamConsumerResponse registerStreamConsumer(RegisterStreamConsumerRequest request) {
            return answer(request, RegisterStreamConsumerResponse.class);
        }

        @Override
        public DescribeStreamSummaryResponse describeStreamSummary(DescribeStreamSummaryRequest request) {
            return answer(request, DescribeStreamSummaryResponse.class);
        }

        @Override
        public String serviceName() {
            return "kinesis";
        }

        @Override
        public void close() {
            // nothing was opened
        }
    }
}
