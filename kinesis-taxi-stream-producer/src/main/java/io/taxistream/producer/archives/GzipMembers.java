package io.taxistream.producer.archives;

import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * Decompresses concatenated gzip members whose headers, with the name of the file and a comment, are not too long. Zeros
 * after the last member, with which some tools fill a block, are ignored.
 */
final class GzipMembers extends InputStream {

    private static final int MAGIC = 0x1f;

    /** The bytes of a read that meets damage are lost, so reads are short. */
    private static final int MAX_READ = 1 << 12;

    private final LimitedHeaders compressed;
    private InputStream member;

    /**
     * @param in supports mark and reset
     * @throws IOException if the first header is invalid or too long
     */
    GzipMembers(InputStream in) throws IOException {
        compressed = new LimitedHeaders(in, "gzip");
        compressed.limit(0);
        member = open();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        while (true) {
            // The compressed form of the bytes that are read is hardly longer than they are.
            compressed.limit(length);
            int count = member.read(bytes, offset, Math.min(length, MAX_READ));
            if (count >= 0 || !hasNext()) {
                return count;
            }
            compressed.limit(0);
            member = open();
        }
    }

    @Override
    public void close() throws IOException {
        member.close();
    }

    /** Opens the member at the current position, which the stream does not read beyond. */
    private InputStream open() throws IOException {
        // Between two members, the JDK's stream mistakes "no bytes available yet" for the end.
        return GzipCompressorInputStream.builder()
                .setInputStream(compressed)
                .setDecompressConcatenated(false)
                .get();
    }

    private boolean hasNext() throws IOException {
        compressed.unlimited();
        compressed.mark(1);
        int next = compressed.read();
        if (next == MAGIC) {
            compressed.reset();
            return true;
        }
        while (next == 0) {
            next = compressed.read();
        }
        if (next >= 0) {
            throw new IOException("there is data after the end of the gzip members");
        }
        return false;
    }
}
