package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.taxistream.credentials.CredentialsSource;
import io.taxistream.credentials.CredentialsSource.AssumedRole;
import io.taxistream.credentials.CredentialsSource.DefaultChain;
import io.taxistream.credentials.CredentialsSource.Profile;
import io.taxistream.credentials.FakeSts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** What requests are signed with; the engine checks their signatures. */
@Isolated("sets system properties")
class CredentialsTest {

    private static final String ROLE = "arn:aws:iam::210987654321:role/writer";

    /** Calls of the token service that the engine knows the answers of; a test makes fewer. */
    private static final int KNOWN_SESSIONS = 1_000;

    private final FakeSearchEngine engine = new FakeSearchEngine();
    private Map<String, String> properties;

    @TempDir
    private Path folder;

    @BeforeEach
    void setCredentials() {
        properties = Map.of(
                "aws.accessKeyId",
                "key-of-the-machine",
                "aws.secretAccessKey",
                "secret-of-the-machine",
                "aws.configFile",
                folder.resolve("none").toString(),
                "aws.sharedCredentialsFile",
                folder.resolve("none").toString());
        properties.forEach(System::setProperty);
        engine.verifier = new SigV4Verifier("eu-west-1", "es");
    }

    @AfterEach
    void clearCredentials() {
        properties.keySet().forEach(System::clearProperty);
        engine.close();
    }

    @Test
    void signsWithTheDefaultCredentialsUnlessConfigured() throws Exception {
        engine.verifier.accept("key-of-the-machine", "secret-of-the-machine", "");

        try (SearchClient client = SearchClient.create(options(new DefaultChain()))) {
            assertThat(client.put("/counts/_mapping", "{}").status()).isEqualTo(200);
        }
    }

    @Test
    void signsWithAnAssumedRoleThatIsRenewedBeforeItExpires() throws Exception {
        for (int call = 1; call <= KNOWN_SESSIONS; call++) {
            String key = FakeSts.accessKey(call);
            engine.verifier.accept(key, FakeSts.SECRET_ACCESS_KEY, FakeSts.SESSION_TOKEN + key);
        }
        try (FakeSts sts = FakeSts.start(Duration.ofSeconds(90));
                SearchClient client =
                        SearchClient.create(options(new AssumedRole(ROLE, "partner-7", new DefaultChain())))) {
            assertThat(client.put("/counts/_mapping", "{}").status()).isEqualTo(200);
            engine.verifier.revoke(FakeSts.accessKey(1));

            await().atMost(Duration.ofSeconds(20))
                    .until(() -> client.put("/counts/_mapping", "{}").status() == 200);
            assertThat(sts.calls()).hasSizeGreaterThan(1).allSatisfy(call -> {
                assertThat(call.signedWith()).isEqualTo("key-of-the-machine");
                assertThat(call.parameters())
                        .containsEntry("RoleArn", ROLE)
                        .containsEntry("ExternalId", "partner-7")
                        .containsEntry("RoleSessionName", "search-sink");
            });
        }
    }

    @Test
    void deniedRoleFailsTheJobAtStart() throws Exception {
        try (FakeSts sts = FakeSts.start(Duration.ofHours(1))) {
            sts.refuse();

            assertThatThrownBy(() -> SearchClient.create(options(new AssumedRole(ROLE, null, new DefaultChain()))))
                    .isInstanceOf(SearchSinkException.class)
                    .hasMessageContaining("because the role cannot be assumed (AccessDenied: not authorized")
                    .hasMessageContaining("check that its trust policy allows the job's own role");
        }
    }

    @Test
    void missingProfileFailsTheJobAtStart() {
        assertThatThrownBy(() -> SearchClient.create(options(new Profile("absent"))))
                .isInstanceOf(SearchSinkException.class)
                .hasMessageContaining("cannot be signed: profile absent has no AWS credentials");
    }

    @Test
    void requestWithoutCredentialsIsRetried() throws Exception {
        engine.verifier.accept(
                FakeSts.accessKey(1), FakeSts.SECRET_ACCESS_KEY, FakeSts.SESSION_TOKEN + FakeSts.accessKey(1));
        // credentials that are no good when they come, so that each request asks for others
        try (FakeSts sts = FakeSts.start(Duration.ofSeconds(1));
                SearchClient client = SearchClient.create(options(new AssumedRole(ROLE, null, new DefaultChain())))) {
            sts.refuse();

            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThatThrownBy(() -> client.put("/counts/_mapping", "{}"))
                            .isInstanceOf(IOException.class)
                            .hasMessageContaining("sts:AssumeRole"));
        }
    }

    @Test
    void serializedSinkContainsNoCredentials() throws Exception {
        SearchSink<String> sink = SearchSink.<String>builder()
                .endpoint(engine.endpoint())
                .authentication(new Authentication.SigV4("eu-west-1", "es"))
                .credentials(new AssumedRole(ROLE, "partner-7", new DefaultChain()))
                .documents(text -> SearchDocument.of("counts", text, "{}"))
                .build();

        String bytes = new String(InstantiationUtil.serializeObject(sink), StandardCharsets.ISO_8859_1);

        assertThat(bytes).contains(ROLE).doesNotContain("key-of-the-machine", "secret-of-the-machine");
    }

    private SearchSinkOptions options(CredentialsSource credentials) {
        return SearchSink.builder()
                .endpoint(engine.endpoint())
                .authentication(new Authentication.SigV4("eu-west-1", "es"))
                .credentials(credentials)
                .options();
    }
}
