package io.taxistream.producer.reading;

import io.taxistream.producer.archives.Contents;
import io.taxistream.producer.input.CountingInputStream;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.InputObject;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.input.TimeRange;
import io.taxistream.producer.text.LineReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Opens each object with the reader for its compression and format, which are detected from its content.
 *
 * @param <E> type of the events
 */
final class RecordReaders<E> {

    private static final int MAX_HEADER_BYTES = 1 << 14;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private static final Pattern SEPARATOR_LINE = Pattern.compile("(?i)\"?sep=.\"?");

    private final RecordFormats<E> formats;
    private final ReadContext context;

    RecordReaders(RecordFormats<E> formats, ReadContext context) {
        this.formats = formats;
        this.context = context;
    }

    /**
     * Opens an object.
     *
     * @param stored the bytes from the beginning; closed with the reader, or before another range is read
     * @throws InputFailedException if the object does not hold events
     * @throws IOException if the object is damaged at its beginning
     */
    RecordReader<E> open(InputObject object, CountingInputStream stored) throws IOException {
        InputStream start = new BufferedInputStream(stored, Contents.HEAD_BYTES);
        if (Contents.isParquet(Contents.head(start))) {
            start.close();
            return formats.parquet(object, stored.position(), context);
        }
        ContentsReader<E> reader = contentsReader(object, start, stored);
        reader.open();
        return reader;
    }

    /**
     * Inspects the beginning of an object and, if it is an archive, of each of its files.
     *
     * @throws InputFailedException if the object does not hold events
     * @throws IOException if the inspected part of the object is damaged
     */
    static <E> void check(InputObject object, RecordFormats<E> formats) throws IOException {
        var unused = new InputStatistics();
        var context = new ReadContext(TimeRange.ALL, unused, (key, line, reason, message) -> {}, line -> {});
        var readers = new RecordReaders<>(formats, context);
        var stored = new CountingInputStream(object.open(), unused);
        try (InputStream start = new BufferedInputStream(stored, Contents.HEAD_BYTES)) {
            if (Contents.isParquet(Contents.head(start))) {
                formats.parquet(object, 0, context).close();
                return;
            }
            try (ContentsReader<E> reader = readers.contentsReader(object, start, stored)) {
                while (reader.open()) {
                    // Opening a text rejects it if it is unsuitable.
                }
            }
        }
    }

    private ContentsReader<E> contentsReader(InputObject object, InputStream start, CountingInputStream stored)
            throws IOException {
        return new ContentsReader<>(
                Contents.open(object, start, stored, context.statistics()), this::open, object.key());
    }

    private RecordReader<E> open(Contents.Text text) throws IOException {
        InputStream content = text.content();
        skipByteOrderMark(content);
        content.mark(Contents.HEAD_BYTES);
        byte[] head = content.readNBytes(Contents.HEAD_BYTES);
        content.reset();
        int first = firstCharacter(head);
        if (first == '{' || first == '[') {
            return formats.json(text, head, context);
        }
        var lines = new LineReader(content, LineReader.MAX_RECORD_BYTES);
        String header = header(lines, text.key());
        return header == null ? new EmptyReader<>(content) : formats.table(text, lines, header, head, context);
    }

    private static void skipByteOrderMark(InputStream content) throws IOException {
        content.mark(BYTE_ORDER_MARK.length);
        byte[] start = content.readNBytes(BYTE_ORDER_MARK.length);
        if (!Arrays.equals(start, BYTE_ORDER_MARK)) {
            content.reset();
        }
    }

    /** Returns the first character that is not white space, or -1 if there is none. */
    private static int firstCharacter(byte[] head) {
        for (byte b : head) {
            if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
                return b;
            }
        }
        return -1;
    }

    /** Returns the first non-blank line except the separator hint for spreadsheets, or {@code null}. */
    private static @Nullable String header(LineReader lines, String key) throws IOException {
        while (lines.next()) {
            if (lines.tooLong()) {
                throw new InputFailedException(key + " starts with a line longer than " + LineReader.MAX_RECORD_BYTES
                        + " bytes, which is neither a header nor JSON; use a file of CSV, JSON or Parquet");
            }
            int length = Math.min(lines.length(), MAX_HEADER_BYTES);
            String line = new String(lines.buffer(), lines.start(), length, StandardCharsets.UTF_8).strip();
            if (!line.isEmpty() && !SEPARATOR_LINE.matcher(line).matches()) {
                return line;
            }
        }
        return null;
    }

    /** A reader for an object that contains only white space. */
    private record EmptyReader<E>(InputStream content) implements RecordReader<E> {

        @Override
        public @Nullable E next() {
            return null;
        }

        @Override
        public void close() throws IOException {
            content.close();
        }
    }
}
