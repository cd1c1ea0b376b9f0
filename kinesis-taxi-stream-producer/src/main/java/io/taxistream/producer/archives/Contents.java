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

/** The texts in an object, unpacked: that of the object itself, or those of the files in an archive. */
public interface Contents extends Closeable {

    /** How much of a beginning is looked at. */
    int HEAD_BYTES = 1 << 16;

    /**
     * One text.
     *
     * @param key the key of the object; of a file in an archive that of the archive, an exclamation mark and its path
     * @param content the bytes, with marks over {@link #HEAD_BYTES}; need not be closed
     */
    record Text(String key, InputStream content) {}

    /**
     * The next text, or {@code null}; the one before cannot be read any more then.
     *
     * @throws InputFailedException if what comes next is not text
     * @throws IOException if the object is damaged from here on
     */
    @Nullable
    Text next() throws IOException;

    /**
     * Opens what an object holds. It may be compressed and hold an archive, whose files may be compressed again.
     *
     * @param start its bytes from the beginning on, with marks; closed by the contents
     * @param stored the stream from which they are read, and on which it is counted how many were
     * @throws InputFailedException if that is not text
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
                throw ForeignFormat.nested(key, "a zip archive that was compressed once more");
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
     */
    static Text openFile(String archive, String path, InputStream bytes) throws IOException {
        String key = archive + "!" + path;
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
            throw ForeignFormat.nested(key, "a Parquet file that was compressed once more");
        }
    }

    /** Whether content begins as Parquet files do, encrypted ones included. */
    static boolean isParquet(byte[] head) {
        return head.length >= 4
                && head[0] == 'P'
                && head[1] == 'A'
                && head[2] == 'R'
                && (head[3] == '1' || head[3] == 'E');
    }

    /** The first bytes; the stream stays where it is. */
    static byte[] head(InputStream content) throws IOException {
        content.mark(HEAD_BYTES);
        byte[] head = content.readNBytes(512);
        content.reset();
        return head;
    }

    /** An object that is not an archive. */
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
