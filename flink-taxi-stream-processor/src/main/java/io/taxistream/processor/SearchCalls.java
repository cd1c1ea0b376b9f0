package io.taxistream.processor;

import java.time.Duration;

/**
 * Time-outs and retries of requests to the search engine.
 *
 * @param connectTimeout longest time to connect
 * @param requestTimeout longest silence before a request counts as failed
 * @param maxRetryDelay longest wait before a document is sent again
 */
record SearchCalls(Duration connectTimeout, Duration requestTimeout, Duration maxRetryDelay) {}
