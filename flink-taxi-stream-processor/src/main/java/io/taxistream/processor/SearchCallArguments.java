package io.taxistream.processor;

import static io.taxistream.commandline.UsageException.unless;

import io.taxistream.commandline.Accepts;
import io.taxistream.commandline.ComputedDefault;
import io.taxistream.search.Authentication;
import io.taxistream.search.SearchSink;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Command-line options of requests to the search engine: the region of their signatures, time-outs and retries. */
final class SearchCallArguments {

    /** Address of a domain or collection on AWS, such as {@code search-x.eu-west-1.es.amazonaws.com}. */
    private static final Pattern ADDRESS =
            Pattern.compile(".+\\.([a-z]{2}(?:-[a-z]+)+-\\d)\\.(?:es|aoss)\\.amazonaws\\.com(?:\\.cn)?");

    @Option(
            names = "--es-region",
            paramLabel = "REGION",
            description = "AWS region in SigV4 signatures of requests to the search engine.")
    @Accepts(value = "a region such as us-east-1", pattern = ProcessorCommand.REGION)
    @ComputedDefault("the region in the endpoint's host name, otherwise --region")
    private @Nullable String region;

    @Option(
            names = "--es-connect-timeout",
            paramLabel = "DURATION",
            defaultValue = SearchSink.DEFAULT_CONNECT_TIMEOUT,
            description = "Timeout for connecting to the search engine.")
    @Accepts(from = StreamAccessArguments.SHORTEST_TIMEOUT, to = StreamAccessArguments.LONGEST)
    private Duration connectTimeout;

    @Option(
            names = "--es-request-timeout",
            paramLabel = "DURATION",
            defaultValue = SearchSink.DEFAULT_REQUEST_TIMEOUT,
            description =
                    "Timeout for a response from the search engine. The documents of the request are then retried.")
    @Accepts(from = StreamAccessArguments.SHORTEST_TIMEOUT, to = StreamAccessArguments.LONGEST)
    private Duration requestTimeout;

    @Option(
            names = "--es-max-retry-delay",
            paramLabel = "DURATION",
            defaultValue = SearchSink.DEFAULT_MAX_RETRY_DELAY,
            description = "Maximum delay before a document is retried. The delay starts at 200ms and doubles with each"
                    + " retry.")
    @Accepts(from = StreamAccessArguments.SHORTEST_RETRY_DELAY, to = StreamAccessArguments.LONGEST)
    private Duration maxRetryDelay;

    /**
     * The region to sign requests for.
     *
     * @param endpoint address of the search engine, if any
     * @param ofStream region of the stream
     */
    String region(Optional<URI> endpoint, String ofStream) {
        if (region != null) {
            return region;
        }
        return endpoint.map(address -> ADDRESS.matcher(address.getHost()))
                .filter(Matcher::matches)
                .map(address -> address.group(1))
                .orElse(ofStream);
    }

    /** Validates the options. */
    SearchCalls calls(Authentication authentication) {
        unless(
                region == null || authentication instanceof Authentication.SigV4,
                "--es-region requires --es-auth sigv4");
        return new SearchCalls(connectTimeout, requestTimeout, maxRetryDelay);
    }
}
