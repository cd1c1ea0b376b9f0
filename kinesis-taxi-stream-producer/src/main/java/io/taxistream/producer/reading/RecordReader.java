package io.taxistream.producer.reading;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the events of one object; a record that cannot be read is reported to a {@link
 * io.taxistream.producer.input.RejectListener} and left out.
 *
 * @param <E> type of the events
 */
public interface RecordReader<E> extends AutoCloseable {

    /**
     * Returns the next event, or {@code null} at the end of the object.
     *
     * @throws IOException if the object is damaged from here on
     */
    @Nullable
    E next() throws IOException;

    @Override
    void close() throws IOException;
}
