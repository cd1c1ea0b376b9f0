package io.taxistream.producer.input;

import java.util.List;

/** A place that holds objects with records: a bucket or a folder. */
public interface InputStore extends AutoCloseable {

    /**
     * All its objects that are not empty, in the order of their keys.
     *
     * @throws InputFailedException if it cannot be listed or holds none
     */
    List<InputObject> list();

    @Override
    void close();
}
