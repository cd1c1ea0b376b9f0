package io.taxistream.eventtime.sender;

import io.taxistream.eventtime.WatermarkRecord;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpConfigurationOption;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.apache5.ProxyConfiguration;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.KinesisClientBuilder;
import software.amazon.awssdk.services.kinesis.model.GetRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.kinesis.model.ListShardsRequest;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResultEntry;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.utils.AttributeMap;

/** Accesses Kinesis through the AWS SDK, with a few concurrent calls. */
final class SdkStreamClient implements StreamClient, ShardReader {

    private static final int THREADS = 8;
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);

    /** Maximum number of records that Kinesis accepts per call. */
    private static final int RECORDS_PER_CALL = 500;

    private final KinesisClient kinesis;
    private final SdkHttpClient http;
    private final String stream;
    private final StreamEndpoint endpoint;
    private final ExecutorService executor;

    SdkStreamClient(String stream, StreamEndpoint endpoint, AwsCredentialsProvider credentials) {
        this.stream = stream;
        this.endpoint = endpoint;
        AttributeMap options = AttributeMap.builder()
                .put(SdkHttpConfigurationOption.TRUST_ALL_CERTIFICATES, endpoint.isLoopback())
                .build();
        // No proxy can reach this machine.
        ProxyConfiguration proxy = ProxyConfiguration.builder()
                .useSystemPropertyValues(!endpoint.isLoopback())
                .useEnvironmentVariableValues(!endpoint.isLoopback())
                .build();
        this.http = Apache5HttpClient.builder()
                .maxConnections(THREADS + 2)
                .proxyConfiguration(proxy)
                .buildWithDefaults(options);
        KinesisClientBuilder builder = KinesisClient.builder()
                .region(Region.of(endpoint.region()))
                .credentialsProvider(credentials)
                .httpClient(http)
                // The caller retries with the then current watermark.
                .overrideConfiguration(
                        config -> config.apiCallTimeout(CALL_TIMEOUT).retryStrategy(AwsRetryStrategy.doNotRetry()));
        if (endpoint.uri() != null) {
            builder.endpointOverride(endpoint.uri());
        }
        this.kinesis = builder.build();
        var threadNumber = new AtomicInteger();
        this.executor = Executors.newFixedThreadPool(THREADS, task -> {
            var thread = new Thread(task, "watermarks-" + threadNumber.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public CompletableFuture<List<OpenShard>> openShards() {
        return call(() -> listShards(ShardFilterType.AT_LATEST).stream()
                .map(shard -> new OpenShard(
                        shard.shardId(), new BigInteger(shard.hashKeyRange().startingHashKey())))
                .toList());
    }

    @Override
    public List<CompletableFuture<String>> put(List<BigInteger> hashKeys, byte[] data) {
        List<CompletableFuture<String>> results = new ArrayList<>();
        SdkBytes bytes = SdkBytes.fromByteArrayUnsafe(data);
        for (int from = 0; from < hashKeys.size(); from += RECORDS_PER_CALL) {
            List<PutRecordsRequestEntry> records =
                    hashKeys.subList(from, Math.min(from + RECORDS_PER_CALL, hashKeys.size())).stream()
                            .map(hashKey -> PutRecordsRequestEntry.builder()
                                    .partitionKey(WatermarkRecord.PARTITION_KEY)
                                    .explicitHashKey(hashKey.toString())
                                    .data(bytes)
                                    .build())
                            .toList();
            var response = call(() -> kinesis.putRecords(
                            request -> request.streamName(stream).records(records))
                    .records());
            for (int i = 0; i < records.size(); i++) {
                int index = i;
                results.add(response.thenApply(answers -> shardOf(answers.get(index))));
            }
        }
        return results;
    }

    private static String shardOf(PutRecordsResultEntry answer) {
        if (answer.errorCode() != null) {
            throw new IllegalStateException(answer.errorCode() + ": " + firstSentence(answer.errorMessage()));
        }
        return answer.shardId();
    }

    @Override
    public List<ReadableShard> shards() {
        return translating(() -> listShards(ShardFilterType.FROM_TRIM_HORIZON).stream()
                .map(shard -> new ReadableShard(
                        shard.shardId(),
                        Stream.of(shard.parentShardId(), shard.adjacentParentShardId())
                                .filter(Objects::nonNull)
                                .toList(),
                        isOpen(shard)))
                .toList());
    }

    @Override
    public String iterator(String shardId, @Nullable Instant from) {
        var request = GetShardIteratorRequest.builder()
                .streamName(stream)
                .shardId(shardId)
                .shardIteratorType(from == null ? ShardIteratorType.TRIM_HORIZON : ShardIteratorType.AT_TIMESTAMP)
                .timestamp(from)
                .build();
        return translating(() -> kinesis.getShardIterator(request).shardIterator());
    }

    @Override
    public Page read(String iterator) {
        return translating(() -> {
            var response = kinesis.getRecords(
                    GetRecordsRequest.builder().shardIterator(iterator).build());
            List<ArrivedRecord> records = response.records().stream()
                    .map(record -> new ArrivedRecord(
                            record.approximateArrivalTimestamp(), record.data().asByteArrayUnsafe()))
                    .toList();
            return new Page(records, response.nextShardIterator(), response.millisBehindLatest() == 0);
        });
    }

    @Override
    public void close() {
        executor.shutdownNow();
        kinesis.close();
        http.close();
    }

    private <T> CompletableFuture<T> call(Supplier<T> supplier) {
        return CompletableFuture.supplyAsync(() -> translating(supplier), executor);
    }

    private <T> T translating(Supplier<T> supplier) {
        try {
            return supplier.get();
        } catch (SdkException e) {
            throw translated(e);
        }
    }

    private List<Shard> listShards(ShardFilterType which) {
        List<Shard> shards = new ArrayList<>();
        String next = null;
        do {
            var request = ListShardsRequest.builder();
            if (next == null) {
                request.streamName(stream).shardFilter(filter -> filter.type(which));
            } else {
                request.nextToken(next);
            }
            ListShardsResponse response = kinesis.listShards(request.build());
            shards.addAll(response.shards());
            next = response.nextToken();
        } while (next != null);
        return shards;
    }

    private static boolean isOpen(Shard shard) {
        return shard.sequenceNumberRange().endingSequenceNumber() == null;
    }

    /** Translates failures that do not go away by themselves to {@link SenderFailedException}. */
    private RuntimeException translated(SdkException e) {
        if (!(e instanceof AwsServiceException service) || service.awsErrorDetails() == null) {
            return new IllegalStateException(
                    endpoint.shown() + " cannot be reached: " + firstSentence(e.getMessage())
                            + "; check the network, the region and the endpoint",
                    e);
        }
        String code = String.valueOf(service.awsErrorDetails().errorCode());
        String message = firstSentence(service.awsErrorDetails().errorMessage());
        return switch (code) {
            case "ResourceNotFoundException" ->
                new SenderFailedException(
                        "stream " + stream + " does not exist at " + endpoint.shown()
                                + "; check its name and region, or create it",
                        e);
            case "AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException" ->
                new SenderFailedException(
                        "access to stream " + stream + " is denied (" + code + ": " + message
                                + "); the credentials must allow kinesis:ListShards, kinesis:PutRecords and"
                                + " kinesis:DescribeStreamSummary on it, and kinesis:GetShardIterator and"
                                + " kinesis:GetRecords to find its last watermark",
                        e);
            default -> new IllegalStateException(code + ": " + message, e);
        };
    }

    /** Drops the SDK's lengthy speculation about possible causes. */
    private static String firstSentence(@Nullable String text) {
        String line = text == null ? "no message" : text.lines().findFirst().orElse("no message");
        int end = line.indexOf(". ");
        return end < 0 ? line : line.substring(0, end);
    }
}
