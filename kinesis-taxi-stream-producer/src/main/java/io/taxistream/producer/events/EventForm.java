package io.taxistream.producer.events;

import java.nio.ByteBuffer;

/**
 * Gives the replay, its ordering and its sinks access to events of one kind: the bytes to send, a time, an id and a
 * key. Not thread-safe.
 *
 * @param <E> type of the events
 */
public interface EventForm<E> {

    /** Returns the event time in milliseconds since the epoch. */
    long timeMillis(E event);

    /** Returns the event's id, which assigns it to a part; it is the same in every replay of the same input. */
    String id(E event);

    /** Returns the partition key of the event. */
    String key(E event);

    /** Returns the smallest representable shift of at least the given milliseconds; times may be whole seconds. */
    default long smallestShift(long millis) {
        return millis;
    }

    /**
     * Returns the event with all its times shifted.
     *
     * @param millis a shift returned by {@link #smallestShift}
     */
    E shifted(E event, long millis);

    /** Returns the record to send. */
    byte[] bytes(E event);

    /** Returns the estimated heap size in bytes of a waiting event, including a reference to it. */
    int heapBytes(E event);

    /** Returns the number of bytes that {@link #store} writes. */
    int storedBytes(E event);

    /** Writes an event to the buffer of a temporary file. */
    void store(E event, ByteBuffer to);

    /**
     * Returns the size of the stored event at the position of a buffer, without moving the position.
     *
     * @return more than the remaining bytes if there are too few of them to determine the size
     */
    int nextStoredBytes(ByteBuffer from);

    /** Reads a stored event. */
    E restored(ByteBuffer from);
}
