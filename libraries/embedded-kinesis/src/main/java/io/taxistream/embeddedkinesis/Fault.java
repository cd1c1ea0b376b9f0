package io.taxistream.embeddedkinesis;

import java.time.Duration;

/** One way in which a call goes wrong. */
public sealed interface Fault {

    /**
     * The call is answered with an error of the server.
     *
     * @param status 500 (an internal failure) or 503 (the service is unavailable)
     * @param executed whether the call has taken effect, so that a client that retries does it twice
     */
    record ServerError(int status, boolean executed) implements Fault {

        /** @throws IllegalArgumentException if the status is neither 500 nor 503 */
        public ServerError {
            if (status != 500 && status != 503) {
                throw new IllegalArgumentException("the status of a server error must be 500 or 503, but is " + status);
            }
        }
    }

    /**
     * The call is throttled and has no effect. A PutRecords call refuses a share of its records, as the service does, and
     * stores the others.
     *
     * @param share share of the records to refuse, greater than 0 and at most 1; other calls are refused as a whole
     */
    record Throttle(double share) implements Fault {

        /** @throws IllegalArgumentException if the share is not more than 0 and at most 1 */
        public Throttle {
            if (!(share > 0 && share <= 1)) {
                throw new IllegalArgumentException(
                        "the share to throttle must be more than 0 and at most 1, but is " + share);
            }
        }
    }

    /** The call is refused because the credentials that signed it have expired, and has no effect. */
    record ExpiredCredentials() implements Fault {}

    /**
     * The call takes effect at once and is answered late.
     *
     * @param time the delay
     */
    record Delay(Duration time) implements Fault {}

    /**
     * The call is never answered; its connection is closed when the endpoint closes, or after a minute.
     *
     * @param executed whether the call has taken effect
     */
    record NoAnswer(boolean executed) implements Fault {}

    /**
     * The connection is closed in place of an answer.
     *
     * @param executed whether the call has taken effect
     */
    record ConnectionClosed(boolean executed) implements Fault {}
}
