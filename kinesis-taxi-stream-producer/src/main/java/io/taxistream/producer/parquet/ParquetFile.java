package io.taxistream.producer.parquet;

import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.InputObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.Util;

/**
 * Reads the footer of a Parquet file and ranges of its bytes. Nothing else is requested from the store, so reading five
 * of twenty columns transfers only those five.
 */
public final class ParquetFile {

    /** Number of bytes per request. */
    static final int BLOCK_BYTES = 1 << 20;

    private static final byte[] MAGIC = {'P', 'A', 'R', '1'};
    private static final byte[] ENCRYPTED_MAGIC = {'P', 'A', 'R', 'E'};
    private static final int TRAILER_BYTES = Integer.BYTES + MAGIC.length;
    private static final int INITIAL_READ_BYTES = 1 << 16;

    /** The footer of a TLC file is about ten kilobytes. */
    private static final int MAX_FOOTER_BYTES = 1 << 26;

    private final InputObject object;
    private final FileMetaData metaData;

    /**
     * @throws InputFailedException if the file is encrypted
     * @throws IOException if the footer is missing, as in a truncated file, or cannot be read
     */
    public ParquetFile(InputObject object) throws IOException {
        this.object = object;
        this.metaData = readFooter();
    }

    public FileMetaData metaData() {
        return metaData;
    }

    public long sizeBytes() {
        return object.sizeBytes();
    }

    /**
     * Opens a range of bytes. Holds at most {@link #BLOCK_BYTES} in memory and keeps no connection open, because a slow
     * replay reads slowly.
     */
    InputStream range(long from, long to) {
        return new Range(from, to);
    }

    private FileMetaData readFooter() throws IOException {
        long size = object.sizeBytes();
        if (size < MAGIC.length + TRAILER_BYTES) {
            throw new IOException("a Parquet file of " + size + " bytes has no footer");
        }
        long from = Math.max(0, size - INITIAL_READ_BYTES);
        byte[] tail = readRange(from, size);
        if (endsWith(tail, ENCRYPTED_MAGIC)) {
            throw new InputFailedException(object.key()
                    + " is an encrypted Parquet file, which is not supported; rewrite it without encryption");
        }
        if (!endsWith(tail, MAGIC)) {
            throw new IOException("the footer of the Parquet file is missing, without which nothing can be read");
        }
        int length = ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN).getInt(tail.length - TRAILER_BYTES);
        if (length <= 0 || length > Math.min(MAX_FOOTER_BYTES, size - MAGIC.length - TRAILER_BYTES)) {
            throw new IOException("the footer of the Parquet file has an invalid length of " + length + " bytes");
        }
        if (length + TRAILER_BYTES > tail.length) {
            tail = readRange(size - TRAILER_BYTES - length, size);
        }
        try {
            return Util.readFileMetaData(
                    new ByteArrayInputStream(tail, tail.length - TRAILER_BYTES - length, length), length);
        } catch (RuntimeException e) {
            throw new IOException("the footer of the Parquet file cannot be read: " + e.getMessage(), e);
        } catch (StackOverflowError e) {
            // Thrift's parser skips unknown structures recursively, without a limit.
            throw new IOException("the footer of the Parquet file cannot be read: it is nested too deeply", e);
        }
    }

    private static boolean endsWith(byte[] bytes, byte[] end) {
        return Arrays.equals(bytes, bytes.length - end.length, bytes.length, end, 0, end.length);
    }

    private byte[] readRange(long from, long to) throws IOException {
        try (InputStream in = object.opener().open(from, to)) {
            byte[] bytes = in.readNBytes((int) (to - from));
            if (bytes.length < to - from) {
                throw new IOException("the file was truncated while it was read");
            }
            return bytes;
        }
    }

    private final class Range extends InputStream {

        private final long to;
        private long next;
        private byte[] block = {};
        private int position;

        Range(long from, long to) {
            this.next = from;
            this.to = to;
        }

        @Override
        public int read() throws IOException {
            return hasMore() ? block[position++] & 0xff : -1;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (!hasMore()) {
                return -1;
            }
            int count = Math.min(length, block.length - position);
            System.arraycopy(block, position, bytes, offset, count);
            position += count;
            return count;
        }

        private boolean hasMore() throws IOException {
            if (position == block.length && next < to) {
                block = readRange(next, Math.min(to, next + BLOCK_BYTES));
                next += block.length;
                position = 0;
            }
            return position < block.length;
        }
    }
}
