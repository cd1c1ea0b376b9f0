package io.taxistream.processor;

/** Invalid command line; the message is one line that names the option and says what is accepted. */
public final class UsageException extends Exception {

    UsageException(String message) {
        super(message);
    }
}
