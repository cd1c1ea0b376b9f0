package io.taxistream.processor;

import static io.taxistream.commandline.UsageException.unless;

import io.taxistream.commandline.Accepts;
import io.taxistream.commandline.ComputedDefault;
import io.taxistream.commandline.UsageException;
import io.taxistream.credentials.CredentialsSource;
import io.taxistream.credentials.CredentialsSource.AssumedRole;
import io.taxistream.credentials.CredentialsSource.DefaultChain;
import io.taxistream.credentials.CredentialsSource.Profile;
import io.taxistream.credentials.CredentialsSource.WebIdentity;
import io.taxistream.eventtime.source.KinesisSource;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Command-line options of the AWS credentials, and of the time-outs of calls to Kinesis. */
final class StreamAccessArguments {

    static final String SHORTEST_TIMEOUT = "10ms";
    static final String SHORTEST_RETRY_DELAY = "200ms";
    static final String LONGEST = "10m";

    private static final String NOT_BLANK = ".*\\S.*";

    @Option(
            names = "--aws-profile",
            paramLabel = "NAME",
            description =
                    "Profile in the AWS configuration files of the cluster's machines, used for the stream and the"
                            + " search engine.")
    @Accepts(value = "the name of a profile", pattern = NOT_BLANK)
    @ComputedDefault("the AWS SDK's default credentials, such as the role of the machine or pod")
    private @Nullable String profile;

    @Option(
            names = "--aws-role",
            paramLabel = "ARN",
            description = "Role to assume for the stream, such as a role in the account that owns the stream.")
    @Accepts(value = "the ARN of a role", pattern = NOT_BLANK)
    private @Nullable String role;

    @Option(
            names = "--aws-external-id",
            paramLabel = "ID",
            description = "With --aws-role: external ID that the role's trust policy requires.")
    @Accepts(value = "an external ID", pattern = NOT_BLANK)
    private @Nullable String externalId;

    @Option(
            names = "--aws-web-identity-token-file",
            paramLabel = "FILE",
            description = "With --aws-role: file on the cluster's machines with the web identity token to exchange for"
                    + " the role's credentials.")
    @Accepts(value = "a file on the cluster's machines", pattern = NOT_BLANK)
    @ComputedDefault("none: the role is assumed with the job's own credentials")
    private @Nullable String tokenFile;

    @Option(
            names = "--connect-timeout",
            paramLabel = "DURATION",
            defaultValue = KinesisSource.DEFAULT_CONNECT_TIMEOUT,
            description = "Timeout for connecting to Kinesis.")
    @Accepts(from = SHORTEST_TIMEOUT, to = LONGEST)
    private Duration connectTimeout;

    @Option(
            names = "--read-timeout",
            paramLabel = "DURATION",
            defaultValue = KinesisSource.DEFAULT_READ_TIMEOUT,
            description = "Timeout for data from Kinesis while reading a response.")
    @Accepts(from = SHORTEST_TIMEOUT, to = LONGEST)
    private Duration readTimeout;

    @Option(
            names = "--call-timeout",
            paramLabel = "DURATION",
            defaultValue = KinesisSource.DEFAULT_CALL_TIMEOUT,
            description = "Timeout for a call to Kinesis as a whole. The call is then retried.")
    @Accepts(from = SHORTEST_TIMEOUT, to = LONGEST)
    private Duration callTimeout;

    @Option(
            names = "--max-retry-delay",
            paramLabel = "DURATION",
            defaultValue = KinesisSource.DEFAULT_MAX_RETRY_DELAY,
            description = "Maximum delay before a failed read of the stream is retried. The delay starts at 200ms and"
                    + " doubles with each retry.")
    @Accepts(from = SHORTEST_RETRY_DELAY, to = LONGEST)
    private Duration maxRetryDelay;

    /** Validates the options. */
    StreamAccess access() {
        unless(
                callTimeout.compareTo(connectTimeout) >= 0 && callTimeout.compareTo(readTimeout) >= 0,
                "--call-timeout must be at least --connect-timeout and --read-timeout");
        unless(externalId == null || role != null, "--aws-external-id requires --aws-role");
        unless(tokenFile == null || role != null, "--aws-web-identity-token-file requires --aws-role");
        unless(
                tokenFile == null || (profile == null && externalId == null),
                "--aws-web-identity-token-file cannot be combined with --aws-profile or --aws-external-id");
        String name = profile;
        CredentialsSource own = name == null ? new DefaultChain() : described("--aws-profile", () -> new Profile(name));
        return new StreamAccess(own, ofStream(own), connectTimeout, readTimeout, callTimeout, maxRetryDelay);
    }

    private CredentialsSource ofStream(CredentialsSource own) {
        if (role == null) {
            return own;
        }
        String arn = role;
        if (tokenFile == null) {
            described("--aws-role", () -> new AssumedRole(arn, null, own));
            return described("--aws-external-id", () -> new AssumedRole(arn, externalId, own));
        }
        String file = tokenFile;
        return described("--aws-role", () -> new WebIdentity(arn, file));
    }

    private static CredentialsSource described(String option, Supplier<CredentialsSource> source) {
        try {
            return source.get();
        } catch (IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage(), e);
        }
    }
}
