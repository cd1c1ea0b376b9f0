package io.taxistream.eventtime.source;

import io.taxistream.credentials.CredentialsSource;
import java.io.Serializable;
import java.time.Duration;

/**
 * How Kinesis is called; {@link KinesisSource.Builder} explains the fields and holds the defaults.
 *
 * @param credentials sign the calls
 * @param connectTimeout until a connection is made
 * @param readTimeout of silence while an answer is awaited
 * @param callTimeout of a call as a whole
 */
record CallOptions(CredentialsSource credentials, Duration connectTimeout, Duration readTimeout, Duration callTimeout)
        implements Serializable {

    /** @throws IllegalArgumentException if a call as a whole may take less time than a part of it */
    CallOptions {
        if (callTimeout.compareTo(connectTimeout) < 0 || callTimeout.compareTo(readTimeout) < 0) {
            throw new IllegalArgumentException("callTimeout is " + callTimeout.toMillis()
                    + " ms; it must be at least connectTimeout (" + connectTimeout.toMillis()
                    + " ms) and readTimeout (" + readTimeout.toMillis() + " ms)");
        }
    }
}
