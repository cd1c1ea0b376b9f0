package io.taxistream.eventtime;

/**
 * Thrown if a record is not a watermark record or is damaged. The message is one line that names the field and the expected
 * value.
 */
public final class MalformedWatermarkException extends Exception {

    private static final long serialVersionUID = 1;

    /** Kinds of damage, for metrics. */
    public enum Reason {
        /** The bytes are not a single JSON object. */
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

    /** Returns the kind of damage. */
    public Reason reason() {
        return reason;
    }
}
