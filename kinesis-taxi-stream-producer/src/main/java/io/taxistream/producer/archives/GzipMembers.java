package io.taxistream.producer.archives;

import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** Decompresses concatenated gzip members whose headers, with the name of the file and a comment, are not too long. */
final class GzipMembers extends InputStream {

    private final LimitedHeaders compressed;
    private final InputStream members;

    /**
     * @throws IOException if the first header is invalid or too long
     */
    GzipMembers(InputStream in) throws IOException {
        compressed = new LimitedHeaders(in, "gzip");
        compressed.limit(0);
        // Between two members, the JDK's stream mistakes "no bytes available yet" for the end.
        members = GzipCompressorInputStream.builder()
                .setInputStream(compressed)
                .setDecompressConcatenated(true)
                .get();
    }

    @Override
    public int read() throws IOException {
        compressed.limit(1);
        return members.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        // The compressed form of the bytes that are read is hardly longer than they are.
        compressed.limit(length);
        return members.read(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
        members.close();
    }
}
