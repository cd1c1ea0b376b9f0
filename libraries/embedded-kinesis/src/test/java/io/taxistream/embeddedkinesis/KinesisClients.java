package io.taxistream.embeddedkinesis;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.SdkHttpConfigurationOption;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.utils.AttributeMap;

/** Clients of the AWS SDK for an embedded endpoint, and what tests do with them again and again. */
final class KinesisClients {

    private KinesisClients() {}

    /** A client that tries once, so that tests see every refusal. */
    static KinesisClient withoutRetries(URI endpoint) {
        return client(endpoint, 1);
    }

    static KinesisClient client(URI endpoint, int attempts) {
        return KinesisClient.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .httpClient(Apache5HttpClient.builder()
                        .socketTimeout(Duration.ofSeconds(10))
                        .buildWithDefaults(AttributeMap.builder()
                                .put(SdkHttpConfigurationOption.TRUST_ALL_CERTIFICATES, true)
                                .build()))
                .overrideConfiguration(
                        config -> config.retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                .maxAttempts(attempts)
                                .build()))
                .build();
    }

    static String iterator(KinesisClient client, String stream, String shardId, ShardIteratorType type) {
        return client.getShardIterator(
                        request -> request.streamName(stream).shardId(shardId).shardIteratorType(type))
                .shardIterator();
    }

    /** Reads a shard from its start until nothing more is there. */
    static List<Record> readAll(KinesisClient client, String stream, String shardId) {
        List<Record> records = new ArrayList<>();
        String iterator = iterator(client, stream, shardId, ShardIteratorType.TRIM_HORIZON);
        while (iterator != null) {
            String from = iterator;
            GetRecordsResponse response = client.getRecords(request -> request.shardIterator(from));
            records.addAll(response.records());
            iterator = response.millisBehindLatest() == 0 ? null : response.nextShardIterator();
        }
        return records;
    }

    static void put(KinesisClient client, String stream, String partitionKey, String data) {
        client.putRecord(
                request -> request.streamName(stream).partitionKey(partitionKey).data(SdkBytes.fromUtf8String(data)));
    }
}
