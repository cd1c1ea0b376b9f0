package io.taxistream.producer.order;

import io.taxistream.producer.events.EventSource;
import io.taxistream.producer.input.InputStoppedException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Events of a source until a stop is requested, so that not even sorting hours of input delays the shutdown.
 *
 * @param <E> type of the events
 */
public final class StoppableEvents<E> implements EventSource<E> {

    private final EventSource<E> events;
    private final BooleanSupplier stopped;

    /**
     * @param stopped checked before each event; once it returns true there are no more events
     */
    public StoppableEvents(EventSource<E> events, BooleanSupplier stopped) {
        this.events = events;
        this.stopped = stopped;
    }

    @Override
    public @Nullable E next() {
        if (stopped.getAsBoolean()) {
            return null;
        }
        try {
            return events.next();
        } catch (InputStoppedException e) {
            return null;
        }
    }

    @Override
    public void close() {
        events.close();
    }
}
