package io.taxistream.producer.trips;

import io.taxistream.events.TripEvent;
import io.taxistream.producer.archives.Contents;
import io.taxistream.producer.input.CountingInputStream;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.InputObject;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.input.RejectListener;
import io.taxistream.producer.input.TimeRange;
import io.taxistream.producer.parquet.ParquetFile;
import io.taxistream.producer.text.LineReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Opens an object with the reader for its compression and layout, told by its content. */
final class TripReaders {

    private static final int MAX_HEADER_BYTES = 1 << 14;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private static final Pattern SEPARATOR_LINE = Pattern.compile("(?i)\"?sep=.\"?");

    private final ZoneId zone;
    private final TimeRange range;
    private final InputStatistics statistics;
    private final RejectListener rejects;

    /**
     * @param zone the zone of times that bring none
     * @param range the event times of interest; records outside of it are counted and left out
     */
    TripReaders(ZoneId zone, TimeRange range, InputStatistics statistics, RejectListener rejects) {
        this.zone = zone;
        this.range = range;
        this.statistics = statistics;
        this.rejects = rejects;
    }

    /**
     * Opens an object.
     *
     * @param stored its bytes from the beginning on; closed by the reader, or before another part is read
     * @throws InputFailedException if it does not hold trips
     * @throws IOException if the object is damaged at its beginning
     */
    TripReader open(InputObject object, CountingInputStream stored) throws IOException {
        InputStream start = new BufferedInputStream(stored, Contents.HEAD_BYTES);
        if (ParquetFile.isParquet(start)) {
            start.close();
            return new ParquetTripReader(object, stored.position(), zone, range, statistics, rejects);
        }
        ContentsReader reader = contentsReader(object, start, stored);
        reader.open();
        return reader;
    }

    /**
     * Looks at the beginning of an object, and of every file if it is an archive.
     *
     * @throws InputFailedException if it does not hold trips
     * @throws IOException if the object is damaged, as far as it was looked at
     */
    static void check(InputObject object, ZoneId zone) throws IOException {
        var unused = new InputStatistics();
        var readers = new TripReaders(zone, TimeRange.ALL, unused, (key, line, reason, message) -> {});
        var stored = new CountingInputStream(object.open(), unused);
        try (InputStream start = new BufferedInputStream(stored, Contents.HEAD_BYTES)) {
            if (ParquetFile.isParquet(start)) {
                new ParquetTripReader(object, 0, zone, TimeRange.ALL, unused, readers.rejects).close();
                return;
            }
            try (ContentsReader reader = readers.contentsReader(object, start, stored)) {
                while (reader.open()) {
                    // Opening one is what refuses it.
                }
            }
        }
    }

    private ContentsReader contentsReader(InputObject object, InputStream start, CountingInputStream stored)
            throws IOException {
        return new ContentsReader(Contents.open(object, start, stored, statistics), this::open, object.key());
    }

    private TripReader open(Contents.Text text) throws IOException {
        InputStream content = text.content();
        skipByteOrderMark(content);
        content.mark(Contents.HEAD_BYTES);
        byte[] head = content.readNBytes(Contents.HEAD_BYTES);
        content.reset();
        int first = firstCharacter(head);
        if (first == '{' || first == '[') {
            return JsonForm.of(head, text.key()) == JsonForm.LINES
                    ? new JsonTripReader(content, zone, range, text.key(), statistics, rejects)
                    : new JsonSequenceReader(content, zone, range, text.key(), statistics, rejects);
        }
        var lines = new LineReader(content, LineReader.MAX_RECORD_BYTES);
        String header = header(lines);
        return header == null
                ? new EmptyTripReader(content)
                : new CsvTripReader(
                        content, lines, CsvHeader.of(header, text.key()), zone, range, text.key(), statistics, rejects);
    }

    private static void skipByteOrderMark(InputStream content) throws IOException {
        content.mark(BYTE_ORDER_MARK.length);
        byte[] start = content.readNBytes(BYTE_ORDER_MARK.length);
        if (!Arrays.equals(start, BYTE_ORDER_MARK)) {
            content.reset();
        }
    }

    /** The first character that is not white space; -1 if there is none. */
    private static int firstCharacter(byte[] head) {
        for (byte b : head) {
            if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
                return b;
            }
        }
        return -1;
    }

    /** The first line that is not blank, without that by which spreadsheets are told the separator; or {@code null}. */
    private static @Nullable String header(LineReader lines) throws IOException {
        while (lines.next()) {
            int length = Math.min(lines.length(), MAX_HEADER_BYTES);
            String line = new String(lines.buffer(), lines.start(), length, StandardCharsets.UTF_8).strip();
            if (!line.isEmpty() && !SEPARATOR_LINE.matcher(line).matches()) {
                return line;
            }
        }
        return null;
    }

    /** An object with nothing but white space. */
    private record EmptyTripReader(InputStream content) implements TripReader {

        @Override
        public @Nullable TripEvent next() {
            return null;
        }

        @Override
        public void close() throws IOException {
            content.close();
        }
    }
}
