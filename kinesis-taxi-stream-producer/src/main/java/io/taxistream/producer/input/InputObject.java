package io.taxistream.producer.input;

import java.io.InputStream;

/**
 * An object of a bucket, or a file, that holds records.
 *
 * @param key what tells it from the others: the S3 key, or the file's path relative to the folder that was given
 * @param sizeBytes its size as it is stored
 * @param opener opens it for reading
 */
public record InputObject(String key, long sizeBytes, Opener opener) {

    /** Opens it from its beginning to its end. */
    public InputStream open() {
        return opener.open(0, sizeBytes);
    }

    /** Opens an object. */
    public interface Opener {

        /**
         * Opens a part of it; this and the stream throw {@link InputFailedException} if the store fails.
         *
         * @param from the first byte
         * @param to the first byte that is not needed, at most the size; the stream may hold more
         */
        InputStream open(long from, long to);
    }
}
