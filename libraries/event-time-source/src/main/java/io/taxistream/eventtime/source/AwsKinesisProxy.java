package io.taxistream.eventtime.source;

import io.taxistream.credentials.FetchedCredentials;
import io.taxistream.credentials.MissingCredentialsException;
import io.taxistream.eventtime.source.KinesisProxyException.Kind;
import java.io.BufferedInputStream;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpConfigurationOption;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.KinesisClientBuilder;
import software.amazon.awssdk.services.kinesis.model.DescribeStreamSummaryRequest;
import software.amazon.awssdk.services.kinesis.model.ExpiredIteratorException;
import software.amazon.awssdk.services.kinesis.model.ExpiredNextTokenException;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.KmsThrottlingException;
import software.amazon.awssdk.services.kinesis.model.LimitExceededException;
import software.amazon.awssdk.services.kinesis.model.ListShardsRequest;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilter;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.ValidationException;
import software.amazon.awssdk.services.sts.model.StsException;
import software.amazon.awssdk.utils.AttributeMap;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/** Calls Kinesis with the AWS SDK, and says of each failure what kind it is. */
final class AwsKinesisProxy implements KinesisProxy {

    /** Names the sessions of assumed roles, in the logs of the stream's account. */
    private static final String SESSION_NAME = "event-time-source";

    /** Credentials or clocks that are about to be renewed: the next attempt signs anew. */
    private static final Set<String> SIGNATURE_TOO_OLD =
            Set.of("ExpiredToken", "ExpiredTokenException", "RequestExpired", "RequestTimeTooSkewed");

    private static final String NO_CREDENTIALS = "Unable to load credentials";

    private final StreamAddress stream;
    private final KinesisClient client;
    private final SdkAutoCloseable credentials;

    /** Whether a call has succeeded: before that, missing credentials are a mistake, and later a trouble that passes. */
    private volatile boolean succeededOnce;

    AwsKinesisProxy(StreamAddress stream, KinesisClient client) {
        this(stream, client, () -> {});
    }

    /** @param credentials closed after the client */
    private AwsKinesisProxy(StreamAddress stream, KinesisClient client, SdkAutoCloseable credentials) {
        this.stream = stream;
        this.client = client;
        this.credentials = credentials;
    }

    /** Makes proxies of one stream, each with a client of its own. */
    record Factory(StreamAddress stream, CallOptions calls) implements KinesisProxy.Factory {

        @Override
        public KinesisProxy create() {
            FetchedCredentials credentials = calls.credentials().open(stream.region(), SESSION_NAME);
            return new AwsKinesisProxy(stream, client(stream, calls, credentials), credentials);
        }
    }

    private static KinesisClient client(StreamAddress stream, CallOptions calls, FetchedCredentials credentials) {
        AttributeMap http = AttributeMap.builder()
                .put(SdkHttpConfigurationOption.TRUST_ALL_CERTIFICATES, stream.isLoopback())
                .build();
        KinesisClientBuilder builder = KinesisClient.builder()
                .region(Region.of(stream.region()))
                .credentialsProvider(credentials)
                .httpClient(Apache5HttpClient.builder()
                        .connectionTimeout(calls.connectTimeout())
                        .socketTimeout(calls.readTimeout())
                        .buildWithDefaults(http))
                .overrideConfiguration(
                        // who calls decides on retries, because a throttled read has to slow down its shard
                        override -> override.retryStrategy(AwsRetryStrategy.doNotRetry())
                                .addExecutionInterceptor(new LargeReads())
                                .apiCallTimeout(calls.callTimeout()));
        if (stream.endpoint() != null) {
            builder.endpointOverride(stream.endpoint());
        }
        return builder.build();
    }

    /** Reads answers from the network in large pieces; the parser asks for small ones, each a system call. */
    private static final class LargeReads implements ExecutionInterceptor {

        private static final int BYTES = 1 << 16;

        @Override
        public Optional<InputStream> modifyHttpResponseContent(
                Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
            return context.responseBody().map(body -> new BufferedInputStream(body, BYTES));
        }
    }

    @Override
    public String streamName() {
        return stream.name();
    }

    @Override
    public Instant streamCreated() throws KinesisProxyException {
        DescribeStreamSummaryRequest.Builder request = DescribeStreamSummaryRequest.builder();
        if (stream.isArn()) {
            request.streamARN(stream.nameOrArn());
        } else {
            request.streamName(stream.nameOrArn());
        }
        return call("DescribeStreamSummary", () -> client.describeStreamSummary(request.build()))
                .streamDescriptionSummary()
                .streamCreationTimestamp();
    }

    @Override
    public List<ShardInfo> listShards(@Nullable Instant openSince) throws KinesisProxyException {
        List<ShardInfo> shards = new ArrayList<>();
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
            ListShardsResponse response = call("ListShards", () -> client.listShards(request.build()));
            response.shards().forEach(shard -> shards.add(info(shard)));
            nextToken = response.nextToken();
        } while (nextToken != null);
        return shards;
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
        return call("GetShardIterator", () -> client.getShardIterator(request.build()))
                .shardIterator();
    }

    @Override
    public Page records(String shardIterator, int maxRecords) throws KinesisProxyException {
        GetRecordsResponse response = call(
                "GetRecords",
                () -> client.getRecords(
                        request -> request.shardIterator(shardIterator).limit(maxRecords)));
        List<KinesisRecord> records = new ArrayList<>(response.records().size());
        for (Record record : response.records()) {
            records.add(new KinesisRecord(
                    record.sequenceNumber(),
                    ByteBuffer.wrap(record.data().asByteArrayUnsafe()),
                    record.partitionKey(),
                    record.approximateArrivalTimestamp()));
        }
        Long millisBehindLatest = response.millisBehindLatest();
        return new Page(records, response.nextShardIterator(), millisBehindLatest == null ? 0 : millisBehindLatest);
    }

    @Override
    public void close() {
        client.close();
        credentials.close();
    }

    private static ShardInfo info(Shard shard) {
        List<String> parents = new ArrayList<>();
        if (shard.parentShardId() != null) {
            parents.add(shard.parentShardId());
        }
        if (shard.adjacentParentShardId() != null) {
            parents.add(shard.adjacentParentShardId());
        }
        return new ShardInfo(
                shard.shardId(),
                parents,
                new BigInteger(shard.hashKeyRange().startingHashKey()),
                new BigInteger(shard.hashKeyRange().endingHashKey()));
    }

    private <R> R call(String operation, Supplier<R> call) throws KinesisProxyException {
        try {
            R response = call.get();
            succeededOnce = true;
            return response;
        } catch (AwsServiceException e) {
            throw failed(operation, kindOf(e), reason(e), e);
        } catch (MissingCredentialsException e) {
            throw failed(operation, succeededOnce ? Kind.TEMPORARY : Kind.FATAL, String.valueOf(e.getMessage()), e);
        } catch (SdkClientException e) {
            String message = String.valueOf(e.getMessage());
            if (!succeededOnce && message.startsWith(NO_CREDENTIALS)) {
                throw failed(
                        operation,
                        Kind.FATAL,
                        "no AWS credentials were found; set them in the environment, or run with an instance role",
                        e);
            }
            throw failed(operation, Kind.TEMPORARY, message, e);
        } catch (SdkException e) {
            throw failed(operation, Kind.TEMPORARY, String.valueOf(e.getMessage()), e);
        }
    }

    private static Kind kindOf(AwsServiceException e) {
        if (e instanceof ProvisionedThroughputExceededException
                || e instanceof LimitExceededException
                || e instanceof KmsThrottlingException
                || e.isThrottlingException()) {
            return Kind.THROTTLED;
        }
        if (e instanceof ExpiredIteratorException) {
            return Kind.ITERATOR_EXPIRED;
        }
        if (e instanceof ResourceNotFoundException) {
            return Kind.NOT_FOUND;
        }
        if (e instanceof InvalidArgumentException || e instanceof ValidationException) {
            return Kind.INVALID_ARGUMENT;
        }
        if (e instanceof ResourceInUseException
                || e instanceof ExpiredNextTokenException
                || e.statusCode() >= 500
                || SIGNATURE_TOO_OLD.contains(errorCode(e))) {
            return Kind.TEMPORARY;
        }
        return Kind.FATAL;
    }

    private String reason(AwsServiceException e) {
        String said = e.awsErrorDetails() == null
                ? String.valueOf(e.getMessage())
                : e.awsErrorDetails().errorCode() + ": " + e.awsErrorDetails().errorMessage();
        if (e instanceof StsException) {
            return "the role cannot be assumed; check that its trust policy admits the job's own role, and the external id"
                    + " if it asks for one (" + said + ")";
        }
        if (e instanceof ResourceNotFoundException) {
            return "it does not exist, or no longer; check its name and region (" + said + ")";
        }
        if (errorCode(e).startsWith("AccessDenied")) {
            return "access is denied; allow the call in the policy of the job's role (" + said + ")";
        }
        return said;
    }

    private static String errorCode(AwsServiceException e) {
        return e.awsErrorDetails() == null || e.awsErrorDetails().errorCode() == null
                ? ""
                : e.awsErrorDetails().errorCode();
    }

    private KinesisProxyException failed(String operation, Kind kind, String reason, SdkException cause) {
        return new KinesisProxyException(kind, "kinesis:" + operation + " on " + stream + " failed: " + reason, cause);
    }
}
