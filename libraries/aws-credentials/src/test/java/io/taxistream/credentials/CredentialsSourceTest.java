package io.taxistream.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.taxistream.credentials.CredentialsSource.AssumedRole;
import io.taxistream.credentials.CredentialsSource.DefaultChain;
import io.taxistream.credentials.CredentialsSource.Profile;
import io.taxistream.credentials.CredentialsSource.WebIdentity;
import io.taxistream.credentials.FakeSts.Call;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.services.sts.model.StsException;

@Isolated("sets system properties")
class CredentialsSourceTest {

    private static final String ROLE = "arn:aws:iam::123456789012:role/stream-reader";
    private static final String REGION = "eu-west-1";

    @TempDir
    private Path folder;

    private Map<String, String> properties;

    @BeforeEach
    void setCredentials() throws IOException {
        Path config = Files.writeString(folder.resolve("config"), """
                [profile keys]
                aws_access_key_id = key-of-the-profile
                aws_secret_access_key = secret

                [profile reader]
                role_arn = %s
                source_profile = keys
                region = eu-west-1
                """.formatted(ROLE));
        properties = Map.of(
                "aws.accessKeyId",
                "key-of-the-machine",
                "aws.secretAccessKey",
                "secret",
                "aws.configFile",
                config.toString(),
                "aws.sharedCredentialsFile",
                folder.resolve("none").toString());
        properties.forEach(System::setProperty);
    }

    @AfterEach
    void clearCredentials() {
        properties.keySet().forEach(System::clearProperty);
    }

    @Test
    void defaultChainFindsTheCredentialsOfTheMachine() {
        assertThat(resolve(new DefaultChain()).accessKeyId()).isEqualTo("key-of-the-machine");
    }

    /** As in a pod whose service account has a role. */
    @Test
    void defaultChainExchangesAPodsToken() throws IOException {
        Map<String, String> pod = Map.of(
                "aws.roleArn", ROLE,
                "aws.webIdentityTokenFile",
                        Files.writeString(folder.resolve("token"), "token-of-the-pod")
                                .toString(),
                "aws.region", REGION);
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
        pod.forEach(System::setProperty);
        try (FakeSts sts = FakeSts.start(Duration.ofHours(1))) {
            assertThat(resolve(new DefaultChain()).accessKeyId()).isEqualTo(FakeSts.accessKey(1));

            assertThat(sts.calls())
                    .singleElement()
                    .satisfies(call -> assertThat(call.parameters())
                            .containsEntry("RoleArn", ROLE)
                            .containsEntry("WebIdentityToken", "token-of-the-pod"));
        } finally {
            pod.keySet().forEach(System::clearProperty);
        }
    }

    @Test
    void profileOverridesTheCredentialsOfTheMachine() {
        assertThat(resolve(new Profile("keys")).accessKeyId()).isEqualTo("key-of-the-profile");
    }

    @Test
    void profileMayAssumeARole() throws IOException {
        try (FakeSts sts = FakeSts.start(Duration.ofHours(1))) {
            assertThat(resolve(new Profile("reader")).accessKeyId()).isEqualTo(FakeSts.accessKey(1));

            assertThat(sts.calls()).extracting(Call::signedWith).containsExactly("key-of-the-profile");
        }
    }

    @Test
    void missingProfileIsNamed() {
        assertThatThrownBy(() -> resolve(new Profile("absent")))
                .isInstanceOf(MissingCredentialsException.class)
                .hasMessageStartingWith("profile absent has no AWS credentials; add it to ~/.aws/credentials");
    }

    @Test
    void roleIsAssumedWithTheBaseCredentials() throws IOException {
        try (FakeSts sts = FakeSts.start(Duration.ofHours(1))) {
            AwsCredentials credentials = resolve(new AssumedRole(ROLE, "partner-7", new Profile("keys")));

            assertThat(credentials).isInstanceOfSatisfying(AwsSessionCredentials.class, session -> {
                assertThat(session.accessKeyId()).isEqualTo(FakeSts.accessKey(1));
                assertThat(session.secretAccessKey()).isEqualTo(FakeSts.SECRET_ACCESS_KEY);
                assertThat(session.sessionToken()).isEqualTo(FakeSts.SESSION_TOKEN + FakeSts.accessKey(1));
            });
            assertThat(sts.calls()).singleElement().satisfies(call -> {
                assertThat(call.signedWith()).isEqualTo("key-of-the-profile");
                assertThat(call.parameters())
                        .containsEntry("Action", "AssumeRole")
                        .containsEntry("RoleArn", ROLE)
                        .containsEntry("ExternalId", "partner-7")
                        .containsEntry("RoleSessionName", "a-session");
            });
        }
    }

    @Test
    void externalIdIsSentOnlyIfSet() throws IOException {
        try (FakeSts sts = FakeSts.start(Duration.ofHours(1))) {
            resolve(new AssumedRole(ROLE, null, new DefaultChain()));

            assertThat(sts.calls())
                    .singleElement()
                    .satisfies(call -> assertThat(call.parameters()).doesNotContainKey("ExternalId"));
        }
    }

    @Test
    void webIdentityTokenIsReadAgainForEachRenewal() throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "first");
        try (FakeSts sts = FakeSts.start(Duration.ofSeconds(90));
                FetchedCredentials credentials = new WebIdentity(ROLE, token.toString()).open(REGION, "a-session")) {
            credentials.resolveCredentials();
            Files.writeString(token, "second");

            await().atMost(Duration.ofSeconds(20)).until(() -> {
                credentials.resolveCredentials();
                return sts.calls().stream()
                        .anyMatch(call ->
                                call.parameters().get("WebIdentityToken").equals("second"));
            });
            assertThat(sts.calls().get(0).parameters()).containsEntry("WebIdentityToken", "first");
            assertThat(sts.calls()).extracting(Call::signedWith).containsOnly("");
        }
    }

    @Test
    void missingTokenFileIsNamed() throws IOException {
        String file = folder.resolve("absent").toString();
        try (FakeSts sts = FakeSts.start(Duration.ofHours(1))) {
            assertThatThrownBy(() -> resolve(new WebIdentity(ROLE, file)))
                    .isInstanceOf(MissingCredentialsException.class)
                    .hasMessageContainingAll(ROLE, file, "check that the file exists");
            assertThat(sts.calls()).isEmpty();
        }
    }

    @Test
    void credentialsAreRenewedBeforeTheyExpire() throws IOException {
        // ninety seconds are less than the five minutes before their end in which credentials are renewed
        try (FakeSts sts = FakeSts.start(Duration.ofSeconds(90));
                FetchedCredentials credentials =
                        new AssumedRole(ROLE, null, new DefaultChain()).open(REGION, "a-session")) {
            assertThat(credentials.resolveCredentials().accessKeyId()).isEqualTo(FakeSts.accessKey(1));

            await().atMost(Duration.ofSeconds(20))
                    .until(() -> !credentials.resolveCredentials().accessKeyId().equals(FakeSts.accessKey(1)));
            assertThat(sts.calls()).hasSizeGreaterThan(1);
        }
    }

    @Test
    void permanentCredentialsAreFetchedOnce() throws IOException {
        try (FakeSts sts = FakeSts.start(Duration.ofHours(1));
                FetchedCredentials credentials =
                        new AssumedRole(ROLE, null, new DefaultChain()).open(REGION, "a-session")) {
            for (int i = 0; i < 100; i++) {
                assertThat(credentials.resolveCredentials().accessKeyId()).isEqualTo(FakeSts.accessKey(1));
            }
            assertThat(sts.calls()).hasSize(1);
        }
    }

    @Test
    void rejectionQuotesTheTokenService() throws IOException {
        try (FakeSts sts = FakeSts.start(Duration.ofHours(1))) {
            sts.refuse();

            assertThatThrownBy(() -> resolve(new AssumedRole(ROLE, null, new DefaultChain())))
                    .isInstanceOf(StsException.class)
                    .hasMessageContaining("sts:AssumeRole");
        }
    }

    @Test
    void serializedSourceContainsNoCredentials() throws Exception {
        for (CredentialsSource source : List.of(
                new DefaultChain(),
                new Profile("keys"),
                new WebIdentity(ROLE, "/token"),
                new AssumedRole(ROLE, "partner-7", new Profile("keys")))) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            new ObjectOutputStream(bytes).writeObject(source);

            assertThat(bytes.toString(StandardCharsets.ISO_8859_1)).doesNotContain("secret", "key-of-the");
            assertThat(new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject())
                    .isEqualTo(source);
            assertThat(source.toString()).doesNotContain("partner-7");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "reader", "arn:aws:iam::1:role/r", "arn:aws:iam::123456789012:user/u", "arn:aws:s3:::b"})
    void rejectsAnInvalidRoleArn(String arn) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AssumedRole(arn, null, new DefaultChain()))
                .withMessageContaining("'" + arn + "' is not the ARN of a role");
        assertThatIllegalArgumentException().isThrownBy(() -> new WebIdentity(arn, "/token"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a b", "a;b"})
    void rejectsAnInvalidExternalIdWithoutShowingIt(String externalId) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AssumedRole(ROLE, externalId, new DefaultChain()))
                .withMessage("external ID must be 2 to 1224 letters, digits and characters of _+=,.@:/-");
    }

    private static AwsCredentials resolve(CredentialsSource source) {
        try (FetchedCredentials credentials = source.open(REGION, "a-session")) {
            return credentials.resolveCredentials();
        }
    }
}
