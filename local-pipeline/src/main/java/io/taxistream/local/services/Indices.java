package io.taxistream.local.services;

import io.taxistream.processor.ResultDocuments;

/**
 * The indices that the job writes to.
 *
 * @param prefix common prefix of their names
 */
public record Indices(String prefix) {

    public static final Indices DEFAULT = new Indices("taxi-dashboard");

    /** Suffix of the indices of dead letters. */
    public static final String DEAD_LETTER_SUFFIX = "-dead-letter";

    /** Returns a name pattern for all indices with the prefix. */
    public String all() {
        return prefix + "-*";
    }

    /** Returns a name pattern for the indices of dead letters. */
    public String deadLetters() {
        return prefix + "-*" + DEAD_LETTER_SUFFIX;
    }

    public String pickupCount() {
        return prefix + ResultDocuments.PICKUP_COUNT;
    }

    public String tripDuration() {
        return prefix + ResultDocuments.TRIP_DURATION;
    }

    /** Returns the index of late trips and of records that are not events. */
    public String rejectedRecord() {
        return prefix + ResultDocuments.REJECTED_RECORD;
    }
}
