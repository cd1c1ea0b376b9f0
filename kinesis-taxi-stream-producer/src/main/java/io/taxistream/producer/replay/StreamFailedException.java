package io.taxistream.producer.replay;

/** Thrown if the stream cannot be used; the message is one line with the cause and what to do. */
public final class StreamFailedException extends RuntimeException {

    /**
     * @param message one line without technical detail
     */
    public StreamFailedException(String message) {
        super(message);
    }

    /**
     * @param message one line without technical detail
     */
    public StreamFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
