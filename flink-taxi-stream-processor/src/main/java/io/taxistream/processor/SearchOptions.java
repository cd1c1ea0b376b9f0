package io.taxistream.processor;

import io.taxistream.search.Authentication;
import java.time.Duration;
import java.util.Optional;

/**
 * How documents get into the search engine.
 *
 * @param authentication at the search engine
 * @param bulkActions most documents in a bulk request
 * @param bulkBytes most bytes in a bulk request, before compression
 * @param flushInterval longest wait of a document for others to share a bulk request with
 * @param retryTimeout how long a document is sent again before the job fails
 * @param basicOverHttp whether a password may be sent unencrypted to another host
 * @param deadLetterFolder where refused documents are kept; without it, in an index beside their own
 */
record SearchOptions(
        Authentication authentication,
        int bulkActions,
        long bulkBytes,
        Duration flushInterval,
        Duration retryTimeout,
        boolean basicOverHttp,
        Optional<String> deadLetterFolder) {}
