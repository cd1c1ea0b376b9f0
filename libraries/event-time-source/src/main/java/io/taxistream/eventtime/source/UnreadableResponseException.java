package io.taxistream.eventtime.source;

/** Thrown if a response of Kinesis lacks what every response contains, or contains what Kinesis does not send. */
final class UnreadableResponseException extends Exception {

    private static final long serialVersionUID = 1;

    UnreadableResponseException(String message) {
        super("unreadable response: " + message);
    }
}
