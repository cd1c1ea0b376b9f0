package io.taxistream.producer.trips;

import io.taxistream.events.TripEvent;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.input.RecordIds;
import io.taxistream.producer.input.RejectListener;
import io.taxistream.producer.input.RejectReason;
import io.taxistream.producer.input.TimeRange;
import io.taxistream.producer.reading.RecordReader;
import io.taxistream.producer.text.LineReader;
import io.taxistream.producer.text.QuotedRecord;
import io.taxistream.producer.text.TrailingFields;
import io.taxistream.producer.trips.TripLayout.Column;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * Reads trips from the lines of a CSV file after its header; allocates nothing but the trips.
 *
 * <p>A line without quotes is split at its separators; FastCSV splits a record with quotes. A quoted field may contain
 * line breaks if the record is complete; otherwise the quote is a stray one, which invalidates its own line only.
 * Another header, as in concatenated files, applies to the lines after it. For a line outside the time range only the
 * drop-off is parsed.
 */
final class CsvTripReader implements RecordReader<TripEvent> {

    private final InputStream in;
    private final LineReader lines;
    private final byte separator;
    private final TimeRange range;
    private final TripFields fields;
    private final QuotedRecord quoted;
    private final TrailingFields trailing;
    private final RecordIds ids;
    private final String object;
    private final InputStatistics statistics;
    private final RejectListener rejects;

    private CsvHeader header;
    private Column[] columns;
    private int dropoffColumn;

    /** Current field. All accepted values are ASCII; other bytes become arbitrary characters. */
    private char[] text = new char[64];

    /**
     * @param in content of the file; closed with the reader
     * @param lines lines of the file, of which the header was the last one read
     */
    CsvTripReader(
            InputStream in,
            LineReader lines,
            CsvHeader header,
            ZoneId zone,
            TimeRange range,
            String object,
            InputStatistics statistics,
            RejectListener rejects) {
        this.in = in;
        this.lines = lines;
        this.separator = (byte) header.separator();
        this.range = range;
        this.fields = new TripFields(zone, header.separator() != ',', true);
        this.quoted = new QuotedRecord(header.separator());
        this.trailing = new TrailingFields(header.separator());
        this.ids = new RecordIds(object);
        this.object = object;
        this.statistics = statistics;
        this.rejects = rejects;
        use(header);
    }

    @Override
    public @Nullable TripEvent next() throws IOException {
        while (lines.next()) {
            if (!lines.tooLong() && lines.isBlank()) {
                continue;
            }
            long line = lines.line();
            fields.begin(ids.id(line));
            boolean outside = false;
            if (lines.tooLong()) {
                fields.reject(
                        RejectReason.TOO_LONG, "the line is longer than " + LineReader.MAX_RECORD_BYTES + " bytes");
            } else if (lines.isQuoted()) {
                outside = readQuotedRecord();
            } else if (!range.isAll() && isOutsideRange()) {
                outside = true;
            } else {
                readFields();
            }
            if (outside) {
                statistics.countSkipped();
                continue;
            }
            TripEvent trip = fields.trip();
            if (trip != null) {
                return trip;
            }
            if (!isHeader(line)) {
                rejects.rejected(object, line, fields.reason(), fields.message());
            }
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private void use(CsvHeader next) {
        header = next;
        columns = next.layout().columns();
        dropoffColumn = next.layout().indexOf(Column.DROPOFF_TIME);
        fields.use(next.layout());
        trailing.begin();
    }

    /**
     * Returns whether the line is a header, which then applies to the lines after it.
     *
     * @throws IOException if it is the header of an unsupported file
     */
    private boolean isHeader(long line) throws IOException {
        if (lines.tooLong()) {
            return false;
        }
        String text = new String(lines.buffer(), lines.start(), lines.length(), StandardCharsets.UTF_8);
        if (!header.isRepeatedBy(text)) {
            return false;
        }
        try {
            use(CsvHeader.of(text, object));
            return true;
        } catch (InputFailedException e) {
            throw new IOException("line " + line + " is the header of another file: " + e.getMessage(), e);
        }
    }

    /** Returns whether the line has a drop-off time outside the range; no other field is parsed. */
    private boolean isOutsideRange() {
        byte[] line = lines.buffer();
        int end = lines.start() + lines.length();
        int start = lines.start();
        for (int separators = 0; separators < dropoffColumn; separators++) {
            start = endOfField(line, start, end) + 1;
            if (start > end) {
                return false;
            }
        }
        int length = take(line, start, endOfField(line, start, end));
        return fields.isOutside(range, text, 0, length);
    }

    private void readFields() {
        byte[] line = lines.buffer();
        int end = lines.start() + lines.length();
        int start = lines.start();
        int index = 0;
        while (start <= end && !fields.isRejected()) {
            int endOfField = endOfField(line, start, end);
            if (index >= columns.length || columns[index] != Column.OTHER) {
                // First, because it may replace the buffer.
                int length = take(line, start, endOfField);
                readField(index, text, 0, length);
            }
            start = endOfField + 1;
            index++;
        }
        requireAll(index);
    }

    /** Reads a quoted record, which may span several lines; returns whether it is outside the range. */
    private boolean readQuotedRecord() throws IOException {
        if (!quoted.read(lines, columns.length)) {
            fields.reject(RejectReason.INVALID_QUOTE, QuotedRecord.INVALID);
            return false;
        }
        if (!range.isAll()
                && dropoffColumn < quoted.count()
                && fields.isOutside(range, quoted.text(), quoted.start(dropoffColumn), quoted.length(dropoffColumn))) {
            return true;
        }
        for (int i = 0; i < quoted.count() && !fields.isRejected(); i++) {
            readField(i, quoted.text(), quoted.start(i), quoted.length(i));
        }
        requireAll(quoted.count());
        return false;
    }

    private void requireAll(int count) {
        if (count < columns.length) {
            fields.reject(
                    RejectReason.MISSING_FIELD,
                    "the header names " + columns.length + " fields, but the line has " + count);
        }
        if (!fields.isRejected()) {
            int start = lines.start();
            int surplus = count - columns.length;
            if (!trailing.arePadding(surplus, lines.buffer(), start, start + lines.length())) {
                fields.reject(RejectReason.SURPLUS_FIELD, TrailingFields.message(columns.length, surplus));
            }
        }
    }

    private void readField(int index, char[] chars, int start, int length) {
        if (index < columns.length) {
            if (columns[index] != Column.OTHER) {
                fields.set(columns[index], chars, start, length);
            }
            return;
        }
        String surplus = new String(chars, start, length).strip();
        if (!surplus.isEmpty()) {
            fields.reject(
                    RejectReason.SURPLUS_FIELD,
                    "the header names " + columns.length + " fields, but field " + (index + 1) + " is '" + surplus
                            + "'");
        }
    }

    private int endOfField(byte[] line, int start, int end) {
        byte mark = separator;
        int at = start;
        while (at < end && line[at] != mark) {
            at++;
        }
        return at;
    }

    /** Copies a field to {@link #text}; returns its length. */
    private int take(byte[] line, int start, int end) {
        int length = end - start;
        if (length > text.length) {
            text = new char[length];
        }
        for (int i = 0; i < length; i++) {
            text[i] = (char) (line[start + i] & 0xff);
        }
        return length;
    }
}
