package io.taxistream.producer.records;

import io.taxistream.producer.input.RejectReason;
import io.taxistream.producer.reading.RecordReader;
import io.taxistream.producer.text.LineReader;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Reads records from JSON lines and keeps their bytes unchanged; blank lines are ignored. */
final class JsonLineReader implements RecordReader<TimedRecord> {

    private final InputStream in;
    private final LineReader lines;
    private final JsonObjects objects;

    JsonLineReader(InputStream in, JsonObjects objects) {
        this.in = in;
        this.lines = new LineReader(in, LineReader.MAX_RECORD_BYTES);
        this.objects = objects;
    }

    @Override
    public @Nullable TimedRecord next() throws IOException {
        while (lines.next()) {
            if (lines.tooLong()) {
                objects.reject(
                        lines.line(),
                        RejectReason.TOO_LONG,
                        "the line is longer than " + LineReader.MAX_RECORD_BYTES + " bytes");
            } else if (!lines.isBlank()) {
                TimedRecord read = objects.read(lines.buffer(), lines.start(), lines.length(), lines.line());
                if (read != null) {
                    return read;
                }
            }
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
