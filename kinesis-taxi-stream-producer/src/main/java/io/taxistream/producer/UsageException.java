package io.taxistream.producer;

import org.jspecify.annotations.Nullable;

/** The command line is wrong; the message is one line that names the option and what it takes. */
final class UsageException extends RuntimeException {

    UsageException(String message) {
        super(message);
    }

    UsageException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
