package io.taxistream.producer.replay;

import io.taxistream.events.EventWriter;
import io.taxistream.events.TripEvent;

/** A trip as an event: its time is that of its drop-off, its key its id. For one thread. */
public final class TripForm implements EventForm<TripEvent> {

    private final EventWriter writer = new EventWriter();

    @Override
    public long timeMillis(TripEvent trip) {
        return trip.timestampMillis();
    }

    @Override
    public String id(TripEvent trip) {
        return Long.toUnsignedString(trip.tripId(), Character.MAX_RADIX);
    }

    @Override
    public String key(TripEvent trip) {
        return id(trip);
    }

    @Override
    public TripEvent shifted(TripEvent trip, long millis) {
        return new TripEvent(
                trip.tripId(),
                trip.pickupMillis() + millis,
                trip.dropoffMillis() + millis,
                trip.pickupLat(),
                trip.pickupLon(),
                trip.dropoffLat(),
                trip.dropoffLon(),
                trip.totalAmount());
    }

    @Override
    public byte[] bytes(TripEvent trip) {
        return writer.write(trip);
    }
}
