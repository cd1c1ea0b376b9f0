package io.taxistream.producer.records;

import io.taxistream.producer.text.LineReader;
import io.taxistream.producer.text.QuotedRecord;
import java.io.IOException;
import java.util.Arrays;

/** Splits the records of a CSV file into trimmed fields. Reused for all records of a file. */
final class CsvFields {

    private final byte separator;
    private final QuotedRecord quoted;

    private byte[] bytes = {};
    private byte[] unquoted = {};
    private int[] starts = new int[32];
    private int[] ends = new int[32];
    private int count;

    CsvFields(char separator) {
        this.separator = (byte) separator;
        this.quoted = new QuotedRecord(separator);
    }

    /**
     * Splits the record that begins at the current line, consuming further lines as needed.
     *
     * @param columns number of fields required of a record that spans several lines
     * @return {@code false} if the quoting is invalid
     */
    boolean read(LineReader lines, int columns) throws IOException {
        count = 0;
        if (!lines.isQuoted()) {
            bytes = lines.buffer();
            split(lines.start(), lines.start() + lines.length());
            return true;
        }
        if (!quoted.read(lines, columns)) {
            return false;
        }
        char[] text = quoted.text();
        int last = quoted.count() - 1;
        int length = last < 0 ? 0 : quoted.start(last) + quoted.length(last);
        if (length > unquoted.length) {
            unquoted = new byte[length];
        }
        for (int i = 0; i < length; i++) {
            unquoted[i] = (byte) text[i];
        }
        bytes = unquoted;
        for (int field = 0; field <= last; field++) {
            add(quoted.start(field), quoted.start(field) + quoted.length(field));
        }
        return true;
    }

    /** Returns the number of fields. */
    int count() {
        return count;
    }

    /** Returns the bytes of all fields. */
    byte[] bytes() {
        return bytes;
    }

    /** Returns the position of the first byte of a field. */
    int start(int field) {
        return starts[field];
    }

    /** Returns the length of a field in bytes. */
    int length(int field) {
        return ends[field] - starts[field];
    }

    private void split(int start, int end) {
        int from = start;
        for (int at = start; at < end; at++) {
            if (bytes[at] == separator) {
                add(from, at);
                from = at + 1;
            }
        }
        add(from, end);
    }

    private void add(int start, int end) {
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, count * 2);
            ends = Arrays.copyOf(ends, count * 2);
        }
        int first = start;
        int last = end;
        while (first < last && isSpace(bytes[first])) {
            first++;
        }
        while (last > first && isSpace(bytes[last - 1])) {
            last--;
        }
        starts[count] = first;
        ends[count] = last;
        count++;
    }

    private static boolean isSpace(byte b) {
        return b >= 0 && b <= ' ';
    }
}
