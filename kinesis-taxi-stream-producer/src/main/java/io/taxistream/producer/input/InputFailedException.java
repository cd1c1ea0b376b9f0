package io.taxistream.producer.input;

/** The input cannot be read; the message is one line that says what is wrong and what to do about it. */
public final class InputFailedException extends RuntimeException {

    public InputFailedException(String message) {
        super(message);
    }

    public InputFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
