package io.taxistream.search;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Writes the body of a bulk request, two lines per document: the action and the source. */
final class BulkBody {

    private static final byte[] BEFORE_INDEX = "{\"index\":{\"_index\":\"".getBytes(StandardCharsets.UTF_8);
    private static final byte[] BEFORE_ID = "\",\"_id\":\"".getBytes(StandardCharsets.UTF_8);
    private static final byte[] AFTER_ID = "\"}}\n".getBytes(StandardCharsets.UTF_8);
    private static final int FRAME_BYTES = BEFORE_INDEX.length + BEFORE_ID.length + AFTER_ID.length + 1;

    /** Compressing documents field by field takes two thirds longer. */
    private static final int PIECE_BYTES = 1 << 13;

    private BulkBody() {}

    /** Returns the uncompressed size of a document in the body; the actual size is slightly larger if its id is escaped. */
    static long size(SearchDocument document) {
        return FRAME_BYTES + document.index().length() + document.id().length() + (long) document.source().length;
    }

    static byte[] write(List<BulkEntry> entries, boolean compressed) {
        var bytes = new ByteArrayOutputStream(1 << 16);
        try (OutputStream out = compressed ? new BufferedOutputStream(new FastGzip(bytes), PIECE_BYTES) : bytes) {
            for (BulkEntry entry : entries) {
                write(entry.document(), out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(SearchDocument document, OutputStream out) throws IOException {
        JsonStringEncoder encoder = JsonStringEncoder.getInstance();
        out.write(BEFORE_INDEX);
        out.write(encoder.quoteAsUTF8(document.index()));
        out.write(BEFORE_ID);
        out.write(encoder.quoteAsUTF8(document.id()));
        out.write(AFTER_ID);
        out.write(onOneLine(document.source()));
        out.write('\n');
    }

    /** Replaces line breaks by spaces. In JSON they occur between tokens only, where a space is equivalent. */
    private static byte[] onOneLine(byte[] source) {
        byte[] line = source;
        for (int i = 0; i < source.length; i++) {
            if (source[i] == '\n' || source[i] == '\r') {
                if (line == source) {
                    line = source.clone();
                }
                line[i] = ' ';
            }
        }
        return line;
    }

    /** Bulk bodies are so repetitive that the fastest level already compresses them to a tenth. */
    private static final class FastGzip extends GZIPOutputStream {

        FastGzip(OutputStream out) throws IOException {
            super(out, PIECE_BYTES);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
