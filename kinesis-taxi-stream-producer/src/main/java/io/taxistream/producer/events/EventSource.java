package io.taxistream.producer.events;

import org.jspecify.annotations.Nullable;

/**
 * Hands on events one by one. Not safe for use by several threads at a time.
 *
 * @param <E> type of the events
 */
public interface EventSource<E> extends AutoCloseable {

    /**
     * The next event, or {@code null} when there is none left.
     *
     * @throws io.taxistream.producer.input.InputFailedException if the events that are left cannot be read
     */
    @Nullable
    E next();

    @Override
    void close();
}
