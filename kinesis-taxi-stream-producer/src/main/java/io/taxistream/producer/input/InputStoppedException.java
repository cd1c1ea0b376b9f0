package io.taxistream.producer.input;

/** Ends the reading of input that is no longer wanted, in a reader that finds no event. */
public final class InputStoppedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    InputStoppedException() {
        super("no more input is wanted", null, false, false);
    }
}
