package io.taxistream.producer.events;

import org.jspecify.annotations.Nullable;

/**
 * A source of events. Not thread-safe.
 *
 * @param <E> type of the events
 */
public interface EventSource<E> extends AutoCloseable {

    /**
     * Returns the next event, or {@code null} if there are no more.
     *
     * @throws io.taxistream.producer.input.InputFailedException if the remaining events cannot be read
     */
    @Nullable
    E next();

    @Override
    void close();
}
