package io.taxistream.producer.input;

import java.io.InputStream;

/**
 * An S3 object or a file that holds records.
 *
 * @param key identifies the object: its S3 key, or the path of the file relative to the given folder
 * @param sizeBytes stored size
 * @param opener opens the object for reading
 */
public record InputObject(String key, long sizeBytes, Opener opener) {

    /** Opens the whole object. */
    public InputStream open() {
        return opener.open(0, sizeBytes);
    }

    /** Opens ranges of an object. */
    public interface Opener {

        /**
         * Opens a range. This method and the stream throw {@link InputFailedException} if the store fails.
         *
         * @param from position of the first byte
         * @param to exclusive end of the range, at most the size; the stream may hold more
         */
        InputStream open(long from, long to);
    }
}
