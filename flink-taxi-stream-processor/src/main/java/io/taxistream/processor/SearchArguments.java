package io.taxistream.processor;

import io.taxistream.processor.trips.AnalysisOptions;
import io.taxistream.search.Authentication;
import io.taxistream.search.SearchSink;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.apache.flink.configuration.MemorySize;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** The options of the command line that say how documents get into the search engine. */
final class SearchArguments {

    private static final String DEAD_LETTERS_IN_INDEX = "index";

    private static final Duration LONGEST_FLUSH_INTERVAL = Duration.ofHours(1);

    private enum AuthenticationKind {
        SIGV4,
        BASIC,
        NONE
    }

    @Option(
            names = "--es-auth",
            paramLabel = "KIND",
            converter = KindConverter.class,
            description = "how requests to the search engine prove who they are from: sigv4, basic or none (default:"
                    + " none for an endpoint on this machine, else sigv4)")
    private AuthenticationKind authentication;

    @Option(
            names = "--es-service",
            paramLabel = "SERVICE",
            description = "with sigv4: service to sign for, es for a domain or aoss for a serverless collection"
                    + " (default: told from the endpoint)")
    private String service;

    @Option(
            names = "--es-credentials",
            paramLabel = "FILE",
            description = "with --es-auth basic: file on the task managers whose first line is user:password (default:"
                    + " their environment variables " + Authentication.USERNAME_VARIABLE + " and "
                    + Authentication.PASSWORD_VARIABLE + ")")
    private String credentialsFile;

    @Option(
            names = "--es-bulk-actions",
            paramLabel = "DOCUMENTS",
            defaultValue = "" + SearchSink.DEFAULT_BULK_ACTIONS,
            description = "most documents in a bulk request (default: ${DEFAULT-VALUE})")
    private int bulkActions;

    @Option(
            names = "--es-bulk-size",
            paramLabel = "SIZE",
            defaultValue = SearchSink.DEFAULT_BULK_SIZE,
            converter = SizeConverter.class,
            description = "most bytes in a bulk request before compression, such as 500kb or 5mb (default:"
                    + " ${DEFAULT-VALUE})")
    private long bulkBytes;

    @Option(
            names = "--es-flush-interval",
            paramLabel = "TIME",
            defaultValue = SearchSink.DEFAULT_FLUSH_INTERVAL,
            converter = DurationConverter.class,
            description = "longest wait of a document for others to share a bulk request with, such as 500ms"
                    + " (default: ${DEFAULT-VALUE})")
    private Duration flushInterval;

    @Option(
            names = "--es-retry-timeout",
            paramLabel = "TIME",
            defaultValue = SearchSink.DEFAULT_RETRY_TIMEOUT,
            converter = DurationConverter.class,
            description = "how long a document is sent again before the job fails, such as 90s or 10min (default:"
                    + " ${DEFAULT-VALUE})")
    private Duration retryTimeout;

    @Option(
            names = "--es-dead-letters",
            paramLabel = "index|FOLDER",
            defaultValue = DEAD_LETTERS_IN_INDEX,
            description = "where documents go that the search engine refuses for good: an index named like their own"
                    + " with -dead-letter, or files in a folder such as s3://bucket/dead (default: ${DEFAULT-VALUE})")
    private String deadLetters;

    /**
     * The options, checked.
     *
     * @param endpoint of the search engine, empty if there is none
     * @param region to sign for
     */
    SearchOptions options(CommandLine commandLine, Optional<URI> endpoint, String region) {
        require(
                commandLine,
                bulkActions >= 1 && bulkActions <= SearchSink.MAX_BULK_ACTIONS,
                "--es-bulk-actions must be 1 to " + SearchSink.MAX_BULK_ACTIONS + ", but is " + bulkActions);
        require(
                commandLine,
                bulkBytes >= 1 && bulkBytes <= SearchSink.MAX_BULK_BYTES,
                "--es-bulk-size must be 1 byte to " + (SearchSink.MAX_BULK_BYTES >> 20) + "mb, but is " + bulkBytes
                        + " bytes");
        require(
                commandLine,
                isFromOneMillisecond(flushInterval, LONGEST_FLUSH_INTERVAL),
                "--es-flush-interval must be 1ms to 1h");
        require(
                commandLine,
                isFromOneMillisecond(retryTimeout, AnalysisOptions.LONGEST),
                "--es-retry-timeout must be 1ms to 8760h");
        require(
                commandLine,
                service == null || service.equals("es") || service.equals("aoss"),
                "--es-service must be es or aoss, but is '" + service + "'");
        require(
                commandLine,
                credentialsFile == null || !credentialsFile.isBlank(),
                "--es-credentials must be a file on the task managers");
        require(commandLine, !deadLetters.isBlank(), "--es-dead-letters must be index or a folder");
        return new SearchOptions(
                endpoint.isEmpty() ? new Authentication.None() : authentication(commandLine, endpoint.get(), region),
                bulkActions,
                bulkBytes,
                flushInterval,
                retryTimeout,
                deadLetters.equals(DEAD_LETTERS_IN_INDEX) ? Optional.empty() : Optional.of(deadLetters));
    }

    private Authentication authentication(CommandLine commandLine, URI endpoint, String region) {
        Authentication fitting = Authentication.forEndpoint(endpoint, region);
        AuthenticationKind kind = authentication != null
                ? authentication
                : fitting instanceof Authentication.None ? AuthenticationKind.NONE : AuthenticationKind.SIGV4;
        require(
                commandLine,
                service == null || kind == AuthenticationKind.SIGV4,
                "--es-service goes with --es-auth sigv4 only");
        require(
                commandLine,
                credentialsFile == null || kind == AuthenticationKind.BASIC,
                "--es-credentials goes with --es-auth basic only");
        return switch (kind) {
            case NONE -> new Authentication.None();
            case BASIC ->
                credentialsFile == null
                        ? new Authentication.BasicFromEnvironment()
                        : new Authentication.BasicFromFile(credentialsFile);
            case SIGV4 ->
                service == null ? Authentication.sigV4(endpoint, region) : new Authentication.SigV4(region, service);
        };
    }

    private static boolean isFromOneMillisecond(Duration duration, Duration to) {
        return duration.compareTo(Duration.ofMillis(1)) >= 0 && duration.compareTo(to) <= 0;
    }

    private static void require(CommandLine commandLine, boolean condition, String message) {
        if (!condition) {
            throw new ParameterException(commandLine, message);
        }
    }

    private static final class KindConverter implements ITypeConverter<AuthenticationKind> {
        @Override
        public AuthenticationKind convert(String value) {
            try {
                return AuthenticationKind.valueOf(value.toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException("'" + value + "' is none of sigv4, basic and none");
            }
        }
    }

    private static final class SizeConverter implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            try {
                return MemorySize.parse(value).getBytes();
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException("'" + value + "' is no size such as 5mb");
            }
        }
    }
}
