package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.local.faults.RequestCheck;
import io.taxistream.local.faults.SearchProxy;
import io.taxistream.local.services.SearchClient;
import io.taxistream.search.Authentication;
import io.taxistream.search.IndexTemplate;
import io.taxistream.search.SearchDocument;
import io.taxistream.search.SearchSink;
import io.taxistream.search.SigV4Verifier;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests against a real engine behind a proxy that accepts only correctly signed requests, as Amazon's service does. */
class SignedRequestsIT {

    private static final int DOCUMENTS = 2_000;

    private final SigV4Verifier verifier = new SigV4Verifier("eu-west-1", "es");
    private final AtomicInteger refusals = new AtomicInteger();

    @AfterEach
    void forgetCredentials() {
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
        System.clearProperty("aws.sessionToken");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void acceptsPlainAndCompressedRequests(boolean compressed) throws Exception {
        verifier.accept("AKIDFIRST", "first/secret+key", "");
        use("AKIDFIRST", "first/secret+key", "");
        String index = "signed-" + compressed;
        try (SearchProxy proxy = proxy(this::refusalOf)) {
            SinkJob.store(
                    DOCUMENTS,
                    number -> document(index, number),
                    sink(proxy, index).compressed(compressed));

            assertThat(refusals).hasValue(0);
        }
        assertAllAreStored(index);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void acceptsEncodedPathsAndQueries(boolean compressed) throws Exception {
        verifier.accept("AKIDFIRST", "first/secret+key", "token/+==");
        use("AKIDFIRST", "first/secret+key", "token/+==");
        String prefix = "sign\u00e9+50%&a=" + compressed;
        Set<String> paths = new ConcurrentSkipListSet<>();
        RequestCheck check = request -> {
            paths.add(request.rawPath() + (request.rawQuery() == null ? "" : "?" + request.rawQuery()));
            return refusalOf(request);
        };
        try (SearchProxy proxy = proxy(check)) {
            SinkJob.store(
                    SearchEngineSuite.unusuallyNamed(prefix + "-documents"),
                    sink(proxy, prefix).compressed(compressed));

            assertThat(refusals).hasValue(0);
        }
        String inPath = "sign%C3%A9%2B50%25%26a%3D" + compressed + "-documents";
        assertThat(paths)
                .contains("/_index_template/" + inPath, "/" + inPath + "/_mapping")
                .anyMatch(path -> path.matches("/_bulk\\?filter_path=.*(%2A|\\*).*(%2C|,).*"));
        var search = new SearchClient(RunningEngine.shared(Engine.OPENSEARCH_2).address());
        search.refresh(inPath);
        Set<String> ids = new HashSet<>();
        search.forEachDocument(inPath, (id, source) -> ids.add(id));
        assertThat(ids).containsExactlyInAnyOrderElementsOf(SearchEngineSuite.ODD_IDS);
    }

    @Test
    void credentialsMayRotate() throws Exception {
        verifier.accept("AKIDFIRST", "first", "token/one==");
        verifier.accept("AKIDSECOND", "second", "token/two==");
        use("AKIDFIRST", "first", "token/one==");
        AtomicInteger requests = new AtomicInteger();
        RequestCheck rotating = request -> {
            if (requests.incrementAndGet() == 10) {
                use("AKIDSECOND", "second", "token/two==");
            } else if (requests.get() == 30) {
                verifier.revoke("AKIDFIRST");
            }
            return refusalOf(request);
        };
        try (SearchProxy proxy = proxy(rotating)) {
            SinkJob.store(
                    DOCUMENTS,
                    number -> document("rotated", number),
                    sink(proxy, "rotated").bulkActions(20).maxInFlightRequests(1));

            assertThat(refusals).hasValue(0);
            assertThat(requests).hasValueGreaterThan(30);
        }
        assertAllAreStored("rotated");
    }

    @Test
    void wrongKeyFailsTheJobWithOneLine() throws Exception {
        verifier.accept("AKIDFIRST", "first", "");
        use("AKIDFIRST", "not the secret", "");
        try (SearchProxy proxy = proxy(this::refusalOf)) {
            assertThatThrownBy(() -> SinkJob.store(10, number -> document("wrong", number), sink(proxy, "wrong")))
                    .rootCause()
                    .hasMessageContaining("status 403")
                    .hasMessageContaining("check the credentials of the job")
                    .message()
                    .hasLineCount(1)
                    .doesNotContain("not the secret");
        }
    }

    private Optional<String> refusalOf(RequestCheck.Request request) {
        Optional<String> refusal = verifier.refusal(new SigV4Verifier.Request(
                request.method(), request.rawPath(), request.rawQuery(), request.headers(), request.body()));
        refusal.ifPresent(reason -> refusals.incrementAndGet());
        return refusal;
    }

    /** Sets the system properties that the SDK's default credential chain reads first. */
    private static void use(String accessKey, String secretKey, String sessionToken) {
        System.setProperty("aws.accessKeyId", accessKey);
        System.setProperty("aws.secretAccessKey", secretKey);
        if (sessionToken.isEmpty()) {
            System.clearProperty("aws.sessionToken");
        } else {
            System.setProperty("aws.sessionToken", sessionToken);
        }
    }

    private static SearchProxy proxy(RequestCheck check) throws Exception {
        URI engine = RunningEngine.shared(Engine.OPENSEARCH_2).address();
        return SearchProxy.start(() -> engine, check, new Random(1));
    }

    private static SearchSink.Builder<SearchDocument> sink(SearchProxy proxy, String index) {
        return SearchSink.<SearchDocument>builder()
                .endpoint(proxy.address())
                .authentication(new Authentication.SigV4("eu-west-1", "es"))
                .flushInterval(Duration.ofMillis(50))
                .indexTemplates(IndexTemplate.readAll(index, """
                        {"documents": {"template": {"mappings": {"properties": {"number": {"type": "long"}}}}}}"""));
    }

    private static SearchDocument document(String index, long number) {
        return SearchDocument.of(index + "-documents", "" + number, "{\"number\":" + number + "}");
    }

    private static void assertAllAreStored(String index) throws Exception {
        var search = new SearchClient(RunningEngine.shared(Engine.OPENSEARCH_2).address());
        search.refresh(index + "-documents");
        assertThat(search.count(index + "-documents")).isEqualTo(DOCUMENTS);
    }
}
