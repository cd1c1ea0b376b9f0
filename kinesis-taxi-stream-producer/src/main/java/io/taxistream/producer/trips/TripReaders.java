package io.taxistream.producer.trips;

import io.taxistream.events.TripEvent;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.Arrays;

/** Opens an object with the reader for its compression and layout, told by its content. */
final class TripReaders {

    private static final int BUFFER_BYTES = 1 << 16;
    private static final int MAX_HEADER_BYTES = 1 << 14;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

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
     * @throws InputFailedException if the layout is unknown
     * @throws IOException if the object is damaged at its beginning
     */
    TripReader open(TripObject object, CountingInputStream stored) throws IOException {
        InputStream start = new BufferedInputStream(stored, BUFFER_BYTES);
        if (ParquetFile.isParquet(start)) {
            start.close();
            return new ParquetTripReader(object, stored.position(), zone, range, statistics, rejects);
        }
        return open(start, object.key());
    }

    private TripReader open(InputStream stored, String object) throws IOException {
        InputStream content = new BufferedInputStream(Compression.open(stored), BUFFER_BYTES);
        skipByteOrderMark(content);
        long blankLines = skipBlankLines(content);
        content.mark(1);
        int first = content.read();
        content.reset();
        if (first < 0) {
            return new EmptyTripReader(content);
        }
        if (first == '{') {
            return new JsonTripReader(content, range, object, statistics, rejects, blankLines);
        }
        TripLayout layout = TripLayout.of(readHeader(content), object);
        return new CsvTripReader(content, layout, blankLines + 1, zone, range, object, statistics, rejects);
    }

    private static void skipByteOrderMark(InputStream content) throws IOException {
        content.mark(BYTE_ORDER_MARK.length);
        byte[] start = content.readNBytes(BYTE_ORDER_MARK.length);
        if (!Arrays.equals(start, BYTE_ORDER_MARK)) {
            content.reset();
        }
    }

    /** Skips white space up to the first line with something in it; returns the number of lines that were skipped. */
    private static long skipBlankLines(InputStream content) throws IOException {
        long lines = 0;
        while (true) {
            content.mark(1);
            int next = content.read();
            if (next == '\n') {
                lines++;
            } else if (next != ' ' && next != '\t' && next != '\r') {
                content.reset();
                return lines;
            }
        }
    }

    private static String readHeader(InputStream content) throws IOException {
        var header = new ByteArrayOutputStream();
        int next = content.read();
        while (next >= 0 && next != '\n' && header.size() < MAX_HEADER_BYTES) {
            header.write(next);
            next = content.read();
        }
        return header.toString(StandardCharsets.ISO_8859_1).strip();
    }

    /** An object with nothing but white space. */
    private record EmptyTripReader(InputStream content) implements TripReader {

        @Override
        public TripEvent next() {
            return null;
        }

        @Override
        public void close() throws IOException {
            content.close();
        }
    }
}
