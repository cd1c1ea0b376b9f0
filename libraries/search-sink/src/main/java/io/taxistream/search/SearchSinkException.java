package io.taxistream.search;

import java.io.IOException;

/**
 * Thrown if the search engine does not accept the job's documents and retrying would not help, so the job must fail.
 *
 * <p>The message is one line that describes what was rejected, why, and how to fix it.
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
