package io.taxistream.embeddedkinesis;

import java.net.URI;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.ProtocolNegotiation;
import software.amazon.awssdk.http.SdkHttpConfigurationOption;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.utils.AttributeMap;

/**
 * The AWS SDK's asynchronous client, which speaks HTTP/2, with a single attempt. All share their connections, which last as
 * long as the tests do: a client that closes its own takes two seconds.
 */
final class AsyncClients {

    private static final int MAX_SUBSCRIPTIONS = 1_000;

    private static final SdkAsyncHttpClient PRIOR_KNOWLEDGE = http(ProtocolNegotiation.ASSUME_PROTOCOL);
    private static final SdkAsyncHttpClient SEPARATE = http(ProtocolNegotiation.ASSUME_PROTOCOL);
    private static final SdkAsyncHttpClient NEGOTIATING = http(ProtocolNegotiation.ALPN);

    private AsyncClients() {}

    /** Begins with HTTP/2 unasked, as is the client's default. */
    static KinesisAsyncClient withoutRetries(URI endpoint) {
        return withoutRetries(endpoint, PRIOR_KNOWLEDGE);
    }

    /** As {@link #withoutRetries(URI)}, but shares no connection with it. */
    static KinesisAsyncClient separate(URI endpoint) {
        return withoutRetries(endpoint, SEPARATE);
    }

    /** Agrees on HTTP/2 while the TLS connection is made. */
    static KinesisAsyncClient negotiating(URI endpoint) {
        return withoutRetries(endpoint, NEGOTIATING);
    }

    private static KinesisAsyncClient withoutRetries(URI endpoint, SdkAsyncHttpClient http) {
        return KinesisAsyncClient.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .httpClient(http)
                .overrideConfiguration(
                        config -> config.retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                .maxAttempts(1)
                                .build()))
                .build();
    }

    private static SdkAsyncHttpClient http(ProtocolNegotiation negotiation) {
        return NettyNioAsyncHttpClient.builder()
                .protocol(Protocol.HTTP2)
                .protocolNegotiation(negotiation)
                .maxConcurrency(MAX_SUBSCRIPTIONS)
                // a busy machine may delay the server for longer than the client's health check allows
                .http2Configuration(http2 -> http2.healthCheckPingPeriod(Duration.ZERO))
                .buildWithDefaults(AttributeMap.builder()
                        .put(SdkHttpConfigurationOption.TRUST_ALL_CERTIFICATES, true)
                        .build());
    }
}
