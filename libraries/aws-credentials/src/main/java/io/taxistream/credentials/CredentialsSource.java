package io.taxistream.credentials;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsAssumeRoleCredentialsProvider;
import software.amazon.awssdk.services.sts.auth.StsWebIdentityTokenFileCredentialsProvider;

/**
 * Source of AWS credentials. It contains no credentials, so it can be part of a job graph; {@link #open} fetches them on the
 * machine that signs requests.
 */
public sealed interface CredentialsSource extends Serializable {

    /**
     * Default chain of the AWS SDK: system properties, environment variables, the web identity of a pod, the default profile,
     * the role of the container or instance.
     */
    record DefaultChain() implements CredentialsSource {

        @Override
        public FetchedCredentials open(String region, String sessionName) {
            DefaultCredentialsProvider provider = DefaultCredentialsProvider.builder()
                    // otherwise requests occasionally wait for the instance metadata service
                    .asyncCredentialUpdateEnabled(true)
                    .build();
            return new FetchedCredentials(provider, null, provider);
        }
    }

    /**
     * Profile in the AWS configuration files of the machine. It may contain keys or refer to a role, a web identity token file,
     * a process or single sign-on.
     *
     * @param name such as {@code analytics}
     */
    record Profile(String name) implements CredentialsSource {

        /** @throws IllegalArgumentException if the name is empty */
        public Profile {
            require(!name.isBlank(), "profile name must not be empty");
        }

        @Override
        public FetchedCredentials open(String region, String sessionName) {
            ProfileCredentialsProvider provider = ProfileCredentialsProvider.create(name);
            return new FetchedCredentials(
                    provider,
                    "profile " + name
                            + " has no AWS credentials; add it to ~/.aws/credentials or ~/.aws/config on every machine"
                            + " of the cluster",
                    provider);
        }
    }

    /**
     * Role assumed with a token from an identity provider, such as that of a Kubernetes service account.
     *
     * @param roleArn such as {@code arn:aws:iam::123456789012:role/job}
     * @param tokenFile file on the machine that contains the token; it is read again at each renewal
     */
    record WebIdentity(String roleArn, String tokenFile) implements CredentialsSource {

        /** @throws IllegalArgumentException if the role is not the ARN of a role, or the file name is empty */
        public WebIdentity {
            requireRole(roleArn);
            require(!tokenFile.isBlank(), "web identity token file must not be empty");
        }

        @Override
        public FetchedCredentials open(String region, String sessionName) {
            StsClient sts = SecurityTokens.client(region, null);
            StsWebIdentityTokenFileCredentialsProvider provider = StsWebIdentityTokenFileCredentialsProvider.builder()
                    .stsClient(sts)
                    .roleArn(roleArn)
                    .roleSessionName(sessionName)
                    .webIdentityTokenFile(Path.of(tokenFile))
                    .asyncCredentialUpdateEnabled(true)
                    .build();
            return new FetchedCredentials(
                    provider,
                    "role " + roleArn + " cannot be assumed with the token in " + tokenFile
                            + "; check that the file exists on every machine of the cluster",
                    provider,
                    sts);
        }
    }

    /**
     * Role, often of another account, assumed with other credentials.
     *
     * @param roleArn such as {@code arn:aws:iam::123456789012:role/stream-reader}
     * @param externalId external id required by the role's trust policy; null if none is required
     * @param base credentials allowed to assume the role
     */
    record AssumedRole(String roleArn, @Nullable String externalId, CredentialsSource base)
            implements CredentialsSource {

        private static final Pattern EXTERNAL_ID = Pattern.compile("[\\w+=,.@:/-]{2,1224}");

        /** @throws IllegalArgumentException if the role is not the ARN of a role, or the external id is malformed */
        public AssumedRole {
            requireRole(roleArn);
            require(
                    externalId == null || EXTERNAL_ID.matcher(externalId).matches(),
                    "external ID must be 2 to 1224 letters, digits and characters of _+=,.@:/-");
        }

        @Override
        public FetchedCredentials open(String region, String sessionName) {
            FetchedCredentials trusted = base.open(region, sessionName);
            StsClient sts = SecurityTokens.client(region, trusted);
            StsAssumeRoleCredentialsProvider provider = StsAssumeRoleCredentialsProvider.builder()
                    .stsClient(sts)
                    .refreshRequest(request ->
                            request.roleArn(roleArn).externalId(externalId).roleSessionName(sessionName))
                    .asyncCredentialUpdateEnabled(true)
                    .build();
            return new FetchedCredentials(provider, null, provider, sts, trusted);
        }

        /** Omits the external id, which may be confidential. */
        @Override
        public String toString() {
            return "AssumedRole[roleArn=" + roleArn + ", externalId=" + (externalId == null ? "none" : "…") + ", base="
                    + base + "]";
        }
    }

    /**
     * Prepares to fetch credentials. They are fetched on first use and renewed in the background before they expire.
     *
     * @param region AWS region of the token service, such as {@code eu-west-1}
     * @param sessionName session name of an assumed role, which appears in the logs of the role's account
     */
    FetchedCredentials open(String region, String sessionName);

    private static void requireRole(String arn) {
        require(
                arn.matches("arn:[a-z0-9-]+:iam::\\d{12}:role/[\\w+=,.@/-]{1,576}"),
                "'" + arn + "' is not the ARN of a role, such as arn:aws:iam::123456789012:role/stream-reader");
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
