package io.taxistream.eventtime.source;

import java.time.Duration;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpConfigurationOption;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.utils.AttributeMap;

/**
 * HTTP clients for the SDK's clients. They are passed as builders, because an SDK client closes only an HTTP client that it has
 * built itself; the threads of one that stays open keep the job's class loader in memory after the job.
 */
final class SdkHttpClients {

    private SdkHttpClients() {}

    /** Returns a builder of a client for single calls. */
    static SdkHttpClient.Builder<?> forCalls(StreamAddress stream, CallOptions calls) {
        return new ForCalls(
                Apache5HttpClient.builder()
                        .connectionTimeout(calls.connectTimeout())
                        .socketTimeout(calls.readTimeout())
                        .proxyConfiguration(software.amazon.awssdk.http.apache5.ProxyConfiguration.builder()
                                .useSystemPropertyValues(usesProxy(stream))
                                .useEnvironmentVariableValues(usesProxy(stream))
                                .build()),
                trust(stream));
    }

    /**
     * Returns a builder of a client for subscriptions.
     *
     * @param readTimeout maximum time without data from a subscription
     * @param maxConcurrency maximum number of subscriptions
     */
    static SdkAsyncHttpClient.Builder<?> forSubscriptions(
            StreamAddress stream, Duration connectTimeout, Duration readTimeout, int maxConcurrency) {
        return new ForSubscriptions(
                NettyNioAsyncHttpClient.builder()
                        .protocol(Protocol.HTTP2)
                        .connectionTimeout(connectTimeout)
                        .readTimeout(readTimeout)
                        .maxConcurrency(maxConcurrency)
                        .proxyConfiguration(software.amazon.awssdk.http.nio.netty.ProxyConfiguration.builder()
                                .useSystemPropertyValues(usesProxy(stream))
                                .useEnvironmentVariableValues(usesProxy(stream))
                                .build()),
                trust(stream));
    }

    /** Returns whether to use the proxy of the environment, but not for this machine, which no proxy can reach. */
    private static boolean usesProxy(StreamAddress stream) {
        return !stream.isLoopback();
    }

    /** Only this machine is trusted without a valid certificate. */
    private static AttributeMap trust(StreamAddress stream) {
        return AttributeMap.builder()
                .put(SdkHttpConfigurationOption.TRUST_ALL_CERTIFICATES, stream.isLoopback())
                .build();
    }

    private record ForCalls(Apache5HttpClient.Builder http, AttributeMap trust)
            implements SdkHttpClient.Builder<ForCalls> {

        @Override
        public SdkHttpClient buildWithDefaults(AttributeMap defaults) {
            return http.buildWithDefaults(trust.merge(defaults));
        }
    }

    private record ForSubscriptions(NettyNioAsyncHttpClient.Builder http, AttributeMap trust)
            implements SdkAsyncHttpClient.Builder<ForSubscriptions> {

        @Override
        public SdkAsyncHttpClient buildWithDefaults(AttributeMap defaults) {
            return http.buildWithDefaults(trust.merge(defaults));
        }
    }
}
