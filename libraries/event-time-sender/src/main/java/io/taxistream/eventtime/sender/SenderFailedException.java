package io.taxistream.eventtime.sender;

/**
 * A stream cannot be used, or no longer; the message is one line that says what is wrong and what to do about it.
 *
 * <p>Events that were sent and not acknowledged may or may not be in the stream. None up to the {@linkplain EventSender#lastWatermark
 * last watermark} is missing.
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
