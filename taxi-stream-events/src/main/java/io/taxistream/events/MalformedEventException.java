package io.taxistream.events;

/** A record that is not an event; says why, so that it can be counted by reason and shown to a person. */
public final class MalformedEventException extends Exception {

    /** Why a record could not be read. */
    public enum Reason {
        /** The bytes are not one JSON object. */
        NOT_JSON,
        /** The {@code type} is missing or is neither {@code trip} nor {@code watermark}. */
        UNKNOWN_TYPE,
        /** A field that the type needs is missing. */
        MISSING_FIELD,
        /** A field's value has the wrong type, is out of range or is not a time. */
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

    /** Why the record could not be read. */
    public Reason reason() {
        return reason;
    }
}
