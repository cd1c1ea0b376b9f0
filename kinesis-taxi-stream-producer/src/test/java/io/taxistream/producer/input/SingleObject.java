package io.taxistream.producer.input;

import java.util.List;

/** A store that holds one object. */
public record SingleObject(InputObject object) implements InputStore {

    @Override
    public List<InputObject> list() {
        return List.of(object);
    }

    @Override
    public void close() {
        // no resources
    }
}
