package io.taxistream.producer.replay;

import io.taxistream.events.TripEvent;

/**
 * Takes trips in the order of their event time, and makes watermarks of what it was told and what has arrived.
 *
 * <p>Used by one thread, but for {@link #status}.
 */
public interface TripSink extends AutoCloseable {

    /**
     * Says that no trip with an earlier event time will follow. Called when the next trip has to wait for its time, so
     * that watermarks need not wait with it; {@link #send} says the same by itself.
     *
     * @param eventTimeMillis milliseconds since the epoch
     */
    void announce(long eventTimeMillis);

    /**
     * Sends a trip; waits while too many are on their way.
     *
     * @param trip its event time is not before that of any trip sent or announced before
     * @param sourceTimeMillis its event time in the input, before it was shifted, milliseconds since the epoch
     * @throws StreamFailedException if trips have not arrived for so long that there is no point in going on
     */
    void send(TripEvent trip, long sourceTimeMillis);

    /**
     * Waits until all trips have arrived, then sends a last watermark and waits until that has arrived everywhere.
     *
     * @param complete whether no trip at all will follow, so that the watermark covers the last trip
     * @throws StreamFailedException if they do not arrive for so long that there is no point in waiting
     */
    void finish(boolean complete);

    /** How far it has come. May be called by any thread at any time. */
    SinkStatus status();

    /** Gives up what is still on its way and releases everything. */
    @Override
    void close();
}
