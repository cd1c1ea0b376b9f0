package io.taxistream.producer.records;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.taxistream.producer.reading.RecordReader;
import io.taxistream.producer.text.JsonSequence;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads records from a JSON array of objects, or from concatenated objects on any number of lines. Each is rewritten on
 * one line, with numbers copied digit by digit. Line numbers in messages are record numbers. Reading stops at a syntax
 * error.
 */
final class JsonSequenceRecordReader implements RecordReader<TimedRecord> {

    private final InputStream in;
    private final JsonParser parser;
    private final JsonSequence sequence;
    private final JsonObjects objects;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    private long record;

    JsonSequenceRecordReader(InputStream in, JsonObjects objects) throws IOException {
        this.in = in;
        this.parser = JsonFields.JSON.createParser(in);
        this.sequence = new JsonSequence(parser);
        this.objects = objects;
    }

    @Override
    public @Nullable TimedRecord next() throws IOException {
        try {
            while (sequence.next()) {
                line.reset();
                try (JsonGenerator generator = JsonFields.JSON.createGenerator(line)) {
                    generator.copyCurrentStructureExact(parser);
                }
                record++;
                TimedRecord read = objects.read(line.toByteArray(), 0, line.size(), record);
                if (read != null) {
                    return read;
                }
            }
            return null;
        } catch (JsonProcessingException e) {
            throw new IOException("record " + (record + 1) + " is not JSON: " + JsonObjects.message(e), e);
        }
    }

    @Override
    public void close() throws IOException {
        parser.close();
        in.close();
    }
}
