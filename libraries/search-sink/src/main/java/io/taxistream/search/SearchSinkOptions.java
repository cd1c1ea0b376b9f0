package io.taxistream.search;

import java.io.Serializable;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/** Options of a sink; {@link SearchSink.Builder} has their meaning and defaults. */
record SearchSinkOptions(
        URI endpoint,
        Authentication authentication,
        int bulkActions,
        long bulkBytes,
        Duration flushInterval,
        int maxInFlightRequests,
        Duration requestTimeout,
        RetryPolicy retryPolicy,
        boolean compressed,
        DeadLetters deadLetters,
        double maxRefusedShare,
        int minRefusedDocuments,
        List<IndexTemplate> indexTemplates)
        implements Serializable {

    private static final long serialVersionUID = 1;
}
