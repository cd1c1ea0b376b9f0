package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IndexTemplateTest {

    private static final String TEMPLATES = """
            {"counts": {"priority": 7, "template": {"mappings": {"properties": {"n": {"type": "long"}}}}},
             "times": {"template": {"mappings": {"properties": {"t": {"type": "date"}}}}}}
            """;

    private final FakeSearchEngine engine = new FakeSearchEngine();
    private final List<Long> waits = new ArrayList<>();

    @AfterEach
    void close() {
        engine.close();
    }

    @Test
    void isNamedAfterPrefixAndField() {
        assertThat(IndexTemplate.readAll("taxi", TEMPLATES))
                .extracting(IndexTemplate::name)
                .containsExactly("taxi-counts", "taxi-times");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{ | index templates: not JSON",
                "[] | index templates: not a JSON object",
                "{\"counts\": {}} | index template taxi-counts needs an object template.mappings",
                "{\"Counts\": {\"template\": {\"mappings\": {}}}} | index name 'taxi-Counts'",
            })
    void explainsAnInvalidTemplate(String json, String message) {
        assertThatThrownBy(() -> IndexTemplate.readAll("taxi", json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void appliesOnlyToItsOwnIndex() throws IOException {
        install();

        assertThat(engine.puts)
                .containsExactly(
                        "/_index_template/taxi-counts",
                        "/taxi-counts/_mapping",
                        "/_index_template/taxi-times",
                        "/taxi-times/_mapping");
        JsonNode body = new ObjectMapper().readTree(engine.templates.get("taxi-counts"));
        assertThat(body.get("index_patterns").toString()).isEqualTo("[\"taxi-counts\"]");
        assertThat(body.get("priority").asInt()).isEqualTo(7);
        assertThat(body.at("/template/mappings/properties/n/type").asText()).isEqualTo("long");
    }

    @Test
    void encodesItsNameInThePath() throws IOException {
        install("caf\u00e9+50%");

        assertThat(engine.puts)
                .startsWith("/_index_template/caf%C3%A9%2B50%25-counts", "/caf%C3%A9%2B50%25-counts/_mapping");
        JsonNode body = new ObjectMapper().readTree(engine.templates.get("caf%C3%A9%2B50%25-counts"));
        assertThat(body.at("/index_patterns/0").asText()).isEqualTo("caf\u00e9+50%-counts");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Taxi", "-taxi", "_taxi", "+taxi", "taxi dashboard", "taxi*", "taxi,trips", "logs:taxi", "a/b"})
    void rejectsAnIllegalIndexName(String prefix) {
        assertThatThrownBy(() -> IndexTemplate.readAll(prefix, TEMPLATES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("index name '" + prefix + "-counts' must not");
    }

    @Test
    void canBeInstalledAgain() throws IOException {
        install();
        var before = List.copyOf(engine.templates.values());
        install();

        assertThat(engine.templates.values()).containsExactlyElementsOf(before);
    }

    @Test
    void acceptsAMissingIndex() throws IOException {
        engine.mappingRefusals.put(
                "taxi-counts", new FakeSearchEngine.Refusal(404, "index_not_found_exception", "no such index"));

        install();

        assertThat(engine.templates).hasSize(2);
    }

    @Test
    void failsWhenTheExistingMappingConflicts() {
        engine.mappingRefusals.put(
                "taxi-counts",
                new FakeSearchEngine.Refusal(
                        400, "illegal_argument_exception", "mapper [n] cannot be changed from type [text] to [long]"));

        assertThatThrownBy(this::install)
                .isInstanceOf(SearchSinkException.class)
                .hasMessageContaining("index taxi-counts exists with a mapping that does not match")
                .hasMessageContaining("cannot be changed from type [text] to [long]")
                .hasMessageContaining("choose another index name")
                .message()
                .hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 502, 503, 504})
    void waitsForABusyEngine(int status) throws IOException {
        engine.answerNextPutsWith(status, status);

        install();

        assertThat(engine.templates).hasSize(2);
        assertThat(waits).hasSize(2);
        assertThat(waits.get(0)).isBetween(500L, 1_000L);
        assertThat(waits.get(1)).isBetween(1_000L, 2_000L);
    }

    @Test
    void failsWhenTheRequestIsDenied() {
        engine.answerNextPutsWith(403);

        assertThatThrownBy(this::install)
                .isInstanceOf(SearchSinkException.class)
                .hasMessageContaining("taxi-counts was rejected: status 403")
                .hasMessageContaining("check the credentials");
    }

    @Test
    void failsWhenTheEngineIsUnreachable() {
        engine.stopListening();

        assertThatThrownBy(this::install)
                .isInstanceOf(SearchSinkException.class)
                .hasMessageContaining("attempts")
                .hasMessageContaining("Connection refused")
                .hasMessageContaining("check the endpoint");
        assertThat(waits.stream().mapToLong(Long::longValue).sum()).isBetween(45_000L, 60_000L);
    }

    private void install() throws IOException {
        install("taxi");
    }

    private void install(String prefix) throws IOException {
        SearchSinkOptions options =
                SearchSink.builder().endpoint(engine.endpoint()).options();
        var policy = new RetryPolicy(Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofMinutes(1));
        var clock = new WaitingClock();
        try (SearchClient client = SearchClient.create(options)) {
            new IndexTemplateInstaller(client, policy, clock, clock::pass)
                    .install(IndexTemplate.readAll(prefix, TEMPLATES));
        }
    }

    /** Time passes only by waiting for it. */
    private final class WaitingClock extends Clock {

        private Instant now = Instant.EPOCH;

        void pass(long millis) {
            waits.add(millis);
            now = now.plusMillis(millis);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }
    }
}
