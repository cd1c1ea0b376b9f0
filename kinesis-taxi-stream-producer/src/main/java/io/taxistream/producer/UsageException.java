package io.taxistream.producer;

/** The command line is wrong; the message is one line that names the option and what it takes. */
final class UsageException extends RuntimeException {

    UsageException(String message) {
        super(message);
    }

    UsageException(String message, Throwable cause) {
        super(message, cause);
    }
}
