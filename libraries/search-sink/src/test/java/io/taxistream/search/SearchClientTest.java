package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.search.Authentication.BasicFromFile;
import io.taxistream.search.Authentication.SigV4;
import io.taxistream.search.SearchClient.Reply;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hc.core5.http.Header;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;

class SearchClientTest {

    private static final String REGION = "eu-west-1";
    private static final List<BulkEntry> DOCUMENTS =
            List.of(BulkEntry.first(SearchDocument.of("counts", "a", "{\"n\":1}")));

    private final FakeSearchEngine engine = new FakeSearchEngine();
    private final AtomicReference<AwsCredentials> credentials =
            new AtomicReference<>(AwsBasicCredentials.create("AKID", "secret"));

    @AfterEach
    void close() {
        engine.close();
    }

    @ParameterizedTest
    @CsvSource({"es, true", "es, false", "aoss, true", "aoss, false"})
    void signatureIsAccepted(String service, boolean compressed) throws Exception {
        engine.verifier = new SigV4Verifier(REGION, service);
        engine.verifier.accept("AKID", "secret", "");

        try (SearchClient client = signing(service, compressed)) {
            assertThat(bulk(client, compressed).status()).isEqualTo(200);
        }

        assertThat(engine.signatureRefusals).isEmpty();
        assertThat(engine.index("counts")).containsEntry("a", "{\"n\":1}");
    }

    @Test
    void wrongSecretIsRejected() throws Exception {
        engine.verifier = new SigV4Verifier(REGION, "es");
        engine.verifier.accept("AKID", "another secret", "");

        try (SearchClient client = signing("es", true)) {
            assertThat(bulk(client, true).status()).isEqualTo(403);
        }

        assertThat(engine.signatureRefusals).singleElement().asString().startsWith("signature is");
    }

    @Test
    void resolvesCredentialsForEachRequest() throws Exception {
        engine.verifier = new SigV4Verifier(REGION, "es");
        engine.verifier.accept("AKID", "secret", "");

        try (SearchClient client = signing("es", true)) {
            bulk(client, true);
            credentials.set(AwsSessionCredentials.create("ASIA", "other secret", "session/token+=="));
            engine.verifier.revoke("AKID");
            engine.verifier.accept("ASIA", "other secret", "session/token+==");
            bulk(client, true);
        }

        assertThat(engine.signatureRefusals).isEmpty();
        assertThat(engine.bulks).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/_index_template/counts",
                "/%3Clogs-%7Bnow%2Fd%7D%3E/_mapping",
                "/a%20b/_mapping?filter=a%2Cb%2A&empty=&flag&z=%C3%A9&b=2&a=1",
                "/counts/_mapping?text=a%2Bb%20c~d",
            })
    void signsEncodedPathsAndQueries(String path) throws Exception {
        engine.verifier = new SigV4Verifier(REGION, "es");
        engine.verifier.accept("AKID", "secret", "");

        try (SearchClient client = signing("es", true)) {
            assertThat(client.put(path, "{}").status()).isEqualTo(200);
        }

        assertThat(engine.signatureRefusals).isEmpty();
    }

    @Test
    void excludesContentLengthFromTheSignature() throws Exception {
        try (SearchClient client = signing("aoss", true)) {
            bulk(client, true);
        }

        var headers = engine.bulks.get(0).headers();
        assertThat(headers).containsKey("content-length").doesNotContainKey("transfer-encoding");
        assertThat(headers.get("content-encoding")).containsExactly("gzip");
        assertThat(headers.get("content-type")).singleElement().asString().startsWith("application/json");
        assertThat(headers).containsKey("x-amz-content-sha256");
        assertThat(headers.get("authorization")).singleElement().asString().doesNotContain("content-length");
    }

    @Test
    void readsUserAndPasswordFromAFile(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("credentials"), "admin:pass:word\n");

        try (SearchClient client = SearchClient.create(options(new BasicFromFile(file.toString()), false))) {
            bulk(client, false);
        }

        String encoded = Base64.getEncoder().encodeToString("admin:pass:word".getBytes(StandardCharsets.UTF_8));
        assertThat(engine.bulks.get(0).headers().get("authorization")).containsExactly("Basic " + encoded);
    }

    @Test
    void readsUserAndPasswordFromTheEnvironment() throws Exception {
        Map<String, String> environment = Map.of("ES_USERNAME", "admin", "ES_PASSWORD", "p\u00e4ss:word");

        Header[] headers = SearchClient.headers(new Authentication.BasicFromEnvironment(), environment::get);

        String encoded = Base64.getEncoder().encodeToString("admin:p\u00e4ss:word".getBytes(StandardCharsets.UTF_8));
        assertThat(headers).singleElement().satisfies(header -> {
            assertThat(header.getName()).isEqualTo("Authorization");
            assertThat(header.getValue()).isEqualTo("Basic " + encoded);
            assertThat(header.isSensitive()).isTrue();
        });
    }

    @Test
    void namesMissingCredentials(@TempDir Path folder) throws IOException {
        Path withoutColon = Files.writeString(folder.resolve("credentials"), "admin");
        Path missing = folder.resolve("missing");
        Path empty = Files.createFile(folder.resolve("empty"));
        Path latin1 = Files.writeString(folder.resolve("latin1"), "admin:p\u00e4ss", StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> SearchClient.create(options(new BasicFromFile(missing.toString()), false)))
                .hasMessageContaining(missing.toString())
                .hasMessageContaining("does not exist");
        assertThatThrownBy(() -> SearchClient.create(options(new BasicFromFile(withoutColon.toString()), false)))
                .hasMessageContaining("user:password");
        assertThatThrownBy(() -> SearchClient.create(options(new BasicFromFile(empty.toString()), false)))
                .hasMessageContaining("user:password");
        assertThatThrownBy(() -> SearchClient.create(options(new BasicFromFile(latin1.toString()), false)))
                .hasMessageContaining(latin1 + " cannot be read");
        assertThatThrownBy(() -> SearchClient.create(options(new Authentication.BasicFromEnvironment(), false)))
                .hasMessageContaining("ES_USERNAME is not set");
    }

    @Test
    void sendsNoCredentialsWithoutAuthentication() throws Exception {
        try (SearchClient client = SearchClient.create(options(new Authentication.None(), false))) {
            bulk(client, false);
        }

        assertThat(engine.bulks.get(0).headers()).doesNotContainKey("authorization");
    }

    /** Or else they would end up with the handler of the whole process, which may take them for a reason to end it. */
    @Test
    void errorsInClientThreadsDoNotReachTheDefaultHandler() throws Exception {
        try (SearchClient client = SearchClient.create(options(new Authentication.None(), false))) {
            bulk(client, false);

            assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> thread.getName().startsWith(SearchClient.THREAD_NAME))
                    .isNotEmpty()
                    .allSatisfy(thread ->
                            assertThat(thread.getUncaughtExceptionHandler()).isNotSameAs(thread.getThreadGroup()));
        }
    }

    @Test
    void keepsThePathOfTheEndpoint() throws Exception {
        SearchSinkOptions options = SearchSink.builder()
                .endpoint(URI.create(engine.endpoint() + "/behind/a/proxy/"))
                .options();

        try (SearchClient client = SearchClient.create(options)) {
            assertThat(bulk(client, true).status()).isEqualTo(200);
        }

        assertThat(engine.stored).hasSize(1);
    }

    @Test
    void defaultAuthenticationFollowsFromTheEndpoint() {
        assertThat(forEndpoint("http://localhost:9200")).isEqualTo(new Authentication.None());
        assertThat(forEndpoint("https://127.0.0.1:9200")).isEqualTo(new Authentication.None());
        assertThat(forEndpoint("http://[::1]:9200")).isEqualTo(new Authentication.None());
        assertThat(forEndpoint("https://search-x.eu-west-1.es.amazonaws.com")).isEqualTo(new SigV4(REGION, "es"));
        assertThat(forEndpoint("https://x.eu-west-1.aoss.amazonaws.com")).isEqualTo(new SigV4(REGION, "aoss"));
        assertThat(forEndpoint("https://search.example.org")).isEqualTo(new SigV4(REGION, "es"));
    }

    private static Authentication forEndpoint(String endpoint) {
        return Authentication.forEndpoint(URI.create(endpoint), REGION);
    }

    private SearchClient signing(String service, boolean compressed) throws IOException {
        return SearchClient.create(options(new SigV4(REGION, service), compressed), credentials::get);
    }

    private SearchSinkOptions options(Authentication authentication, boolean compressed) {
        return SearchSink.builder()
                .endpoint(engine.endpoint())
                .authentication(authentication)
                .compressed(compressed)
                .options();
    }

    private static Reply bulk(SearchClient client, boolean compressed) throws Exception {
        var result = new CompletableFuture<Reply>();
        client.bulk(BulkBody.write(DOCUMENTS, compressed), compressed, (reply, failure) -> {
            if (failure == null) {
                result.complete(reply);
            } else {
                result.completeExceptionally(failure);
            }
        });
        return result.get(10, TimeUnit.SECONDS);
    }
}
