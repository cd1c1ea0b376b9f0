package io.taxistream.producer.trips;

import io.taxistream.events.TripEvent;
import io.taxistream.producer.events.EventSource;
import io.taxistream.producer.input.InputObject;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Creates trips for tests. */
public final class Trips {

    private Trips() {}

    /** Returns a trip that ends at a time. */
    public static TripEvent at(long id, long dropoffMillis) {
        return new TripEvent(id, dropoffMillis - 60_000, dropoffMillis, 40.7, -73.9, 40.6, -73.8, 12.5);
    }

    /** Returns an object with the given content. */
    public static InputObject object(String key, byte[] content) {
        return new InputObject(
                key, content.length, (from, to) -> new ByteArrayInputStream(content, (int) from, (int) (to - from)));
    }

    public static EventSource<TripEvent> source(List<TripEvent> trips) {
        Iterator<TripEvent> iterator = trips.iterator();
        return new EventSource<TripEvent>() {
            @Override
            public TripEvent next() {
                return iterator.hasNext() ? iterator.next() : null;
            }

            @Override
            public void close() {
                // no resources
            }
        };
    }

    public static List<TripEvent> all(EventSource<TripEvent> source) {
        List<TripEvent> trips = new ArrayList<>();
        for (TripEvent trip = source.next(); trip != null; trip = source.next()) {
            trips.add(trip);
        }
        return trips;
    }
}
