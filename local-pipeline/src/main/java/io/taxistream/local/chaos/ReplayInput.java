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
 * The trips of a replay, from the records that the producer prints instead of sending them: what a batch computation makes
 * of them, and how much a stream holds when it holds them all. Not thread-safe.
 */
public final class ReplayInput {

    private final EventReader reader = new EventReader();
    private final BatchComputation batch = new BatchComputation();
    private final Set<Long> tripIds = new HashSet<>();
    private long bytes;

    /**
     * Takes a line of the producer's output.
     *
     * @throws MalformedEventException if it is no event
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

    /** What a batch computation makes of the trips. */
    public BatchComputation batch() {
        return batch;
    }

    /** The trips' records together. */
    long bytes() {
        return bytes;
    }

    boolean contains(long tripId) {
        return tripIds.contains(tripId);
    }
}
