package io.taxistream.events;

/**
 * One taxi trip, as it travels through the stream.
 *
 * <p>Field names and meaning follow the TLC trip record user guide of New York City. Times are bare milliseconds because
 * millions of these are read and written a second; {@link EventReader} and {@link EventWriter} hold the text form.
 *
 * @param tripId the same for the same trip in every replay, so that a trip delivered twice can be told from two trips
 * @param pickupMillis start of the trip, milliseconds since the epoch
 * @param dropoffMillis end of the trip, milliseconds since the epoch; this is the trip's event time
 * @param pickupLat degrees, WGS 84
 * @param pickupLon degrees, WGS 84
 * @param dropoffLat degrees, WGS 84
 * @param dropoffLon degrees, WGS 84
 * @param totalAmount what the passenger was charged, US dollars; 0 where the source has none
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

    /** @throws IllegalArgumentException if a time lies outside the years 0 to 9999, or a number is not finite */
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
