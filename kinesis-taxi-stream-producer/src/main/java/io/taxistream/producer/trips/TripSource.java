package io.taxistream.producer.trips;

import io.taxistream.events.TripEvent;
import io.taxistream.producer.input.InputFailedException;
import org.jspecify.annotations.Nullable;

/** Hands on trips one by one. Not safe for use by several threads at a time. */
public interface TripSource extends AutoCloseable {

    /**
     * The next trip, or {@code null} when there is none left.
     *
     * @throws InputFailedException if the trips that are left cannot be read
     */
    @Nullable
    TripEvent next();

    @Override
    void close();
}
