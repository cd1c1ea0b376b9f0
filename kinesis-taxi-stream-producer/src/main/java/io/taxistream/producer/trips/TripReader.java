package io.taxistream.producer.trips;

import io.taxistream.events.TripEvent;
import io.taxistream.producer.input.RejectListener;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads the trips of one object; a record that cannot be read is told to a {@link RejectListener} and left out. */
interface TripReader extends AutoCloseable {

    /**
     * The next trip, or {@code null} at the end of the object.
     *
     * @throws IOException if the object is damaged from here on
     */
    @Nullable
    TripEvent next() throws IOException;

    @Override
    void close() throws IOException;
}
