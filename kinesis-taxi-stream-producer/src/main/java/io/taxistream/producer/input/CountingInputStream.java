package io.taxistream.producer.input;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Counts the bytes of an object as they are read. */
public final class CountingInputStream extends FilterInputStream {

    private final InputStatistics statistics;
    private long position;

    public CountingInputStream(InputStream in, InputStatistics statistics) {
        super(in);
        this.statistics = statistics;
    }

    /** Returns the number of bytes read so far. */
    public long position() {
        return position;
    }

    @Override
    public int read() throws IOException {
        int value = in.read();
        count(value < 0 ? -1 : 1);
        return value;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = in.read(bytes, offset, length);
        count(count);
        return count;
    }

    @Override
    public long skip(long n) throws IOException {
        long count = in.skip(n);
        count(count);
        return count;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private void count(long bytes) {
        if (bytes > 0) {
            position += bytes;
            statistics.countBytesRead(bytes);
        }
    }
}
