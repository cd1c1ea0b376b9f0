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

/** Command-line options of the search sink. */
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
            description = "authentication to the search engine: sigv4, basic or none (default:"
                    + " none for an endpoint on this machine, otherwise sigv4)")
    private AuthenticationKind authentication;

    @Option(
            names = "--es-service",
            paramLabel = "SERVICE",
            description = "service name in SigV4 signatures: es for a domain, aoss for a serverless collection"
                    + " (default: derived from the endpoint)")
    private String service;

    @Option(
            names = "--es-credentials",
            paramLabel = "FILE",
            description = "with --es-auth basic: file on the task managers whose first line is user:password (default:"
                    + " the environment variables " + Authentication.USERNAME_VARIABLE + " and "
                    + Authentication.PASSWORD_VARIABLE + ")")
    private String credentialsFile;

    @Option(
            names = "--es-basic-over-http",
            description = "with --es-auth basic: send user and password to another host even if the endpoint is http,"
                    + " where anyone in between can read them")
    private boolean basicOverHttp;

    @Option(
            names = "--es-bulk-actions",
            paramLabel = "DOCUMENTS",
            defaultValue = "" + SearchSink.DEFAULT_BULK_ACTIONS,
            description = "maximum number of documents in a bulk request (default: ${DEFAULT-VALUE})")
    private int bulkActions;

    @Option(
            names = "--es-bulk-size",
            paramLabel = "SIZE",
            defaultValue = SearchSink.DEFAULT_BULK_SIZE,
            converter = SizeConverter.class,
            description = "maximum size of a bulk request before compression, such as 500kb or 5mb (default:"
                    + " ${DEFAULT-VALUE})")
    private long bulkBytes;

    @Option(
            names = "--es-flush-interval",
            paramLabel = "TIME",
            defaultValue = SearchSink.DEFAULT_FLUSH_INTERVAL,
            converter = DurationConverter.class,
            description = "longest time a document waits for a bulk request to fill, such as 500ms"
                    + " (default: ${DEFAULT-VALUE})")
    private Duration flushInterval;

    @Option(
            names = "--es-retry-timeout",
            paramLabel = "TIME",
            defaultValue = SearchSink.DEFAULT_RETRY_TIMEOUT,
            converter = DurationConverter.class,
            description = "how long to retry a document before the job fails, such as 90s or 10min (default:"
                    + " ${DEFAULT-VALUE})")
    private Duration retryTimeout;

    @Option(
            names = "--es-dead-letters",
            paramLabel = "index|FOLDER",
            defaultValue = DEAD_LETTERS_IN_INDEX,
            description =
                    "where to store documents that the search engine rejects permanently: in an index named like their"
                            + " own with -dead-letter, or in files in a folder such as s3://bucket/dead (default: ${DEFAULT-VALUE})")
    private String deadLetters;

    /**
     * Validates the options.
     *
     * @param endpoint address of the search engine, if any
     * @param region AWS region in SigV4 signatures
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
                basicOverHttp,
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
                "--es-service requires --es-auth sigv4");
        require(
                commandLine,
                credentialsFile == null || kind == AuthenticationKind.BASIC,
                "--es-credentials requires --es-auth basic");
        require(
                commandLine,
                !basicOverHttp || kind == AuthenticationKind.BASIC,
                "--es-basic-over-http requires --es-auth basic");
        require(
                commandLine,
                kind != AuthenticationKind.BASIC || basicOverHttp || SearchSink.keepsPasswordsPrivate(endpoint),
                "--es-auth basic would send user and password unencrypted to " + endpoint
                        + "; use https, or allow it with --es-basic-over-http");
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
                throw new TypeConversionException("'" + value + "' must be sigv4, basic or none");
            }
        }
    }

    private static final class SizeConverter implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            try {
                return MemorySize.parse(value).getBytes();
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException("'" + value + "' is not a size such as 5mb");
            }
        }
    }
}
