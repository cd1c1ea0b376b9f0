package io.taxistream.producer.text;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Splits a stream into lines without copying them: after {@link #next} the line is in {@link #buffer} from {@link
 * #start} on, without its terminator. Lines end in LF, CRLF or CR, in any mixture.
 */
public final class LineReader {

    /** Longer than any line that holds a trip. */
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

    /** Whether the last line ended in CR, so that an LF at {@link #position} belongs to its terminator. */
    private boolean lineFeedMayFollow;

    private int firstLineLength;
    private int firstLineBytes;
    private boolean lineFeedMayFollowFirstLine;

    /**
     * @param maxLength maximum length in bytes; longer lines are skipped, see {@link #tooLong}
     */
    public LineReader(InputStream in, int maxLength) {
        this.in = in;
        this.maxLength = maxLength;
    }

    /** Advances to the next line; returns {@code false} at the end. The last line may lack a terminator. */
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
     * Appends the next line to the current one, with the terminator between them; returns {@code false} if there is
     * none, or if the result is longer than allowed. {@link #retract} gives back all but the first line.
     */
    public boolean extend() throws IOException {
        if (lineFeedMayFollow) {
            skipLineFeed();
        }
        return (position < limit || fill() >= 0) && readLine(true);
    }

    /** Returns whether the line was extended. */
    public boolean isExtended() {
        return position - start > firstLineBytes;
    }

    /** Reverts every {@link #extend} since {@link #next}: the lines after the first are read again. */
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

    /** Returns whether the line was longer than allowed; only its end is in the buffer then. */
    public boolean tooLong() {
        return tooLong;
    }

    /** Returns whether the line contains a double quote. */
    public boolean isQuoted() {
        return quoted;
    }

    /** Returns whether the line contains only white space. */
    public boolean isBlank() {
        for (int i = start; i < start + length; i++) {
            if (buffer[i] != ' ' && buffer[i] != '\t') {
                return false;
            }
        }
        return true;
    }

    /** Returns the number of the line, from 1; for an extended line, that of the first. */
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

    /** Returns the end of the line, or of the bytes in the buffer. */
    private int endOfLine(int from) {
        byte[] bytes = buffer;
        int end = limit;
        int at = from;
        while (at < end) {
            byte b = bytes[at];
            // Nearly every byte of a trip is greater, so most bytes need only this comparison.
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

    /**
     * Reads more bytes to the end of the buffer, which may first move its content to the beginning; returns -1 at the
     * end.
     */
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
