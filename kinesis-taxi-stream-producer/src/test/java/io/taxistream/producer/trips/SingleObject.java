package io.taxistream.producer.trips;

import java.util.List;

/** A store that holds one object. */
record SingleObject(TripObject object) implements TripStore {

    @Override
    public List<TripObject> list() {
        return List.of(object);
    }

    @Override
    public void close() {
        // holds nothing
    }
}
