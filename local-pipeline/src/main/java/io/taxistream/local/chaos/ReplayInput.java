package io.taxistream.local.chaos;

import io.taxistream.events.Event;
import io.taxistream.events.EventReader;
import io.taxistream.events.MalformedEventException;
import io.taxistream.events.TripEvent;
import io.taxistream.local.batch.BatchComputation;
import io.taxistream.local.batch.BatchComputation.Point;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

/**
 * Trips of a replay, read from the records that the producer prints instead of sending them: their batch computation, and the
 * size of a stream that holds them all. Not thread-safe.
 */
public final class ReplayInput {

    private final EventReader reader = new EventReader();
    private final BatchComputation batch = new BatchComputation();
    private final Set<Long> tripIds = new HashSet<>();
    private long bytes;

    /**
     * Adds a line of the producer's output.
     *
     * @throws MalformedEventException if it is not an event
     */
    public void add(String line) throws MalformedEventException {
        byte[] record = line.getBytes(StandardCharsets.UTF_8);
        Event event = reader.read(record);
        if (event instanceof TripEvent trip && tripIds.add(trip.tripId())) {
            bytes += record.length;
            batch.add(
                    Instant.ofEpochMilli(trip.pickupMillis()),
                    Instant.ofEpochMilli(trip.dropoffMillis()),
                    new Point(trip.pickupLat(), trip.pickupLon()),
                    new Point(trip.dropoffLat(), trip.dropoffLon()));
        }
    }

    /** Returns the batch computation over the trips. */
    public BatchComputation batch() {
        return batch;
    }

    /** Returns the total size of the trips' records. */
    long bytes() {
        return bytes;
    }

    boolean contains(long tripId) {
        return tripIds.contains(tripId);
    }
}
