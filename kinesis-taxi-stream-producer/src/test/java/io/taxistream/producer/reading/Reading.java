package io.taxistream.producer.reading;

import io.taxistream.producer.input.CountingInputStream;
import io.taxistream.producer.input.InputObject;
import java.io.IOException;

/** Opens single objects in tests. */
public final class Reading {

    private Reading() {}

    public static <E> RecordReader<E> open(InputObject object, RecordFormats<E> formats, ReadContext context)
            throws IOException {
        return new RecordReaders<>(formats, context)
                .open(object, new CountingInputStream(object.open(), context.statistics()));
    }
}
