package io.taxistream.producer.records;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** Converts the rows of a table to JSON objects, one at a time. */
final class JsonRow {

    /** Writes the fields of a row. */
    interface Writer {
        void write(JsonGenerator out) throws IOException;
    }

    /** Writes no separator between objects. */
    private static final JsonFactory JSON =
            new JsonFactoryBuilder().rootValueSeparator((String) null).build();

    private final Bytes bytes = new Bytes();
    private final JsonGenerator generator;

    JsonRow() throws IOException {
        this.generator = JSON.createGenerator(bytes);
    }

    /** Writes an object, which {@link #bytes} then contains. */
    void write(Writer row) throws IOException {
        bytes.reset();
        row.write(generator);
        generator.flush();
    }

    byte[] bytes() {
        return bytes.buffer();
    }

    int length() {
        return bytes.size();
    }

    private static final class Bytes extends ByteArrayOutputStream {

        byte[] buffer() {
            return buf;
        }
    }
}
