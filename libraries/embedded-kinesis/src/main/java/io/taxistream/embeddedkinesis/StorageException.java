package io.taxistream.embeddedkinesis;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Thrown if a segment file cannot be written or read. The message names the location and the remedy. */
final class StorageException extends UncheckedIOException {

    private static final long serialVersionUID = 1L;

    StorageException(String message, IOException cause) {
        super(message, cause);
    }
}
