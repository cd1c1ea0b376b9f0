package io.taxistream.eventtime.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.credentials.CredentialsSource;
import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** Calls to an endpoint on this machine although a proxy is configured, at an address where nothing listens. */
class LoopbackProxyTest {

    private static final String STREAM = "readings";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final List<String> SCHEMES = List.of("http", "https");

    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();

    private EmbeddedKinesis kinesis;

    @BeforeEach
    void start() throws Exception {
        kinesis = EmbeddedKinesis.builder().region("eu-west-1").start();
        kinesis.createStream(STREAM, 1);
        for (String scheme : SCHEMES) {
            System.setProperty(scheme + ".proxyHost", "127.0.0.1");
            System.setProperty(scheme + ".proxyPort", "1");
        }
        System.setProperty("http.nonProxyHosts", "other.example");
    }

    @AfterEach
    void stop() {
        for (String scheme : SCHEMES) {
            System.clearProperty(scheme + ".proxyHost");
            System.clearProperty(scheme + ".proxyPort");
        }
        System.clearProperty("http.nonProxyHosts");
        timers.shutdownNow();
        kinesis.close();
    }

    @Test
    void readsBypassTheProxy() throws Exception {
        for (URI endpoint : List.of(kinesis.httpEndpoint(), kinesis.httpsEndpoint())) {
            try (KinesisProxy proxy = new AwsKinesisProxy.Factory(
                            address(endpoint),
                            new CallOptions(new CredentialsSource.DefaultChain(), TIMEOUT, TIMEOUT, TIMEOUT))
                    .create()) {
                assertThat(proxy.listShards(Instant.EPOCH))
                        .as(endpoint.toString())
                        .hasSize(1);
            }
        }
    }

    @Test
    void subscriptionsBypassTheProxy() throws Exception {
        var credentials = StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));
        for (URI endpoint : List.of(kinesis.httpEndpoint(), kinesis.httpsEndpoint())) {
            try (KinesisAsyncClient client = AwsSubscriptions.client(address(endpoint), TIMEOUT, credentials, timers)) {
                assertThat(client.listShards(request -> request.streamName(STREAM))
                                .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                                .shards())
                        .as(endpoint.toString())
                        .hasSize(1);
            }
        }
    }

    private static StreamAddress address(URI endpoint) {
        return StreamAddress.of(STREAM, "eu-west-1", endpoint);
    }
}
