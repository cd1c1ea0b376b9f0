package io.taxistream.producer.order;

import io.taxistream.producer.events.EventSource;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The events of a source until it is told to stop, so that not even sorting an input of hours delays the end.
 *
 * @param <E> type of the events
 */
public final class StoppableEvents<E> implements EventSource<E> {

    private final EventSource<E> events;
    private final BooleanSupplier stopped;

    /** @param stopped asked before each event; after it has said yes there is none left */
    public StoppableEvents(EventSource<E> events, BooleanSupplier stopped) {
        this.events = events;
        this.stopped = stopped;
    }

    @Override
    public @Nullable E next() {
        return stopped.getAsBoolean() ? null : events.next();
    }

    @Override
    public void close() {
        events.close();
    }
}
