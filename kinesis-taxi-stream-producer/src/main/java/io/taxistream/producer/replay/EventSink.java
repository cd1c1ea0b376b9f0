package io.taxistream.producer.replay;

/**
 * Accepts events in the order of their time, and derives watermarks from what has been promised and what has arrived.
 *
 * <p>Not thread-safe, except for {@link #status}.
 *
 * @param <E> type of the events
 */
public interface EventSink<E> extends AutoCloseable {

    /**
     * Promises that no earlier event will follow; {@link #send} implies the same promise.
     *
     * @param eventTimeMillis milliseconds since the epoch
     */
    void advanceTo(long eventTimeMillis);

    /** Called before waiting for the time of the next event; earlier events should become visible now. */
    default void beforeWait() {}

    /**
     * Sends an event; blocks while too many events are in flight.
     *
     * @param event an event whose time is not before any time sent or promised so far
     * @param sourceTimeMillis time in the input, before shifting, in milliseconds since the epoch
     * @throws StreamFailedException if events have failed to arrive for so long that the sink gives up
     */
    void send(E event, long sourceTimeMillis);

    /**
     * Waits until all events have arrived, then sends a last watermark and waits until it has arrived in every shard.
     *
     * @param complete whether no more events will follow at all, so that the watermark covers the last event
     * @throws StreamFailedException if events fail to arrive for so long that the sink gives up
     */
    void finish(boolean complete);

    /** Returns a snapshot of the sink's progress. Thread-safe. */
    SinkStatus status();

    /** Releases all resources; waits for in-flight events unless the sink has failed. */
    @Override
    void close();
}
