package io.taxistream.embeddedkinesis;

import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

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

    /** What goes wrong in a subscription to a shard that has begun well; it happens to calls of SubscribeToShard alone. */
    sealed interface OfSubscription extends Fault {

        /** Returns the number of events that the subscription sends before. */
        int afterEvents();
    }

    /**
     * The subscription's connection is closed, as when a host goes away: other calls on the connection end as well.
     *
     * @param afterEvents number of events that are sent before, 0 or more
     */
    record SubscriptionDropped(int afterEvents) implements OfSubscription {

        /** @throws IllegalArgumentException if the number is negative */
        public SubscriptionDropped {
            requireNotNegative(afterEvents);
        }
    }

    /**
     * The subscription ends with an error in the event stream.
     *
     * @param type one of {@link #TYPES}
     * @param afterEvents number of events that are sent before, 0 or more
     */
    record SubscriptionError(String type, int afterEvents) implements OfSubscription {

        /** The errors that the API names for event streams. */
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
            requireNotNegative(afterEvents);
        }
    }

    /**
     * The subscription stays open and sends nothing more, not even its end.
     *
     * @param afterEvents number of events that are sent before, 0 or more
     */
    record SubscriptionSilent(int afterEvents) implements OfSubscription {

        /** @throws IllegalArgumentException if the number is negative */
        public SubscriptionSilent {
            requireNotNegative(afterEvents);
        }
    }

    private static void requireNotNegative(int afterEvents) {
        if (afterEvents < 0) {
            throw new IllegalArgumentException("the events before a fault must be 0 or more, but are " + afterEvents);
        }
    }
}
