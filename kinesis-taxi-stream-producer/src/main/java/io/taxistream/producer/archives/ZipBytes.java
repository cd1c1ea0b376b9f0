package io.taxistream.producer.archives;

import io.taxistream.producer.input.InputObject;
import io.taxistream.producer.input.InputStatistics;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/**
 * Random access to the bytes of an object. Holds at most one block in memory and keeps no connection open, because a
 * slow replay reads slowly.
 */
final class ZipBytes implements SeekableByteChannel {

    private static final int BLOCK_BYTES = 1 << 20;

    private final InputObject object;
    private final InputStatistics statistics;

    private long position;
    private byte[] block = {};
    private long blockStart;
    private long counted;
    private boolean open = true;

    /**
     * @param bytesCounted number of bytes of the object already counted as read
     */
    ZipBytes(InputObject object, long bytesCounted, InputStatistics statistics) {
        this.counted = bytesCounted;
        this.object = object;
        this.statistics = statistics;
    }

    /** Counts the bytes that were not needed as read, for progress. */
    void countRest() {
        count(object.sizeBytes());
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (position >= object.sizeBytes()) {
            return -1;
        }
        if (position < blockStart || position >= blockStart + block.length) {
            fetch();
        }
        int at = (int) (position - blockStart);
        int count = Math.min(target.remaining(), block.length - at);
        target.put(block, at, count);
        position += count;
        return count;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public SeekableByteChannel position(long newPosition) {
        position = newPosition;
        return this;
    }

    @Override
    public long size() {
        return object.sizeBytes();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }

    @Override
    public int write(ByteBuffer source) {
        throw new NonWritableChannelException();
    }

    @Override
    public SeekableByteChannel truncate(long size) {
        throw new NonWritableChannelException();
    }

    private void fetch() throws IOException {
        long end = Math.min(object.sizeBytes(), position + BLOCK_BYTES);
        try (InputStream in = object.opener().open(position, end)) {
            byte[] bytes = in.readNBytes((int) (end - position));
            if (bytes.length == 0) {
                throw new IOException("the file was truncated while it was read");
            }
            block = bytes;
            blockStart = position;
        }
        // The directory at the end is read first, so only positions before it count as progress.
        if (end < object.sizeBytes()) {
            count(end);
        }
    }

    private void count(long endOffset) {
        if (endOffset > counted) {
            statistics.countBytesRead(endOffset - counted);
            counted = endOffset;
        }
    }
}
