package io.taxistream.producer.trips;

/** The input cannot be read; the message is one line that says what is wrong and what to do about it. */
public final class InputFailedException extends RuntimeException {

    InputFailedException(String message) {
        super(message);
    }

    InputFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
