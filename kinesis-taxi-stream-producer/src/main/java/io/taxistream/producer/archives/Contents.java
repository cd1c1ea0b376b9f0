package io.taxistream.producer.archives;

import io.taxistream.producer.input.CountingInputStream;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.InputObject;
import io.taxistream.producer.input.InputStatistics;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** The decompressed texts in an object: the object itself, or the files of an archive. */
public interface Contents extends Closeable {

    /** Number of bytes at the beginning of a text that are inspected. */
    int HEAD_BYTES = 1 << 16;

    /**
     * A text.
     *
     * @param key key of the object; for a file in an archive, the archive's key, an exclamation mark and the file's path
     * @param content the bytes; marks of up to {@link #HEAD_BYTES} are supported; need not be closed
     */
    record Text(String key, InputStream content) {}

    /**
     * Returns the next text, or {@code null} if there are no more; the previous one can no longer be read.
     *
     * @throws InputFailedException if the next content is not text
     * @throws IOException if the object is damaged from here on
     */
    @Nullable
    Text next() throws IOException;

    /**
     * Opens the contents of an object, which may be a compressed archive with compressed files in it.
     *
     * @param start the bytes from the beginning, with marks; closed with the contents
     * @param stored the stream that {@code start} reads from, which counts the bytes read
     * @throws InputFailedException if the content is not text
     * @throws IOException if the object is damaged at its beginning
     */
    static Contents open(InputObject object, InputStream start, CountingInputStream stored, InputStatistics statistics)
            throws IOException {
        String key = object.key();
        byte[] head = head(start);
        if (ZipContents.isZip(head)) {
            start.close();
            return new ZipContents(object, stored.position(), statistics);
        }
        InputStream content = start;
        if (Compression.of(head) != Compression.NONE) {
            content = new BufferedInputStream(Compression.open(start), HEAD_BYTES);
            head = head(content);
            refuseNested(head, key);
            if (ZipContents.isZip(head)) {
                throw ForeignFormat.nested(key, "a compressed zip archive");
            }
        }
        if (TarContents.isTar(head)) {
            return new TarContents(key, content);
        }
        ForeignFormat.refuse(head, key);
        return new SingleText(new Text(key, content));
    }

    /**
     * Opens a file in an archive.
     *
     * @throws InputFailedException if that is not text
     * @throws IOException if the file is damaged at its beginning; the message names it
     */
    static Text openFile(String archive, String path, InputStream bytes) throws IOException {
        try {
            return openFile(archive + "!" + path, bytes);
        } catch (IOException e) {
            String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new IOException("in " + path + ": " + why, e);
        }
    }

    private static Text openFile(String key, InputStream bytes) throws IOException {
        InputStream content = new BufferedInputStream(bytes, HEAD_BYTES);
        byte[] head = head(content);
        if (Compression.of(head) != Compression.NONE) {
            content = new BufferedInputStream(Compression.open(content), HEAD_BYTES);
            head = head(content);
            refuseNested(head, key);
        }
        if (ZipContents.isZip(head) || TarContents.isTar(head)) {
            throw ForeignFormat.nested(key, "an archive in an archive");
        }
        if (isParquet(head)) {
            throw ForeignFormat.nested(key, "a Parquet file in an archive");
        }
        ForeignFormat.refuse(head, key);
        return new Text(key, content);
    }

    private static void refuseNested(byte[] head, String key) {
        if (Compression.of(head) != Compression.NONE) {
            throw ForeignFormat.nested(key, "compressed twice");
        }
        if (isParquet(head)) {
            throw ForeignFormat.nested(key, "a compressed Parquet file");
        }
    }

    /** Returns whether content begins like a Parquet file, encrypted ones included. */
    static boolean isParquet(byte[] head) {
        return head.length >= 4
                && head[0] == 'P'
                && head[1] == 'A'
                && head[2] == 'R'
                && (head[3] == '1' || head[3] == 'E');
    }

    /** Returns the first bytes without advancing the stream. */
    static byte[] head(InputStream content) throws IOException {
        content.mark(HEAD_BYTES);
        byte[] head = content.readNBytes(512);
        content.reset();
        return head;
    }

    /** The contents of an object that is not an archive. */
    final class SingleText implements Contents {

        private final Text text;
        private boolean opened;

        private SingleText(Text text) {
            this.text = text;
        }

        @Override
        public @Nullable Text next() {
            boolean first = !opened;
            opened = true;
            return first ? text : null;
        }

        @Override
        public void close() throws IOException {
            text.content().close();
        }
    }
}
