package io.taxistream.producer;

import io.taxistream.producer.events.EventForm;
import io.taxistream.producer.reading.RecordFormats;

/**
 * A kind of event that the producer replays.
 *
 * @param name singular noun for messages, such as {@code trip}
 * @param form access to the properties of an event that the replay needs
 * @param formats formats in which files hold such events
 * @param <E> type of the events
 */
record EventKind<E>(String name, EventForm<E> form, RecordFormats<E> formats) {

    /** Returns the plural noun for messages. */
    String names() {
        return name + "s";
    }
}
