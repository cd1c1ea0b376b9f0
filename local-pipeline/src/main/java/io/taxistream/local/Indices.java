package io.taxistream.local;

/**
 * The indices that the job writes to.
 *
 * @param prefix what their names begin with
 */
record Indices(String prefix) {

    static final Indices DEFAULT = new Indices("taxi-dashboard");

    String pickupCount() {
        return prefix + "-pickup-count";
    }

    String tripDuration() {
        return prefix + "-trip-duration";
    }

    /** Late trips and records that are no events. */
    String rejectedRecord() {
        return prefix + "-rejected-record";
    }
}
