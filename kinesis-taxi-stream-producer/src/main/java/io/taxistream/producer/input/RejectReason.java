package io.taxistream.producer.input;

import java.util.Locale;

/** Reason why a record is not an event to be sent. */
public enum RejectReason {
    /** The record has fewer fields than the header, or lacks a required field. */
    MISSING_FIELD,
    /** The record has more fields than the header, and they are not empty. */
    SURPLUS_FIELD,
    /** A quoted field is not closed, or is followed by something other than the separator. */
    INVALID_QUOTE,
    /** A time is malformed, or lacks a required time zone. */
    INVALID_TIME,
    /** A coordinate or an amount is not a finite number. */
    INVALID_NUMBER,
    /** A taxi zone is not on the map. */
    UNKNOWN_ZONE,
    /** A taxi zone is 264 (unknown) or 265 (outside the city): readable, but without a location; counted separately. */
    NOWHERE,
    /** A JSON field has the wrong type, is out of range or is not a time. */
    INVALID_VALUE,
    /** The line is not one JSON object. */
    NOT_JSON,
    /** A stream watermark, which would be mistaken for a watermark if it were sent as an event. */
    WATERMARK,
    /** A JSON object whose type is not {@code trip}. */
    NOT_A_TRIP,
    /** A line longer than any trip, or a record larger than Kinesis accepts. */
    TOO_LONG;

    /** Returns the name in statistics, such as {@code missing_field}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
