package io.taxistream.processor;

import io.taxistream.search.Authentication;
import io.taxistream.search.SearchSink;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Command-line options of requests to the search engine: the region of their signatures, time-outs and retries. */
final class SearchCallArguments {

    private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(10);
    private static final Duration SHORTEST_RETRY_DELAY = Duration.ofMillis(200);

    private static final Pattern REGION = Pattern.compile("[a-zA-Z0-9-]{1,63}");

    /** Address of a domain or collection on AWS, such as {@code search-x.eu-west-1.es.amazonaws.com}. */
    private static final Pattern ADDRESS =
            Pattern.compile(".+\\.([a-z]{2}(?:-[a-z]+)+-\\d)\\.(?:es|aoss)\\.amazonaws\\.com(?:\\.cn)?");

    @Option(
            names = "--es-region",
            paramLabel = "REGION",
            description =
                    "AWS region in SigV4 signatures of requests to the search engine (default: the one in the address"
                            + " of the domain, otherwise --region)")
    private @Nullable String region;

    @Option(
            names = "--es-connect-timeout",
            paramLabel = "DURATION",
            defaultValue = SearchSink.DEFAULT_CONNECT_TIMEOUT,
            converter = DurationConverter.class,
            description = "longest time to connect to the search engine (default: ${DEFAULT-VALUE})")
    private Duration connectTimeout;

    @Option(
            names = "--es-request-timeout",
            paramLabel = "DURATION",
            defaultValue = SearchSink.DEFAULT_REQUEST_TIMEOUT,
            converter = DurationConverter.class,
            description =
                    "longest silence of the search engine before a request counts as failed and its documents are sent"
                            + " again (default: ${DEFAULT-VALUE})")
    private Duration requestTimeout;

    @Option(
            names = "--es-max-retry-delay",
            paramLabel = "DURATION",
            defaultValue = SearchSink.DEFAULT_MAX_RETRY_DELAY,
            converter = DurationConverter.class,
            description =
                    "longest wait before a document is sent again; the first is 200ms, each is twice as long as the one"
                            + " before (default: ${DEFAULT-VALUE})")
    private Duration maxRetryDelay;

    /**
     * The region to sign requests for.
     *
     * @param endpoint address of the search engine, if any
     * @param ofStream region of the stream
     */
    String region(CommandLine commandLine, Optional<URI> endpoint, String ofStream) {
        if (region != null) {
            require(
                    commandLine,
                    REGION.matcher(region).matches(),
                    "--es-region is '" + region + "'; it must be a region such as us-east-1");
            return region;
        }
        return endpoint.map(address -> ADDRESS.matcher(address.getHost()))
                .filter(Matcher::matches)
                .map(address -> address.group(1))
                .orElse(ofStream);
    }

    /** Validates the options. */
    SearchCalls calls(CommandLine commandLine, Authentication authentication) {
        require(
                commandLine,
                region == null || authentication instanceof Authentication.SigV4,
                "--es-region requires --es-auth sigv4");
        StreamAccessArguments.requireRange(commandLine, "--es-connect-timeout", connectTimeout, SHORTEST_TIMEOUT);
        StreamAccessArguments.requireRange(commandLine, "--es-request-timeout", requestTimeout, SHORTEST_TIMEOUT);
        StreamAccessArguments.requireRange(commandLine, "--es-max-retry-delay", maxRetryDelay, SHORTEST_RETRY_DELAY);
        return new SearchCalls(connectTimeout, requestTimeout, maxRetryDelay);
    }

    private static void require(CommandLine commandLine, boolean condition, String message) {
        if (!condition) {
            throw new ParameterException(commandLine, message);
        }
    }
}
