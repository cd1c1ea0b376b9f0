package io.taxistream.producer.input;

/** Thrown if the input cannot be read; the message is one line with the cause and what to do. */
public final class InputFailedException extends RuntimeException {

    public InputFailedException(String message) {
        super(message);
    }

    public InputFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
