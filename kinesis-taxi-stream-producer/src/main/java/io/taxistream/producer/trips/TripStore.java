package io.taxistream.producer.trips;

import java.util.List;

/** A place that holds objects with trips: a bucket or a folder. */
public interface TripStore extends AutoCloseable {

    /**
     * All its objects that are not empty, in the order of their keys.
     *
     * @throws InputFailedException if it cannot be listed or holds none
     */
    List<TripObject> list();

    @Override
    void close();
}
