package io.taxistream.embeddedkinesis;

import java.io.IOException;
import java.io.UncheckedIOException;

/** A segment file could not be written or read; the message says where and what can be done. */
final class StorageException extends UncheckedIOException {

    private static final long serialVersionUID = 1L;

    StorageException(String message, IOException cause) {
        super(message, cause);
    }
}
