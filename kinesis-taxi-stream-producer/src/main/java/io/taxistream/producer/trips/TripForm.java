package io.taxistream.producer.trips;

import io.taxistream.events.EventWriter;
import io.taxistream.events.TripEvent;
import io.taxistream.producer.events.EventForm;
import java.nio.ByteBuffer;

/** A trip as an event: its time is the drop-off time, its partition key the trip id. Not thread-safe. */
public final class TripForm implements EventForm<TripEvent> {

    /** The object, its reference and the overhead of sorting. */
    private static final int HEAP_BYTES = 100;

    private static final int STORED_BYTES = 8 * Long.BYTES;

    private final EventWriter writer = new EventWriter();

    @Override
    public long timeMillis(TripEvent trip) {
        return trip.timestampMillis();
    }

    @Override
    public String id(TripEvent trip) {
        return Long.toString(trip.tripId(), Character.MAX_RADIX);
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

    @Override
    public int heapBytes(TripEvent trip) {
        return HEAP_BYTES;
    }

    @Override
    public int storedBytes(TripEvent trip) {
        return STORED_BYTES;
    }

    @Override
    public void store(TripEvent trip, ByteBuffer to) {
        to.putLong(trip.tripId())
                .putLong(trip.pickupMillis())
                .putLong(trip.dropoffMillis())
                .putDouble(trip.pickupLat())
                .putDouble(trip.pickupLon())
                .putDouble(trip.dropoffLat())
                .putDouble(trip.dropoffLon())
                .putDouble(trip.totalAmount());
    }

    @Override
    public int nextStoredBytes(ByteBuffer from) {
        return STORED_BYTES;
    }

    @Override
    public TripEvent restored(ByteBuffer from) {
        return new TripEvent(
                from.getLong(),
                from.getLong(),
                from.getLong(),
                from.getDouble(),
                from.getDouble(),
                from.getDouble(),
                from.getDouble(),
                from.getDouble());
    }
}
