package io.taxistream.local.chaos;

import com.carrotsearch.hppc.LongHashSet;
import io.taxistream.events.Event;
import io.taxistream.events.EventReader;
import io.taxistream.events.MalformedEventException;
import io.taxistream.events.TripEvent;
import io.taxistream.local.batch.BatchComputation;
import io.taxistream.local.batch.BatchComputation.Point;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * Trips of a replay, read from the records that the producer prints instead of sending them: their batch computation, and the
 * size of a stream that holds them all. Not thread-safe.
 */
public final class ReplayInput {

    private final EventReader reader = new EventReader();
    private final BatchComputation batch = new BatchComputation();
    private final LongHashSet tripIds = new LongHashSet();
    private long bytes;

    /**
     * Adds a line of the producer's output.
     *
     * @return whether it is a trip that has not been added before
     * @throws MalformedEventException if it is not an event
     */
    public boolean add(String line) throws MalformedEventException {
        byte[] record = line.getBytes(StandardCharsets.UTF_8);
        Event event = reader.read(record);
        if (!(event instanceof TripEvent trip) || !tripIds.add(trip.tripId())) {
            return false;
        }
        bytes += record.length;
        batch.add(
                Instant.ofEpochMilli(trip.pickupMillis()),
                Instant.ofEpochMilli(trip.dropoffMillis()),
                new Point(trip.pickupLat(), trip.pickupLon()),
                new Point(trip.dropoffLat(), trip.dropoffLon()));
        return true;
    }

    /** Returns the batch computation over the trips. */
    public BatchComputation batch() {
        return batch;
    }

    /** Returns the total size of the trips' records. */
    long bytes() {
        return bytes;
    }

    /** Returns the number of trips, duplicates excluded. */
    long trips() {
        return tripIds.size();
    }

    boolean contains(long tripId) {
        return tripIds.contains(tripId);
    }
}
