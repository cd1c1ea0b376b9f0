package io.taxistream.embeddedkinesis;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Output stream that collects bytes in blocks before they are sent. Growing does not copy the blocks, and passing them to the
 * connection one at a time avoids a large buffer that would live as long as the connection.
 */
final class BlockBuffer extends OutputStream {

    private static final int FIRST_BLOCK_BYTES = 512;
    private static final int MAX_BLOCK_BYTES = 64 * 1024;

    private final List<byte[]> fullBlocks = new ArrayList<>();
    private byte[] block;
    private int used;
    private long bytesInFullBlocks;

    BlockBuffer() {
        block = new byte[FIRST_BLOCK_BYTES];
    }

    private BlockBuffer(byte[] content) {
        block = content;
        used = content.length;
    }

    /** Wraps an array without copying it. */
    static BlockBuffer of(byte[] content) {
        return new BlockBuffer(content);
    }

    @Override
    public void write(int value) {
        if (used == block.length) {
            nextBlock();
        }
        block[used++] = (byte) value;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        int written = 0;
        while (written < length) {
            if (used == block.length) {
                nextBlock();
            }
            int count = Math.min(length - written, block.length - used);
            System.arraycopy(bytes, offset + written, block, used, count);
            used += count;
            written += count;
        }
    }

    long length() {
        return bytesInFullBlocks + used;
    }

    /** Returns the bytes in order, not copied: at least one block, which may be empty. */
    List<ByteBuffer> blocks() {
        List<ByteBuffer> blocks = new ArrayList<>(fullBlocks.size() + 1);
        for (byte[] full : fullBlocks) {
            blocks.add(ByteBuffer.wrap(full));
        }
        blocks.add(ByteBuffer.wrap(block, 0, used));
        return blocks;
    }

    private void nextBlock() {
        fullBlocks.add(block);
        bytesInFullBlocks += used;
        block = new byte[Math.min(MAX_BLOCK_BYTES, Math.max(FIRST_BLOCK_BYTES, 4 * block.length))];
        used = 0;
    }
}
