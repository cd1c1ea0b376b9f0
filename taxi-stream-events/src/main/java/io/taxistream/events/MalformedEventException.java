package io.taxistream.events;

/** Thrown for a record that is not an event. The reason is meant for counting, the message for the user. */
public final class MalformedEventException extends Exception {

    /** Kinds of fault. */
    public enum Reason {
        /** The bytes are not one JSON object. */
        NOT_JSON,
        /** The {@code type} is missing or is neither {@code trip} nor {@code watermark}. */
        UNKNOWN_TYPE,
        /** A required field is missing. */
        MISSING_FIELD,
        /** A field has a value of the wrong type, out of range or not a time. */
        INVALID_VALUE
    }

    private final Reason reason;

    MalformedEventException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    MalformedEventException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** Returns the kind of fault. */
    public Reason reason() {
        return reason;
    }
}
