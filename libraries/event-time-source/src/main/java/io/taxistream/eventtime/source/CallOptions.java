package io.taxistream.eventtime.source;

import io.taxistream.credentials.CredentialsSource;
import java.io.Serializable;
import java.time.Duration;

/**
 * Options for calls to Kinesis; {@link KinesisSource.Builder} documents them and holds the defaults.
 *
 * @param credentials credentials that sign the calls
 * @param connectTimeout longest time to establish a connection
 * @param readTimeout longest time without data while waiting for a response
 * @param callTimeout longest duration of a whole call
 */
record CallOptions(CredentialsSource credentials, Duration connectTimeout, Duration readTimeout, Duration callTimeout)
        implements Serializable {

    /** @throws IllegalArgumentException if the call timeout is shorter than another timeout */
    CallOptions {
        if (callTimeout.compareTo(connectTimeout) < 0 || callTimeout.compareTo(readTimeout) < 0) {
            throw new IllegalArgumentException("callTimeout is " + callTimeout.toMillis()
                    + " ms; it must be at least connectTimeout (" + connectTimeout.toMillis()
                    + " ms) and readTimeout (" + readTimeout.toMillis() + " ms)");
        }
    }
}
