package io.taxistream.eventtime.source;

import io.taxistream.credentials.CredentialsSource;
import io.taxistream.credentials.FetchedCredentials;
import io.taxistream.eventtime.source.KinesisProxyException.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.KinesisClientBuilder;
import software.amazon.awssdk.services.kinesis.model.Consumer;
import software.amazon.awssdk.services.kinesis.model.ConsumerDescription;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.DescribeStreamSummaryRequest;
import software.amazon.awssdk.services.kinesis.model.GetRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.kinesis.model.ListShardsRequest;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilter;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/** Calls Kinesis through the AWS SDK and classifies its failures. */
final class AwsKinesisProxy implements KinesisProxy {

    /** Session name of assumed roles, which appears in the logs of the stream's account. */
    private static final String SESSION_NAME = "event-time-source";

    private static final String TIMERS_THREAD_NAME = "kinesis-client-timers";

    /**
     * Placeholder credentials for an endpoint on this machine, which does not verify them, if the environment provides none.
     */
    private static final AwsCredentialsProvider LOCAL =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local"));

    private final StreamAddress stream;
    private final KinesisClient client;
    private final AwsFailures failures;
    private final AwsSubscriptions subscriptions;
    private final SdkAutoCloseable dependencies;

    /** Looked up by the first call that needs it. */
    private volatile @Nullable String streamArn;

    AwsKinesisProxy(StreamAddress stream, KinesisClient client, Supplier<KinesisAsyncClient> subscribing) {
        this(stream, client, subscribing, () -> {});
    }

    /** @param dependencies what the clients use, closed after them */
    private AwsKinesisProxy(
            StreamAddress stream,
            KinesisClient client,
            Supplier<KinesisAsyncClient> subscribing,
            SdkAutoCloseable dependencies) {
        this.stream = stream;
        this.client = client;
        this.dependencies = dependencies;
        this.failures = new AwsFailures(stream);
        this.subscriptions = new AwsSubscriptions(subscribing, failures);
        this.streamArn = stream.isArn() ? stream.nameOrArn() : null;
    }

    /** Creates proxies of one stream, each with its own client. */
    record Factory(StreamAddress stream, CallOptions calls) implements KinesisProxy.Factory {

        @Override
        public KinesisProxy create() {
            FetchedCredentials fetched = calls.credentials().open(stream.region(), SESSION_NAME);
            AwsCredentialsProvider credentials =
                    stream.isLoopback() && calls.credentials() instanceof CredentialsSource.DefaultChain
                            ? AwsCredentialsProviderChain.of(fetched, LOCAL)
                            : fetched;
            ScheduledExecutorService timers = timers();
            return new AwsKinesisProxy(
                    stream,
                    client(stream, calls, credentials, timers),
                    () -> AwsSubscriptions.client(stream, calls.connectTimeout(), credentials, timers),
                    () -> {
                        timers.shutdownNow();
                        fetched.close();
                    });
        }
    }

    /**
     * Returns an executor for the timeouts of calls. The SDK's own one ends only when the timeouts of the calls that were in
     * progress when the client was closed have expired; its threads keep the job's class loader in memory until then.
     */
    private static ScheduledExecutorService timers() {
        ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, TIMERS_THREAD_NAME);
            thread.setDaemon(true);
            return thread;
        });
        timers.setRemoveOnCancelPolicy(true);
        return timers;
    }

    private static KinesisClient client(
            StreamAddress stream,
            CallOptions calls,
            AwsCredentialsProvider credentials,
            ScheduledExecutorService timers) {
        KinesisClientBuilder builder = KinesisClient.builder()
                .region(Region.of(stream.region()))
                .credentialsProvider(credentials)
                .httpClientBuilder(SdkHttpClients.forCalls(stream, calls))
                .overrideConfiguration(
                        // the caller decides on retries, because a throttled read has to slow down its shard
                        override -> override.retryStrategy(AwsRetryStrategy.doNotRetry())
                                .addExecutionInterceptor(new RecordsResponse.Interceptor())
                                .apiCallTimeout(calls.callTimeout())
                                .scheduledExecutorService(timers));
        if (stream.endpoint() != null) {
            builder.endpointOverride(stream.endpoint());
        }
        return builder.build();
    }

    @Override
    public String streamName() {
        return stream.name();
    }

    @Override
    public Instant streamCreated() throws KinesisProxyException {
        return describe(described -> AwsResponses.time(described.streamCreationTimestamp(), "StreamCreationTimestamp"));
    }

    private <R> R describe(Conversion<StreamDescriptionSummary, R> conversion) throws KinesisProxyException {
        DescribeStreamSummaryRequest.Builder request = DescribeStreamSummaryRequest.builder();
        if (stream.isArn()) {
            request.streamARN(stream.nameOrArn());
        } else {
            request.streamName(stream.nameOrArn());
        }
        return call(
                "DescribeStreamSummary",
                () -> client.describeStreamSummary(request.build()),
                response -> conversion.of(
                        AwsResponses.required(response.streamDescriptionSummary(), "StreamDescriptionSummary")));
    }

    @Override
    public List<ShardInfo> listShards(@Nullable Instant openSince) throws KinesisProxyException {
        List<ShardInfo> shards = new ArrayList<>();
        Set<String> usedTokens = new HashSet<>();
        String nextToken = null;
        do {
            ListShardsRequest.Builder request = ListShardsRequest.builder();
            if (stream.isArn()) {
                request.streamARN(stream.nameOrArn());
            }
            if (nextToken != null) {
                request.nextToken(nextToken);
            } else {
                if (!stream.isArn()) {
                    request.streamName(stream.nameOrArn());
                }
                if (openSince != null) {
                    request.shardFilter(ShardFilter.builder()
                            .type(ShardFilterType.FROM_TIMESTAMP)
                            .timestamp(openSince)
                            .build());
                }
            }
            nextToken = call("ListShards", () -> client.listShards(request.build()), response -> {
                        for (Shard shard : response.shards()) {
                            shards.add(AwsResponses.shard(AwsResponses.required(shard, "Shard")));
                        }
                        checkListing(response.nextToken(), usedTokens, shards);
                        return response;
                    })
                    .nextToken();
        } while (nextToken != null);
        return shards;
    }

    private static void checkListing(@Nullable String nextToken, Set<String> usedTokens, List<ShardInfo> shards)
            throws UnreadableResponseException {
        if (nextToken == null) {
            AwsResponses.checkDescent(shards);
        } else if (!usedTokens.add(nextToken)) {
            throw new UnreadableResponseException("NextToken is that of an earlier page");
        }
    }

    @Override
    public String shardIterator(String shardId, ShardPosition position) throws KinesisProxyException {
        GetShardIteratorRequest.Builder request =
                GetShardIteratorRequest.builder().shardId(shardId);
        if (stream.isArn()) {
            request.streamARN(stream.nameOrArn());
        } else {
            request.streamName(stream.nameOrArn());
        }
        if (position instanceof ShardPosition.TrimHorizon) {
            request.shardIteratorType(ShardIteratorType.TRIM_HORIZON);
        } else if (position instanceof ShardPosition.AtTimestamp at) {
            request.shardIteratorType(ShardIteratorType.AT_TIMESTAMP).timestamp(at.timestamp());
        } else if (position instanceof ShardPosition.AfterRecord after) {
            request.shardIteratorType(ShardIteratorType.AFTER_SEQUENCE_NUMBER)
                    .startingSequenceNumber(after.sequenceNumber());
        } else if (position instanceof ShardPosition.InsideRecord inside) {
            request.shardIteratorType(ShardIteratorType.AT_SEQUENCE_NUMBER)
                    .startingSequenceNumber(inside.sequenceNumber());
        }
        return call(
                "GetShardIterator",
                () -> client.getShardIterator(request.build()),
                response -> AwsResponses.required(response.shardIterator(), "ShardIterator"));
    }

    @Override
    public Page records(String shardIterator, int maxRecords) throws KinesisProxyException {
        return call(
                "GetRecords",
                () -> RecordsResponse.get(
                        client,
                        GetRecordsRequest.builder().shardIterator(shardIterator).limit(maxRecords)),
                response -> response.orElseThrow(() -> new UnreadableResponseException("Body is missing"))
                        .page());
    }

    @Override
    public Optional<StreamConsumer> consumer(String name) throws KinesisProxyException {
        String arn = streamArn();
        try {
            return Optional.of(call(
                    "DescribeStreamConsumer",
                    () -> client.describeStreamConsumer(
                            request -> request.streamARN(arn).consumerName(name)),
                    response -> {
                        ConsumerDescription found =
                                AwsResponses.required(response.consumerDescription(), "ConsumerDescription");
                        return consumer(found.consumerARN(), found.consumerStatus());
                    }));
        } catch (KinesisProxyException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                // or the stream itself has been deleted, which this call reports
                describe(described -> described);
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public StreamConsumer registerConsumer(String name) throws KinesisProxyException {
        String arn = streamArn();
        return call(
                "RegisterStreamConsumer",
                () -> client.registerStreamConsumer(
                        request -> request.streamARN(arn).consumerName(name)),
                response -> {
                    Consumer registered = AwsResponses.required(response.consumer(), "Consumer");
                    return consumer(registered.consumerARN(), registered.consumerStatus());
                });
    }

    @Override
    public void deregisterConsumer(String consumerArn) throws KinesisProxyException {
        call(
                "DeregisterStreamConsumer",
                () -> client.deregisterStreamConsumer(request -> request.consumerARN(consumerArn)),
                response -> response);
    }

    @Override
    public ShardSubscription subscribe(
            String consumerArn, String shardId, ShardPosition position, ShardSubscription.Subscriber subscriber) {
        return subscriptions.subscribe(consumerArn, shardId, position, subscriber);
    }

    @Override
    public void close() {
        // in reverse order, and each even if another one fails
        try (dependencies;
                client) {
            subscriptions.close();
        }
    }

    private String streamArn() throws KinesisProxyException {
        String arn = streamArn;
        if (arn == null) {
            arn = describe(described -> AwsResponses.required(described.streamARN(), "StreamARN"));
            streamArn = arn;
        }
        return arn;
    }

    private static StreamConsumer consumer(@Nullable String arn, @Nullable ConsumerStatus status)
            throws UnreadableResponseException {
        return new StreamConsumer(
                AwsResponses.required(arn, "ConsumerARN"),
                AwsResponses.required(status, "ConsumerStatus") == ConsumerStatus.ACTIVE);
    }

    /** Reads a response. */
    @FunctionalInterface
    private interface Conversion<S, R> {
        R of(S response) throws UnreadableResponseException;
    }

    private <S, R> R call(String operation, Supplier<S> call, Conversion<S, R> conversion)
            throws KinesisProxyException {
        try {
            R result = conversion.of(call.get());
            failures.succeeded();
            return result;
        } catch (SdkException | UnreadableResponseException e) {
            throw failures.of(operation, e);
        }
    }
}
