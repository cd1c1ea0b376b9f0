package io.taxistream.producer.replay;

/**
 * Takes events in the order of their time, and makes watermarks of what was promised and what has arrived.
 *
 * <p>Used by one thread, but for {@link #status}.
 *
 * @param <E> type of the events
 */
public interface EventSink<E> extends AutoCloseable {

    /**
     * Promises that no event with an earlier time will follow; {@link #send} promises the same by itself.
     *
     * @param eventTimeMillis milliseconds since the epoch
     */
    void advanceTo(long eventTimeMillis);

    /** Called before a wait for the next event's time: those sent should be visible by now. */
    default void beforeWait() {}

    /**
     * Sends an event; waits while too many are on their way.
     *
     * @param event its time is not before that of any event sent or promised before
     * @param sourceTimeMillis its time in the input, before it was shifted, milliseconds since the epoch
     * @throws StreamFailedException if events have not arrived for so long that there is no point in going on
     */
    void send(E event, long sourceTimeMillis);

    /**
     * Waits until all events have arrived, then sends a last watermark and waits until that has arrived everywhere.
     *
     * @param complete whether no event at all will follow, so that the watermark covers the last event
     * @throws StreamFailedException if they do not arrive for so long that there is no point in waiting
     */
    void finish(boolean complete);

    /** How far it has come. May be called by any thread at any time. */
    SinkStatus status();

    /** Releases everything; sees events on their way arrive, if it has not failed. */
    @Override
    void close();
}
