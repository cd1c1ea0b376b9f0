package io.taxistream.processor;

import io.taxistream.credentials.CredentialsSource;
import java.time.Duration;

/**
 * Credentials and time-outs of calls to AWS.
 *
 * @param own the job's own credentials, which sign requests to the search engine
 * @param ofStream credentials that sign calls to Kinesis
 * @param connectTimeout longest time to connect to Kinesis
 * @param readTimeout longest time without data from Kinesis while waiting for a response
 * @param callTimeout longest duration of a call to Kinesis
 * @param maxRetryDelay longest wait before a read that failed is tried again
 */
record StreamAccess(
        CredentialsSource own,
        CredentialsSource ofStream,
        Duration connectTimeout,
        Duration readTimeout,
        Duration callTimeout,
        Duration maxRetryDelay) {}
