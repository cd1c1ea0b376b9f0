package io.taxistream.producer.records;

import io.taxistream.producer.input.RejectReason;
import io.taxistream.producer.reading.RecordReader;
import io.taxistream.producer.text.LineReader;
import io.taxistream.producer.text.QuotedRecord;
import io.taxistream.producer.text.TrailingFields;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads records from the rows of a CSV file, converted to JSON objects with the names and types of its columns. */
final class CsvRecordReader implements RecordReader<TimedRecord> {

    private final InputStream in;
    private final LineReader lines;
    private final CsvTable table;
    private final CsvFields row;
    private final TrailingFields trailing;
    private final JsonRow json = new JsonRow();
    private final JsonRow.Writer writer;
    private final JsonObjects objects;

    /**
     * @param lines lines of the file, of which the header was the last one read
     */
    CsvRecordReader(InputStream in, LineReader lines, CsvTable table, JsonObjects objects) throws IOException {
        this.in = in;
        this.lines = lines;
        this.table = table;
        this.row = new CsvFields(table.separator());
        this.trailing = new TrailingFields(table.separator());
        this.writer = out -> table.write(row, out);
        this.objects = objects;
    }

    @Override
    public @Nullable TimedRecord next() throws IOException {
        while (lines.next()) {
            TimedRecord read = lines.tooLong() || !lines.isBlank() ? read() : null;
            if (read != null) {
                return read;
            }
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private @Nullable TimedRecord read() throws IOException {
        long line = lines.line();
        if (lines.tooLong()) {
            return objects.reject(
                    line, RejectReason.TOO_LONG, "the line is longer than " + LineReader.MAX_RECORD_BYTES + " bytes");
        }
        if (table.isHeader(new String(lines.buffer(), lines.start(), lines.length(), StandardCharsets.UTF_8))) {
            trailing.begin();
            return null;
        }
        int columns = table.columns();
        if (!row.read(lines, columns)) {
            return objects.reject(line, RejectReason.INVALID_QUOTE, QuotedRecord.INVALID);
        }
        if (row.count() < columns) {
            return objects.reject(
                    line,
                    RejectReason.MISSING_FIELD,
                    "the header names " + columns + " fields, but the line has " + row.count());
        }
        for (int i = columns; i < row.count(); i++) {
            if (row.length(i) > 0) {
                String surplus = new String(row.bytes(), row.start(i), row.length(i), StandardCharsets.UTF_8);
                return objects.reject(
                        line,
                        RejectReason.SURPLUS_FIELD,
                        "the header names " + columns + " fields, but field " + (i + 1) + " is '" + surplus + "'");
            }
        }
        int surplus = row.count() - columns;
        if (!trailing.arePadding(surplus, lines.buffer(), lines.start(), lines.start() + lines.length())) {
            return objects.reject(line, RejectReason.SURPLUS_FIELD, TrailingFields.message(columns, surplus));
        }
        if (!isUtf8()) {
            return objects.reject(line, RejectReason.INVALID_VALUE, "the line is not UTF-8; convert the file to UTF-8");
        }
        json.write(writer);
        return objects.read(json.bytes(), 0, json.length(), line);
    }

    private boolean isUtf8() {
        int start = row.start(0);
        int end = row.start(row.count() - 1) + row.length(row.count() - 1);
        int at = start;
        while (at < end && row.bytes()[at] >= 0) {
            at++;
        }
        if (at == end) {
            return true;
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(row.bytes(), start, end - start));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
