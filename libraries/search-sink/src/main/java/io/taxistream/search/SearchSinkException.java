package io.taxistream.search;

import java.io.IOException;

/**
 * The search engine cannot take the job's documents, and sending them again would not help: the job has to fail.
 *
 * <p>The message is one line that says what was refused, why, and what to do about it.
 */
public final class SearchSinkException extends IOException {

    private static final long serialVersionUID = 1;

    SearchSinkException(String message) {
        super(message);
    }

    SearchSinkException(String message, Throwable cause) {
        super(message, cause);
    }
}
