package io.taxistream.processor;

import io.taxistream.credentials.CredentialsSource;
import io.taxistream.credentials.CredentialsSource.AssumedRole;
import io.taxistream.credentials.CredentialsSource.DefaultChain;
import io.taxistream.credentials.CredentialsSource.Profile;
import io.taxistream.credentials.CredentialsSource.WebIdentity;
import io.taxistream.eventtime.source.KinesisSource;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Command-line options of the AWS credentials, and of the time-outs of calls to Kinesis. */
final class StreamAccessArguments {

    private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(10);
    private static final Duration SHORTEST_RETRY_DELAY = Duration.ofMillis(200);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    @Option(
            names = "--aws-profile",
            paramLabel = "NAME",
            description =
                    "profile of the AWS configuration files on the machines of the cluster, for the stream and the"
                            + " search engine (default: the AWS SDK's default credentials, such as those of the machine's or the"
                            + " pod's role)")
    private @Nullable String profile;

    @Option(
            names = "--aws-role",
            paramLabel = "ARN",
            description =
                    "role to assume for the stream, such as one of the account that the stream belongs to (default:"
                            + " none)")
    private @Nullable String role;

    @Option(
            names = "--aws-external-id",
            paramLabel = "ID",
            description = "with --aws-role: external id that the role's trust policy asks for (default: none)")
    private @Nullable String externalId;

    @Option(
            names = "--aws-web-identity-token-file",
            paramLabel = "FILE",
            description = "with --aws-role: file on the machines of the cluster whose token is exchanged for the role's"
                    + " credentials (default: none; the role is assumed with the job's own credentials)")
    private @Nullable String tokenFile;

    @Option(
            names = "--connect-timeout",
            paramLabel = "DURATION",
            defaultValue = KinesisSource.DEFAULT_CONNECT_TIMEOUT,
            converter = DurationConverter.class,
            description = "longest time to connect to Kinesis (default: ${DEFAULT-VALUE})")
    private Duration connectTimeout;

    @Option(
            names = "--read-timeout",
            paramLabel = "DURATION",
            defaultValue = KinesisSource.DEFAULT_READ_TIMEOUT,
            converter = DurationConverter.class,
            description = "longest silence of Kinesis while an answer is awaited (default: ${DEFAULT-VALUE})")
    private Duration readTimeout;

    @Option(
            names = "--call-timeout",
            paramLabel = "DURATION",
            defaultValue = KinesisSource.DEFAULT_CALL_TIMEOUT,
            converter = DurationConverter.class,
            description = "longest time of a call to Kinesis, which is then tried again (default: ${DEFAULT-VALUE})")
    private Duration callTimeout;

    @Option(
            names = "--max-retry-delay",
            paramLabel = "DURATION",
            defaultValue = KinesisSource.DEFAULT_MAX_RETRY_DELAY,
            converter = DurationConverter.class,
            description =
                    "longest wait before a read of the stream that failed is tried again; the first is 200ms, each is"
                            + " twice as long as the one before (default: ${DEFAULT-VALUE})")
    private Duration maxRetryDelay;

    /** Validates the options. */
    StreamAccess access(CommandLine commandLine) {
        requireRange(commandLine, "--connect-timeout", connectTimeout, SHORTEST_TIMEOUT);
        requireRange(commandLine, "--read-timeout", readTimeout, SHORTEST_TIMEOUT);
        requireRange(commandLine, "--call-timeout", callTimeout, SHORTEST_TIMEOUT);
        requireRange(commandLine, "--max-retry-delay", maxRetryDelay, SHORTEST_RETRY_DELAY);
        require(
                commandLine,
                callTimeout.compareTo(connectTimeout) >= 0 && callTimeout.compareTo(readTimeout) >= 0,
                "--call-timeout must be at least --connect-timeout and --read-timeout");
        require(commandLine, externalId == null || role != null, "--aws-external-id requires --aws-role");
        require(commandLine, tokenFile == null || role != null, "--aws-web-identity-token-file requires --aws-role");
        require(
                commandLine,
                tokenFile == null || (profile == null && externalId == null),
                "--aws-web-identity-token-file excludes --aws-profile and --aws-external-id");
        String name = profile;
        CredentialsSource own =
                name == null ? new DefaultChain() : described(commandLine, "--aws-profile", () -> new Profile(name));
        return new StreamAccess(
                own, ofStream(commandLine, own), connectTimeout, readTimeout, callTimeout, maxRetryDelay);
    }

    private CredentialsSource ofStream(CommandLine commandLine, CredentialsSource own) {
        if (role == null) {
            return own;
        }
        String arn = role;
        if (tokenFile == null) {
            described(commandLine, "--aws-role", () -> new AssumedRole(arn, null, own));
            return described(commandLine, "--aws-external-id", () -> new AssumedRole(arn, externalId, own));
        }
        String file = tokenFile;
        require(
                commandLine,
                !file.isBlank(),
                "--aws-web-identity-token-file must be a file on the machines of the cluster");
        return described(commandLine, "--aws-role", () -> new WebIdentity(arn, file));
    }

    private static CredentialsSource described(
            CommandLine commandLine, String option, Supplier<CredentialsSource> source) {
        try {
            return source.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(commandLine, option + ": " + e.getMessage(), e);
        }
    }

    /** @throws ParameterException if the duration is shorter than the shortest or longer than ten minutes */
    static void requireRange(CommandLine commandLine, String option, Duration duration, Duration shortest) {
        require(
                commandLine,
                duration.compareTo(shortest) >= 0 && duration.compareTo(LONGEST) <= 0,
                option + " must be " + shortest.toMillis() + "ms to 10m");
    }

    private static void require(CommandLine commandLine, boolean condition, String message) {
        if (!condition) {
            throw new ParameterException(commandLine, message);
        }
    }
}
