package io.taxistream.producer.input;

import java.util.List;

/** A bucket or folder of objects with records. */
public interface InputStore extends AutoCloseable {

    /**
     * Returns all non-empty objects, sorted by key.
     *
     * @throws InputFailedException if the store cannot be listed or has no such objects
     */
    List<InputObject> list();

    @Override
    void close();
}
