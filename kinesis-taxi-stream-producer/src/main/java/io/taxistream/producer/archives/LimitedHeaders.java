package io.taxistream.producer.archives;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Bounds the headers in a stream, whose decoder holds them in memory whatever their size. A compressed header of a
 * gigabyte, such as a long name, fits into a small file.
 */
final class LimitedHeaders extends FilterInputStream {

    /** Longer than the headers of any file, which consist of a name and a few attributes. */
    private static final int MAX_HEADER_BYTES = 1 << 20;

    private final String format;

    /** Number of bytes that may be read before the headers are too long. */
    private long left = Long.MAX_VALUE;

    private long leftAtMark;

    /**
     * @param format name of the format, for the message
     */
    LimitedHeaders(InputStream in, String format) {
        super(in);
        this.format = format;
    }

    /** Sets the limit: the longest headers and this number of other bytes. */
    void limit(int otherBytes) {
        left = (long) MAX_HEADER_BYTES + otherBytes;
    }

    void unlimited() {
        left = Long.MAX_VALUE;
    }

    @Override
    public int read() throws IOException {
        int read = in.read();
        count(read < 0 ? 0 : 1);
        return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = in.read(bytes, offset, length);
        count(Math.max(0, count));
        return count;
    }

    @Override
    public long skip(long bytes) throws IOException {
        long count = in.skip(bytes);
        count(count);
        return count;
    }

    @Override
    public synchronized void mark(int readLimit) {
        in.mark(readLimit);
        leftAtMark = left;
    }

    @Override
    public synchronized void reset() throws IOException {
        in.reset();
        left = leftAtMark;
    }

    private void count(long bytes) throws IOException {
        if (left == Long.MAX_VALUE) {
            return;
        }
        left -= bytes;
        if (left < 0) {
            throw new IOException("a " + format + " header is longer than " + MAX_HEADER_BYTES + " bytes");
        }
    }
}
