package io.taxistream.producer.input;

import java.util.Locale;

/** Why a record is not an event to be sent. */
public enum RejectReason {
    /** It has fewer fields than the header, or lacks a field that an event needs. */
    MISSING_FIELD,
    /** It has more fields than the header, and they are not empty. */
    SURPLUS_FIELD,
    /** A quoted field is not closed, or followed by something else than the separator. */
    INVALID_QUOTE,
    /** A time is not a time, or does not say of which time zone. */
    INVALID_TIME,
    /** A coordinate or an amount is not a finite number. */
    INVALID_NUMBER,
    /** A taxi zone that is not on the map. */
    UNKNOWN_ZONE,
    /** The TLC's taxi zones 264 (unknown) and 265 (outside the city): readable, but without a place; counted separately. */
    NOWHERE,
    /** A JSON field has the wrong type, is out of range or is not a time. */
    INVALID_VALUE,
    /** The line is not one JSON object. */
    NOT_JSON,
    /** A watermark of a stream, which would be taken for one again. */
    WATERMARK,
    /** A JSON object of another type than trip. */
    NOT_A_TRIP,
    /** A line longer than any trip can be, or a record longer than Kinesis takes. */
    TOO_LONG;

    /** The name in statistics, such as {@code missing_field}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
