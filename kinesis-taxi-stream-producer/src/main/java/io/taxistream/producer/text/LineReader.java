package io.taxistream.producer.text;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Splits a stream into lines without copying them: after {@link #next} the line lies in {@link #buffer} from {@link
 * #start} on, without its line end. A line ends in LF, CRLF or CR, in any mixture.
 */
public final class LineReader {

    /** Longer than any line with a trip in it. */
    public static final int MAX_RECORD_BYTES = 1 << 20;

    private static final int INITIAL_BUFFER = 1 << 16;

    private final InputStream in;
    private final int maxLength;

    private byte[] buffer = new byte[INITIAL_BUFFER];
    private int position;
    private int limit;
    private int start;
    private int length;
    private boolean tooLong;
    private boolean quoted;
    private long line;
    private long nextLine = 1;

    /** Whether the last line ended in CR, so that an LF at {@link #position} belongs to its end. */
    private boolean lineFeedMayFollow;

    private int firstLineLength;
    private int firstLineBytes;
    private boolean lineFeedMayFollowFirstLine;

    /** @param maxLength lines longer than this many bytes are skipped, see {@link #tooLong} */
    public LineReader(InputStream in, int maxLength) {
        this.in = in;
        this.maxLength = maxLength;
    }

    /** Advances to the next line; {@code false} at the end. The last line need not have a line end. */
    public boolean next() throws IOException {
        start = position;
        if (lineFeedMayFollow) {
            skipLineFeed();
            start = position;
        }
        tooLong = false;
        quoted = false;
        line = nextLine;
        if (!readLine(false)) {
            return false;
        }
        firstLineLength = length;
        firstLineBytes = position - start;
        lineFeedMayFollowFirstLine = lineFeedMayFollow;
        return true;
    }

    /**
     * Extends the line by the one after it, with the line end between them; {@code false} if there is none, or if both
     * are longer than allowed. Afterwards {@link #retract} gives back all but the first line.
     */
    public boolean extend() throws IOException {
        if (lineFeedMayFollow) {
            skipLineFeed();
        }
        return (position < limit || fill() >= 0) && readLine(true);
    }

    /** Whether the line was extended. */
    public boolean isExtended() {
        return position - start > firstLineBytes;
    }

    /** Undoes every {@link #extend} since {@link #next}: the lines after the first one are read again. */
    public void retract() {
        position = start + firstLineBytes;
        length = firstLineLength;
        lineFeedMayFollow = lineFeedMayFollowFirstLine;
        nextLine = line + 1;
    }

    public byte[] buffer() {
        return buffer;
    }

    public int start() {
        return start;
    }

    public int length() {
        return length;
    }

    /** Whether the line was longer than allowed; then only its end is in the buffer. */
    public boolean tooLong() {
        return tooLong;
    }

    /** Whether there is a double quote in the line. */
    public boolean isQuoted() {
        return quoted;
    }

    /** Whether there is nothing but white space in the line. */
    public boolean isBlank() {
        for (int i = start; i < start + length; i++) {
            if (buffer[i] != ' ' && buffer[i] != '\t') {
                return false;
            }
        }
        return true;
    }

    /** The number of the line, from 1; of several, that of the first. */
    public long line() {
        return line;
    }

    private boolean readLine(boolean extending) throws IOException {
        int scanned = position;
        while (true) {
            scanned = endOfLine(scanned);
            if (scanned < limit) {
                lineFeedMayFollow = buffer[scanned] == '\r';
                position = scanned + 1;
                end(scanned);
                return true;
            }
            if (scanned - start > maxLength) {
                if (extending) {
                    return false;
                }
                tooLong = true;
                start = scanned;
            }
            int before = start;
            int count = fill();
            scanned -= before - start;
            if (count < 0) {
                lineFeedMayFollow = false;
                position = limit;
                if (limit == start && !tooLong) {
                    return false;
                }
                end(limit);
                return true;
            }
        }
    }

    /** Where the line ends, or the bytes in the buffer do. */
    private int endOfLine(int from) {
        byte[] bytes = buffer;
        int end = limit;
        int at = from;
        while (at < end) {
            byte b = bytes[at];
            // Nearly every byte of a trip is greater, so that this is its only comparison.
            if (b <= '"') {
                if (b == '\n' || b == '\r') {
                    return at;
                }
                quoted |= b == '"';
            }
            at++;
        }
        return at;
    }

    private void skipLineFeed() throws IOException {
        if ((position < limit || fill() >= 0) && buffer[position] == '\n') {
            position++;
        }
        lineFeedMayFollow = false;
    }

    private void end(int end) {
        nextLine++;
        length = end - start;
    }

    /** Reads more behind what is in the buffer, which may move it to the buffer's beginning; -1 at the end. */
    private int fill() throws IOException {
        if (limit == buffer.length) {
            if (start == 0) {
                buffer = Arrays.copyOf(buffer, buffer.length * 2);
            } else {
                System.arraycopy(buffer, start, buffer, 0, limit - start);
                limit -= start;
                position -= start;
                start = 0;
            }
        }
        int count = in.read(buffer, limit, buffer.length - limit);
        if (count > 0) {
            limit += count;
        }
        return count;
    }
}
