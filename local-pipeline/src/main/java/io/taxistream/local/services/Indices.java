package io.taxistream.local.services;

import io.taxistream.processor.ResultDocuments;

/**
 * The indices that the job writes to.
 *
 * @param prefix what their names begin with
 */
public record Indices(String prefix) {

    public static final Indices DEFAULT = new Indices("taxi-dashboard");

    /** What the names of the indices of refused documents end with. */
    public static final String DEAD_LETTER_SUFFIX = "-dead-letter";

    /** Name pattern of all indices with the prefix. */
    public String all() {
        return prefix + "-*";
    }

    /** Name pattern of the indices of refused documents. */
    public String deadLetters() {
        return prefix + "-*" + DEAD_LETTER_SUFFIX;
    }

    public String pickupCount() {
        return prefix + ResultDocuments.PICKUP_COUNT;
    }

    public String tripDuration() {
        return prefix + ResultDocuments.TRIP_DURATION;
    }

    /** Late trips and records that are no events. */
    public String rejectedRecord() {
        return prefix + ResultDocuments.REJECTED_RECORD;
    }
}
