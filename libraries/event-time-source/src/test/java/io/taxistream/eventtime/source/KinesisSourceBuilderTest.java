package io.taxistream.eventtime.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KinesisSourceBuilderTest {

    private static KinesisSource.Builder<?> builder() {
        return KinesisSource.builder(new Feed.Deserializer());
    }

    @Test
    void buildsASerializableSource() throws Exception {
        KinesisSource<?> source = builder().stream("trips")
                .region("eu-west-1")
                .endpoint(URI.create("https://localhost:4567"))
                .build();

        KinesisSource<?> sent = InstantiationUtil.clone(source);

        assertThat(sent.getBoundedness()).isEqualTo(Boundedness.CONTINUOUS_UNBOUNDED);
        assertThat(sent.getProducedType()).isEqualTo(source.getProducedType());
    }

    @Test
    void takesTheRegionFromAnArn() {
        StreamAddress stream = StreamAddress.of("arn:aws:kinesis:us-east-2:123456789012:stream/trips", null, null);

        assertThat(stream.region()).isEqualTo("us-east-2");
        assertThat(stream.isArn()).isTrue();
    }

    @Test
    void namesMissingSettings() {
        assertThatThrownBy(() -> builder().region("eu-west-1").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("stream is missing");
        assertThatThrownBy(() -> builder().stream("trips").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("region is missing");
        assertThatThrownBy(() -> StreamAddress.of("arn:aws", null, null)).hasMessageStartingWith("region is missing");
        assertThatThrownBy(() -> StreamAddress.of("trips", "eu-west-1", URI.create("localhost")))
                .hasMessageStartingWith("endpoint is localhost");
    }

    @Test
    void namesAValueOutOfRange() {
        assertThatThrownBy(() -> builder().pollInterval(Duration.ofMillis(199)))
                .hasMessageContaining("pollInterval must be at least 200 ms, but is 199 ms");
        assertThatThrownBy(() -> builder().discoveryInterval(Duration.ZERO)).hasMessageContaining("discoveryInterval");
        assertThatThrownBy(() -> builder().watermarkInterval(Duration.ZERO)).hasMessageContaining("watermarkInterval");
        assertThatThrownBy(() -> builder().maxRecordsPerRead(10_001)).hasMessageContaining("but is 10001");
        assertThatThrownBy(() -> builder().maxReadThreads(0)).hasMessageContaining("but is 0");
        assertThatThrownBy(() -> builder().connectTimeout(Duration.ofMillis(9))).hasMessageContaining("connectTimeout");
        assertThatThrownBy(() -> builder().readTimeout(Duration.ZERO)).hasMessageContaining("readTimeout");
        assertThatThrownBy(() -> builder().callTimeout(Duration.ZERO)).hasMessageContaining("callTimeout");
        assertThatThrownBy(() -> builder().maxRetryDelay(Duration.ofMillis(199)))
                .hasMessageContaining("maxRetryDelay must be at least 200 ms, but is 199 ms");
        assertThatThrownBy(() -> builder().stream("trips")
                        .region("eu-west-1")
                        .callTimeout(Duration.ofSeconds(14))
                        .build())
                .hasMessage(
                        "callTimeout is 14000 ms; it must be at least connectTimeout (5000 ms) and readTimeout (15000"
                                + " ms)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://localhost:4567", "http://127.0.0.1:4567", "https://[::1]:4567"})
    void trustsAnyCertificateOnLoopback(String endpoint) {
        assertThat(StreamAddress.of("trips", "eu-west-1", URI.create(endpoint)).isLoopback())
                .isTrue();
    }

    @Test
    void verifiesCertificatesOfOtherHosts() {
        assertThat(StreamAddress.of("trips", "eu-west-1", URI.create("https://192.0.2.1:4567"))
                        .isLoopback())
                .isFalse();
        assertThat(StreamAddress.of("trips", "eu-west-1", null).isLoopback()).isFalse();
    }
}
