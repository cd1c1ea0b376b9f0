package io.taxistream.producer.events;

import java.nio.ByteBuffer;

/**
 * What the replay, its order and its sinks need to know of a kind of events: an event is bytes to send, a time, an id and a
 * key. Used by one thread.
 *
 * @param <E> type of the events
 */
public interface EventForm<E> {

    /** The event's time, milliseconds since the epoch. */
    long timeMillis(E event);

    /** The event's id, by which it belongs to a part; the same in every replay of the same input. */
    String id(E event);

    /** The partition key that the event is sent with. */
    String key(E event);

    /** The smallest shift of at least so many milliseconds that can be written: times may be whole seconds. */
    default long shiftOfAtLeast(long millis) {
        return millis;
    }

    /**
     * The event with all its times later by so many milliseconds.
     *
     * @param millis a shift that {@link #shiftOfAtLeast} gave
     */
    E shifted(E event, long millis);

    /** The record that the event is sent as. */
    byte[] bytes(E event);

    /** How much of the heap an event takes while it waits for its turn, with a reference to it, in bytes; an estimate. */
    int heapBytes(E event);

    /** How many bytes {@link #store} writes. */
    int storedBytes(E event);

    /** Writes an event to a temporary file. */
    void store(E event, ByteBuffer to);

    /**
     * The size of the event that {@link #store} wrote at the position of a buffer, which does not move.
     *
     * @return more than remains in the buffer if too little of it is there to tell
     */
    int nextStoredBytes(ByteBuffer from);

    /** Reads an event that was stored. */
    E restored(ByteBuffer from);
}
