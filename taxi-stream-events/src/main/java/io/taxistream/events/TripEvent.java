package io.taxistream.events;

/**
 * A taxi trip in the stream.
 *
 * <p>Field names and meaning follow the TLC trip record user guide of New York City. Times are bare milliseconds
 * because this is the hot path; {@link EventReader} and {@link EventWriter} convert them to and from text.
 *
 * @param tripId identifies the trip in every replay, so that duplicates can be distinguished from different trips
 * @param pickupMillis start of the trip, milliseconds since the epoch
 * @param dropoffMillis end of the trip, milliseconds since the epoch; this is the trip's event time
 * @param pickupLat degrees, WGS 84
 * @param pickupLon degrees, WGS 84
 * @param dropoffLat degrees, WGS 84
 * @param dropoffLon degrees, WGS 84
 * @param totalAmount amount charged to the passenger in US dollars; 0 if the source does not have it
 */
public record TripEvent(
        long tripId,
        long pickupMillis,
        long dropoffMillis,
        double pickupLat,
        double pickupLon,
        double dropoffLat,
        double dropoffLon,
        double totalAmount)
        implements Event {

    /** @throws IllegalArgumentException if a time is outside the years 0 to 9999, or a number is not finite */
    public TripEvent {
        DateTimes.requireFourDigitYear("pickupMillis", pickupMillis);
        DateTimes.requireFourDigitYear("dropoffMillis", dropoffMillis);
        requireFinite("pickupLat", pickupLat);
        requireFinite("pickupLon", pickupLon);
        requireFinite("dropoffLat", dropoffLat);
        requireFinite("dropoffLon", dropoffLon);
        requireFinite("totalAmount", totalAmount);
    }

    @Override
    public long timestampMillis() {
        return dropoffMillis;
    }

    private static void requireFinite(String name, double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(name + " must be a finite number, but is " + value);
        }
    }
}
