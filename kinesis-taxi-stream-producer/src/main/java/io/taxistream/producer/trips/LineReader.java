package io.taxistream.producer.trips;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Splits a stream into lines without copying them: after {@link #next} the line lies in {@link #buffer} from {@link
 * #start} on, without its line end (LF or CRLF).
 */
final class LineReader {

    /** Longer than any line with a trip in it. */
    static final int MAX_RECORD_BYTES = 1 << 20;

    private static final int INITIAL_BUFFER = 1 << 16;

    private final InputStream in;
    private final int maxLength;

    private byte[] buffer = new byte[INITIAL_BUFFER];
    private int position;
    private int limit;
    private int start;
    private int length;
    private boolean tooLong;
    private long line;

    /** @param maxLength lines longer than this many bytes are skipped, see {@link #tooLong} */
    LineReader(InputStream in, int maxLength) {
        this.in = in;
        this.maxLength = maxLength;
    }

    /** Goes on to the next line; {@code false} at the end. The last line need not end in a line end. */
    boolean next() throws IOException {
        start = position;
        tooLong = false;
        int scanned = position;
        while (true) {
            while (scanned < limit && buffer[scanned] != '\n') {
                scanned++;
            }
            if (scanned < limit) {
                position = scanned + 1;
                end(scanned);
                return true;
            }
            if (scanned - start > maxLength) {
                tooLong = true;
                start = scanned;
            }
            scanned -= makeRoom();
            int count = in.read(buffer, limit, buffer.length - limit);
            if (count < 0) {
                position = limit;
                if (limit == start && !tooLong) {
                    return false;
                }
                end(limit);
                return true;
            }
            limit += count;
        }
    }

    byte[] buffer() {
        return buffer;
    }

    int start() {
        return start;
    }

    int length() {
        return length;
    }

    /** Whether the line was longer than allowed; then only its end is in the buffer. */
    boolean tooLong() {
        return tooLong;
    }

    /** Whether there is nothing but white space in the line. */
    boolean isBlank() {
        for (int i = start; i < start + length; i++) {
            if (buffer[i] != ' ' && buffer[i] != '\t' && buffer[i] != '\r') {
                return false;
            }
        }
        return true;
    }

    /** The number of the line, from 1. */
    long line() {
        return line;
    }

    private void end(int end) {
        line++;
        length = end > start && buffer[end - 1] == '\r' ? end - 1 - start : end - start;
    }

    /** Makes room behind what is in the buffer; returns how far that was moved. */
    private int makeRoom() {
        if (limit < buffer.length) {
            return 0;
        }
        int moved = start;
        if (moved == 0) {
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
            return 0;
        }
        System.arraycopy(buffer, start, buffer, 0, limit - start);
        limit -= moved;
        start = 0;
        return moved;
    }
}
