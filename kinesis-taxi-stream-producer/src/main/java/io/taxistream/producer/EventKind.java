package io.taxistream.producer;

import io.taxistream.producer.events.EventForm;
import io.taxistream.producer.reading.RecordFormats;

/**
 * A kind of events that the producer replays.
 *
 * @param name what one is called in messages, such as {@code trip}
 * @param form what the replay needs to know of one
 * @param formats which records of a file are such events
 * @param <E> type of the events
 */
record EventKind<E>(String name, EventForm<E> form, RecordFormats<E> formats) {

    /** What several are called. */
    String names() {
        return name + "s";
    }
}
