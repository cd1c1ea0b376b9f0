package io.taxistream.processor;

import static io.taxistream.commandline.UsageException.unless;

import io.taxistream.commandline.Accepts;
import io.taxistream.commandline.ComputedDefault;
import io.taxistream.search.Authentication;
import io.taxistream.search.SearchSink;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.apache.flink.configuration.MemorySize;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Command-line options of the search sink. */
final class SearchArguments {

    private static final String DEAD_LETTERS_IN_INDEX = "index";

    private enum AuthenticationKind {
        SIGV4,
        BASIC,
        NONE
    }

    /** A number of bytes, such as {@code 5mb}. */
    record Size(long bytes) implements Comparable<Size> {

        static Size parse(String value) {
            return new Size(MemorySize.parse(value).getBytes());
        }

        @Override
        public int compareTo(Size other) {
            return Long.compare(bytes, other.bytes);
        }
    }

    @Option(
            names = "--es-auth",
            paramLabel = "KIND",
            description = "Authentication to the search engine: sigv4, basic or none.")
    @ComputedDefault("none for an endpoint on this machine, otherwise sigv4")
    private @Nullable AuthenticationKind authentication;

    @Option(
            names = "--es-service",
            paramLabel = "es|aoss",
            description = "Service name in SigV4 signatures: es for a domain, aoss for a serverless collection.")
    @Accepts(value = "es or aoss", pattern = "es|aoss")
    @ComputedDefault("derived from the endpoint")
    private @Nullable String service;

    @Option(
            names = "--es-credentials",
            paramLabel = "FILE",
            description = "With --es-auth basic: file on the task managers with user:password in its first line.")
    @Accepts(value = "a file on the task managers", pattern = ".*\\S.*")
    @ComputedDefault("the environment variables " + Authentication.USERNAME_VARIABLE + " and "
            + Authentication.PASSWORD_VARIABLE)
    private @Nullable String credentialsFile;

    @Option(
            names = "--es-basic-over-http",
            description = "With --es-auth basic: allow an http endpoint on another host, which sends user and password"
                    + " unencrypted.")
    private boolean basicOverHttp;

    @Option(
            names = "--es-bulk-actions",
            paramLabel = "DOCUMENTS",
            defaultValue = "" + SearchSink.DEFAULT_BULK_ACTIONS,
            description = "Maximum number of documents in a bulk request.")
    @Accepts(from = "1", to = "" + SearchSink.MAX_BULK_ACTIONS)
    private int bulkActions;

    @Option(
            names = "--es-bulk-size",
            paramLabel = "SIZE",
            defaultValue = SearchSink.DEFAULT_BULK_SIZE,
            description = "Maximum size of a bulk request before compression, such as 500kb or 5mb.")
    @Accepts(value = "a size such as 500kb or 5mb", from = "1b", to = (SearchSink.MAX_BULK_BYTES >> 20) + "mb")
    private Size bulkSize;

    @Option(
            names = "--es-flush-interval",
            paramLabel = "DURATION",
            defaultValue = SearchSink.DEFAULT_FLUSH_INTERVAL,
            description = "Maximum time that a document waits for a bulk request to fill, such as 500ms.")
    @Accepts(from = "1ms", to = "1h")
    private Duration flushInterval;

    @Option(
            names = "--es-retry-timeout",
            paramLabel = "DURATION",
            defaultValue = SearchSink.DEFAULT_RETRY_TIMEOUT,
            description = "How long to retry a document before the job fails, such as 90s or 10min.")
    @Accepts(from = "1ms", to = ProcessorCommand.YEAR)
    private Duration retryTimeout;

    @Option(
            names = "--es-dead-letters",
            paramLabel = "index|FOLDER",
            defaultValue = DEAD_LETTERS_IN_INDEX,
            description =
                    "Where to store documents that the search engine rejects permanently: in an index with the name of"
                            + " their own plus -dead-letter, or in files in a folder such as s3://bucket/dead.")
    @Accepts(value = "index or a folder", pattern = ".*\\S.*")
    private String deadLetters;

    /**
     * Validates the options.
     *
     * @param endpoint address of the search engine, if any
     * @param region AWS region in SigV4 signatures
     */
    SearchOptions options(Optional<URI> endpoint, String region) {
        return new SearchOptions(
                endpoint.isEmpty() ? new Authentication.None() : authentication(endpoint.get(), region),
                bulkActions,
                bulkSize.bytes(),
                flushInterval,
                retryTimeout,
                basicOverHttp,
                deadLetters.equals(DEAD_LETTERS_IN_INDEX) ? Optional.empty() : Optional.of(deadLetters));
    }

    private Authentication authentication(URI endpoint, String region) {
        Authentication defaultAuthentication = Authentication.forEndpoint(endpoint, region);
        AuthenticationKind kind = authentication != null
                ? authentication
                : defaultAuthentication instanceof Authentication.None
                        ? AuthenticationKind.NONE
                        : AuthenticationKind.SIGV4;
        unless(service == null || kind == AuthenticationKind.SIGV4, "--es-service requires --es-auth sigv4");
        unless(
                credentialsFile == null || kind == AuthenticationKind.BASIC,
                "--es-credentials requires --es-auth basic");
        unless(!basicOverHttp || kind == AuthenticationKind.BASIC, "--es-basic-over-http requires --es-auth basic");
        unless(
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
}
