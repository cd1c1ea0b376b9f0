package io.taxistream.eventtime;

/** A record that is not a watermark, or a damaged one; the message is one line that names the field and what it must be. */
public final class MalformedWatermarkException extends Exception {

    private static final long serialVersionUID = 1;

    /** Kinds of damage, to count by. */
    public enum Reason {
        /** The bytes are not one JSON object. */
        NOT_JSON,
        /** A required field is missing. */
        MISSING_FIELD,
        /** A field has the wrong type, or its value is out of range. */
        INVALID_VALUE
    }

    private final Reason reason;

    MalformedWatermarkException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    MalformedWatermarkException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** The kind of damage. */
    public Reason reason() {
        return reason;
    }
}
