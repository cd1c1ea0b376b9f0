package io.taxistream.producer.text;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.Reader;
import java.util.Arrays;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a quoted CSV record, split by FastCSV. Reused for all records of a file.
 *
 * <p>Each byte becomes one character, as for records without quotes.
 */
final class QuotedFields {

    private final char separator;
    private final RecordFeed record = new RecordFeed();
    private final Fields fields = new Fields();

    private @Nullable Iterator<Boolean> parser;

    QuotedFields(char separator) {
        this.separator = separator;
    }

    /**
     * Splits a record.
     *
     * @param severalLines whether the record contains a line break
     * @return {@code false} if the quoting is invalid
     */
    boolean split(byte[] bytes, int start, int length, boolean severalLines) {
        Iterator<Boolean> records = parser == null || severalLines ? parser() : parser;
        parser = records;
        record.set(bytes, start, length);
        try {
            boolean one = records.next();
            // The parser shows whether it sees one record as well only if asked for another one, which ends the parser.
            if (severalLines) {
                one = !records.hasNext();
                parser = null;
            }
            return one;
        } catch (CsvParseException e) {
            parser = null;
            return false;
        }
    }

    /** Returns the number of fields. */
    int count() {
        return fields.count;
    }

    /** Returns the characters of all fields. */
    char[] text() {
        return fields.text;
    }

    /** Returns the start of a field in {@link #text}. */
    int start(int field) {
        return field == 0 ? 0 : fields.ends[field - 1];
    }

    int length(int field) {
        return fields.ends[field] - start(field);
    }

    private Iterator<Boolean> parser() {
        return CsvReader.builder()
                .fieldSeparator(separator)
                .trimWhitespacesAroundQuotes(true)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .skipEmptyLines(false)
                .build(fields, record)
                .iterator();
    }

    /** Collects the fields of a record. */
    private static final class Fields extends AbstractBaseCsvCallbackHandler<Boolean> {

        private char[] text = new char[256];
        private int[] ends = new int[32];
        private int count;

        @Override
        protected void handleField(int index, char[] buffer, int offset, int length, boolean quoted) {
            if (index == ends.length) {
                ends = Arrays.copyOf(ends, ends.length * 2);
            }
            int start = index == 0 ? 0 : ends[index - 1];
            if (start + length > text.length) {
                text = Arrays.copyOf(text, Math.max(text.length * 2, start + length));
            }
            System.arraycopy(buffer, offset, text, start, length);
            ends[index] = start + length;
            count = index + 1;
        }

        @Override
        protected Boolean buildRecord() {
            return true;
        }
    }

    /** Feeds the parser one record at a time, so that it never waits for the next one. */
    private static final class RecordFeed extends Reader {

        private byte[] bytes = {};
        private int at;
        private int end;
        private boolean ended = true;

        void set(byte[] source, int start, int length) {
            bytes = source;
            at = start;
            end = start + length;
            ended = false;
        }

        @Override
        public int read(char[] target, int offset, int length) {
            if (ended) {
                return -1;
            }
            int count = Math.min(length, end - at);
            for (int i = 0; i < count; i++) {
                target[offset + i] = (char) (bytes[at + i] & 0xff);
            }
            at += count;
            if (count < length) {
                target[offset + count] = '\n';
                ended = true;
                return count + 1;
            }
            return count;
        }

        @Override
        public void close() {
            // no resources
        }
    }
}
