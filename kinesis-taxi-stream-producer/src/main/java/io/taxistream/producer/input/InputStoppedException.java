package io.taxistream.producer.input;

/** Thrown while a reader searches for the next event, once a stop has been requested. */
public final class InputStoppedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    InputStoppedException() {
        super("a stop was requested", null, false, false);
    }
}
