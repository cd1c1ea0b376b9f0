package io.taxistream.processor;

/** A command line that cannot be run; the message is one line that names the option and says what is accepted. */
public final class UsageException extends Exception {

    UsageException(String message) {
        super(message);
    }
}
