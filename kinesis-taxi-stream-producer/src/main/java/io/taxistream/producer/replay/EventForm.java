package io.taxistream.producer.replay;

/**
 * What the replay and its sinks need to know of an event.
 *
 * @param <E> type of the events
 */
public interface EventForm<E> {

    /** The event's time, milliseconds since the epoch. */
    long timeMillis(E event);

    /** The event's id, by which it belongs to a part. */
    String id(E event);

    /** The partition key that the event is sent with. */
    String key(E event);

    /** The event with all its times later by so many milliseconds. */
    E shifted(E event, long millis);

    /** The record that the event is sent as. */
    byte[] bytes(E event);
}
