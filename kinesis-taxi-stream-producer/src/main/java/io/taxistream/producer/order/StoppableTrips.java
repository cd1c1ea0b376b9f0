package io.taxistream.producer.order;

import io.taxistream.events.TripEvent;
import io.taxistream.producer.trips.TripSource;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The trips of a source until it is told to stop, so that not even sorting an input of hours delays the end. */
public final class StoppableTrips implements TripSource {

    private final TripSource trips;
    private final BooleanSupplier stopped;

    /** @param stopped asked before each trip; after it has said yes there is none left */
    public StoppableTrips(TripSource trips, BooleanSupplier stopped) {
        this.trips = trips;
        this.stopped = stopped;
    }

    @Override
    public @Nullable TripEvent next() {
        return stopped.getAsBoolean() ? null : trips.next();
    }

    @Override
    public void close() {
        trips.close();
    }
}
