package io.taxistream.embeddedkinesis;

import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

/** A way in which a call fails. */
public sealed interface Fault {

    /**
     * Responds with a server error.
     *
     * @param status 500 (internal failure) or 503 (service unavailable)
     * @param executed whether the call takes effect, so that a retry executes it twice
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
     * Throttles the call, which has no effect. A PutRecords call rejects a share of its records, as the service does, and
     * stores the others.
     *
     * @param share share of the records to reject, greater than 0 and at most 1; other calls are rejected as a whole
     */
    record Throttle(double share) implements Fault {

        /** @throws IllegalArgumentException if the share is not greater than 0 and at most 1 */
        public Throttle {
            if (!(share > 0 && share <= 1)) {
                throw new IllegalArgumentException(
                        "the share to throttle must be more than 0 and at most 1, but is " + share);
            }
        }
    }

    /** Rejects the call, which has no effect, because the credentials that signed it have expired. */
    record ExpiredCredentials() implements Fault {}

    /**
     * Delays the response; the call takes effect immediately.
     *
     * @param time delay of the response
     */
    record Delay(Duration time) implements Fault {}

    /**
     * Never responds. The connection is closed when the endpoint closes, or after a minute.
     *
     * @param executed whether the call takes effect
     */
    record NoAnswer(boolean executed) implements Fault {}

    /**
     * Closes the connection instead of responding.
     *
     * @param executed whether the call takes effect
     */
    record ConnectionClosed(boolean executed) implements Fault {}

    /** Fault of an established subscription to a shard; applies to SubscribeToShard only. */
    sealed interface SubscriptionFault extends Fault {

        /** Returns the number of events sent before the fault. */
        int afterEvents();
    }

    /**
     * Closes the connection of the subscription, as if the host had gone away. Other calls on the connection fail as well.
     *
     * @param afterEvents number of events sent before, 0 or more
     */
    record SubscriptionDropped(int afterEvents) implements SubscriptionFault {

        /** @throws IllegalArgumentException if the number is negative */
        public SubscriptionDropped {
            requireNonNegative(afterEvents);
        }
    }

    /**
     * Ends the subscription with an error in the event stream.
     *
     * @param type one of {@link #TYPES}
     * @param afterEvents number of events sent before, 0 or more
     */
    record SubscriptionError(String type, int afterEvents) implements SubscriptionFault {

        /** Errors that the API defines for event streams. */
        public static final Set<String> TYPES = Set.of(
                "InternalFailureException",
                "KMSAccessDeniedException",
                "KMSDisabledException",
                "KMSInvalidStateException",
                "KMSNotFoundException",
                "KMSOptInRequired",
                "KMSThrottlingException",
                "ResourceInUseException",
                "ResourceNotFoundException");

        /** @throws IllegalArgumentException if the type is unknown or the number is negative */
        public SubscriptionError {
            if (!TYPES.contains(type)) {
                throw new IllegalArgumentException("the type of an error in an event stream must be one of "
                        + new TreeSet<>(TYPES) + ", but is " + type);
            }
            requireNonNegative(afterEvents);
        }
    }

    /**
     * Keeps the subscription open but sends nothing more, not even its end.
     *
     * @param afterEvents number of events sent before, 0 or more
     */
    record SubscriptionSilent(int afterEvents) implements SubscriptionFault {

        /** @throws IllegalArgumentException if the number is negative */
        public SubscriptionSilent {
            requireNonNegative(afterEvents);
        }
    }

    private static void requireNonNegative(int afterEvents) {
        if (afterEvents < 0) {
            throw new IllegalArgumentException("afterEvents must be 0 or more, but is " + afterEvents);
        }
    }
}
