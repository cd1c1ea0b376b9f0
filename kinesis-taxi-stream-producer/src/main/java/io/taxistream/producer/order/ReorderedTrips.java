package io.taxistream.producer.order;

import io.taxistream.events.TripEvent;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.trips.TripSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The trips of a source that is nearly in order, in the order of their event time.
 *
 * <p>Holds a bounded number of trips and always hands on the earliest. A trip that comes later than that can put right,
 * with an event time before one that has been handed on already, is left out and counted as late: a watermark may have
 * passed it.
 */
public final class ReorderedTrips implements TripSource {

    /** About two and a half hours of New York's yellow taxis at their busiest, in about 6 MB. */
    public static final int DEFAULT_CAPACITY = 65_536;

    private final TripSource trips;
    private final int capacity;
    private final InputStatistics statistics;

    /** Trips that came in order, so that a source in order costs no heap operations. */
    private final ArrayDeque<TripEvent> inOrder = new ArrayDeque<>();

    private final PriorityQueue<TripEvent> outOfOrder =
            new PriorityQueue<>(Comparator.comparingLong(TripEvent::timestampMillis));

    private long handedOnMillis = Long.MIN_VALUE;
    private boolean ended;

    /** @param capacity how many trips may be held */
    public ReorderedTrips(TripSource trips, int capacity, InputStatistics statistics) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity must be at least 1, but is " + capacity);
        }
        this.trips = trips;
        this.capacity = capacity;
        this.statistics = statistics;
    }

    @Override
    public @Nullable TripEvent next() {
        while (!ended && inOrder.size() + outOfOrder.size() < capacity) {
            TripEvent trip = trips.next();
            if (trip == null) {
                ended = true;
            } else if (trip.timestampMillis() < handedOnMillis) {
                statistics.countLate();
            } else if (inOrder.isEmpty() || inOrder.peekLast().timestampMillis() <= trip.timestampMillis()) {
                inOrder.addLast(trip);
            } else {
                outOfOrder.add(trip);
            }
        }
        TripEvent earliest = earliest();
        if (earliest != null) {
            handedOnMillis = earliest.timestampMillis();
        }
        return earliest;
    }

    @Override
    public void close() {
        trips.close();
    }

    private @Nullable TripEvent earliest() {
        TripEvent ordered = inOrder.peekFirst();
        TripEvent unordered = outOfOrder.peek();
        if (unordered == null || (ordered != null && ordered.timestampMillis() <= unordered.timestampMillis())) {
            return inOrder.pollFirst();
        }
        return outOfOrder.poll();
    }
}
