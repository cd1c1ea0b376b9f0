package io.taxistream.producer.replay;

/** The stream cannot be used; the message is one line that says what is wrong and what to do about it. */
public final class StreamFailedException extends RuntimeException {

    /** @param message one line, without a stack trace's worth of detail */
    public StreamFailedException(String message) {
        super(message);
    }

    /** @param message one line, without a stack trace's worth of detail */
    public StreamFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
