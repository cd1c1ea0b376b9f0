package io.taxistream.embeddedkinesis;

import java.net.URI;
import java.util.function.Consumer;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.ProtocolNegotiation;
import software.amazon.awssdk.http.SdkHttpConfigurationOption;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.utils.AttributeMap;
import software.amazon.awssdk.utils.ThreadFactoryBuilder;

/** The AWS SDK's asynchronous client, which speaks HTTP/2, with a single attempt. */
final class AsyncClients {

    /** All clients share it: a client that closes its own waits for two seconds. */
    private static final SdkEventLoopGroup EVENT_LOOPS = SdkEventLoopGroup.builder()
            .numberOfThreads(2)
            .threadFactory(new ThreadFactoryBuilder()
                    .daemonThreads(true)
                    .threadNamePrefix("async-clients")
                    .build())
            .build();

    private AsyncClients() {}

    /** Begins with HTTP/2 unasked, as is the client's default. */
    static KinesisAsyncClient once(URI endpoint) {
        return once(endpoint, http -> {});
    }

    /** Agrees on HTTP/2 while the TLS connection is made. */
    static KinesisAsyncClient negotiating(URI endpoint) {
        return once(endpoint, http -> http.protocolNegotiation(ProtocolNegotiation.ALPN));
    }

    private static KinesisAsyncClient once(URI endpoint, Consumer<NettyNioAsyncHttpClient.Builder> settings) {
        return KinesisAsyncClient.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .httpClientBuilder(new TrustingHttpClient(settings))
                .overrideConfiguration(
                        config -> config.retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                .maxAttempts(1)
                                .build()))
                .build();
    }

    /** Trusts any certificate, and takes from the service's client that it is to speak HTTP/2. */
    private record TrustingHttpClient(Consumer<NettyNioAsyncHttpClient.Builder> settings)
            implements SdkAsyncHttpClient.Builder<TrustingHttpClient> {

        @Override
        public SdkAsyncHttpClient buildWithDefaults(AttributeMap defaults) {
            NettyNioAsyncHttpClient.Builder http =
                    NettyNioAsyncHttpClient.builder().eventLoopGroup(EVENT_LOOPS);
            settings.accept(http);
            return http.buildWithDefaults(defaults.merge(AttributeMap.builder()
                    .put(SdkHttpConfigurationOption.TRUST_ALL_CERTIFICATES, true)
                    .build()));
        }
    }
}
