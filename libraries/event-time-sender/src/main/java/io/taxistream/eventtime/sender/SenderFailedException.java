package io.taxistream.eventtime.sender;

/**
 * Thrown if a stream cannot be used, or can no longer be used. The message is one line that describes the problem and the
 * remedy.
 *
 * <p>Unacknowledged events may or may not be in the stream. No event up to the {@linkplain EventSender#resume last
 * watermark} is missing.
 */
public final class SenderFailedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    SenderFailedException(String message) {
        super(message);
    }

    SenderFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
