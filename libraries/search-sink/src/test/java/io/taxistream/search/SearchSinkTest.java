package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Serializable;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SearchSinkTest {

    @ParameterizedTest
    @ValueSource(strings = {"search.example.org", "ftp://search.example.org", "https:///path", "https://h/?a=b"})
    void rejectsInvalidEndpoints(String endpoint) {
        assertThatThrownBy(() -> SearchSink.builder().endpoint(URI.create(endpoint)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(endpoint)
                .hasMessageContaining("http[s]://HOST[:PORT][/PATH]");
    }

    @Test
    void rejectsCredentialsInTheEndpointWithoutRepeatingThem() {
        assertThatThrownBy(() -> SearchSink.builder().endpoint(URI.create("https://admin:hunter2@search.example.org")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("contains credentials")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void rejectsLimitsOutOfRange() {
        SearchSink.Builder<Object> builder = SearchSink.builder();

        assertThatThrownBy(() -> builder.bulkActions(0)).hasMessage("bulk actions must be 1 to 100000, but is 0");
        assertThatThrownBy(() -> builder.bulkBytes(-1)).hasMessage("bulk bytes must be 1 to 104857600, but is -1");
        assertThatThrownBy(() -> builder.maxInFlightRequests(1_001)).hasMessageContaining("in-flight requests");
        assertThatThrownBy(() -> builder.flushInterval(Duration.ZERO)).hasMessageContaining("flush interval");
        assertThatThrownBy(() -> builder.retryTimeout(Duration.ofNanos(1))).hasMessageContaining("retry timeout");
        assertThatThrownBy(() -> builder.requestTimeout(Duration.ZERO)).hasMessageContaining("request timeout");
        assertThatThrownBy(() -> builder.connectTimeout(Duration.ZERO)).hasMessageContaining("connect timeout");
        assertThatThrownBy(() -> builder.maxRetryDelay(Duration.ofMillis(199)))
                .hasMessage("max retry delay must be at least 200 ms, but is PT0.199S");
        assertThatThrownBy(() -> builder.deadLettersToIndex("")).hasMessageContaining("suffix");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://search.example.org", "http://127.evil.example:9200"})
    void rejectsBasicAuthenticationOverHttpUnlessAllowed(String endpoint) {
        SearchSink.Builder<Object> builder = SearchSink.builder()
                .endpoint(URI.create(endpoint))
                .documents(any -> SearchDocument.of("counts", "1", "{}"));

        builder.authentication(new Authentication.BasicFromFile("/etc/secret"));
        assertThatThrownBy(builder::build).hasMessageContaining(endpoint + " would receive user and password");
        builder.authentication(new Authentication.BasicFromEnvironment());
        assertThatThrownBy(builder::build).hasMessageContaining("use https, or allow it with basicOverHttp");

        assertThat(builder.basicOverHttp(true).build()).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({
        "https://search.example.org, BASIC",
        "http://localhost:9200, BASIC",
        "http://search.example.org, NONE",
    })
    void acceptsCredentialsOverTlsAndLoopback(String endpoint, String kind) {
        var sink = SearchSink.builder()
                .endpoint(URI.create(endpoint))
                .authentication(
                        kind.equals("BASIC") ? new Authentication.BasicFromEnvironment() : new Authentication.None())
                .documents(any -> SearchDocument.of("counts", "1", "{}"))
                .build();

        assertThat(sink).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({
        "-0.1, 1, 'share of dead letters'",
        "1.1, 1, share",
        "NaN, 1, share",
        "0.5, 0, minimum number of documents"
    })
    void rejectsAnInvalidDeadLetterLimit(double share, int documents, String message) {
        assertThatThrownBy(() -> SearchSink.builder().deadLetterLimit(share, documents))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    /** Serialization would fail on Flink 2, which looks at the types of these methods and does not have all of them. */
    @Test
    void serializableClassesUseNoTypeOfFlink1Only() {
        assertThat(SearchSink.class.getDeclaredMethods())
                .flatExtracting(method -> List.of(method.getParameterTypes()))
                .extracting(Class::getName)
                .doesNotContain("org.apache.flink.api.connector.sink2.Sink$InitContext");
        assertThat(Serializable.class.isAssignableFrom(Flink1Sink.class)).isFalse();
    }

    @Test
    void namesMissingSettings() {
        SearchSink.Builder<Object> builder = SearchSink.builder();

        assertThatThrownBy(builder::build).hasMessage("endpoint is missing; set the URL of the search engine");
        builder.endpoint(URI.create("http://localhost:9200"));
        assertThatThrownBy(builder::build).hasMessageContaining("documents is missing");
    }

    @Test
    void documentsNeedAnIndexAndAnId() {
        assertThatThrownBy(() -> SearchDocument.of("", "1", "{}")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SearchDocument.of("counts", "", "{}")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void documentsCompareByContentAndHideItInToString() {
        SearchDocument document = SearchDocument.of("counts", "1", "{\"n\":1}");

        assertThat(document)
                .isEqualTo(SearchDocument.of("counts", "1", "{\"n\":1}"))
                .hasSameHashCodeAs(SearchDocument.of("counts", "1", "{\"n\":1}"))
                .isNotEqualTo(SearchDocument.of("counts", "1", "{\"n\":2}"))
                .hasToString("counts/1 (7 bytes)");
    }
}
