package io.taxistream.search;

import io.taxistream.credentials.CredentialsSource;
import java.io.Serializable;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Options of a sink; {@link SearchSink.Builder} documents them and holds the defaults. */
record SearchSinkOptions(
        URI endpoint,
        Authentication authentication,
        CredentialsSource credentials,
        int bulkActions,
        long bulkBytes,
        Duration flushInterval,
        int maxInFlightRequests,
        Duration connectTimeout,
        Duration requestTimeout,
        RetryPolicy retryPolicy,
        boolean compressed,
        DeadLetters deadLetters,
        double maxRejectedShare,
        int minRejectedDocuments,
        List<IndexTemplate> indexTemplates,
        @Nullable String metricGroup)
        implements Serializable {

    private static final long serialVersionUID = 1;
}
