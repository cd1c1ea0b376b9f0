package io.taxistream.producer.trips;

import java.io.InputStream;

/**
 * An object of a bucket, or a file, that holds trips.
 *
 * @param key what tells it from the others: the S3 key, or the file's path relative to the folder that was given
 * @param sizeBytes its size as it is stored
 * @param opener opens it for reading from its beginning
 */
record TripObject(String key, long sizeBytes, Opener opener) {

    /** Opens an object. */
    interface Opener {

        /** Opens it at its beginning; this and the stream throw {@link InputFailedException} if the store fails. */
        InputStream open();
    }
}
