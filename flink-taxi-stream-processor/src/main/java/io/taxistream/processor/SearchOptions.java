package io.taxistream.processor;

import io.taxistream.search.Authentication;
import java.time.Duration;
import java.util.Optional;

/**
 * Options of the search sink.
 *
 * @param authentication authentication of requests
 * @param bulkActions maximum number of documents in a bulk request
 * @param bulkBytes maximum size of a bulk request before compression
 * @param flushInterval longest time a document waits for a bulk request to fill
 * @param retryTimeout how long a document is retried before the job fails
 * @param basicOverHttp whether a password may be sent unencrypted to another host
 * @param deadLetterFolder folder for rejected documents; if empty, they go to an index beside their own
 */
record SearchOptions(
        Authentication authentication,
        int bulkActions,
        long bulkBytes,
        Duration flushInterval,
        Duration retryTimeout,
        boolean basicOverHttp,
        Optional<String> deadLetterFolder) {}
