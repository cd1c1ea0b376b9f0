package io.taxistream.producer.archives;

import io.taxistream.producer.input.HiddenFiles;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.SingleLine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarUtils;
import org.apache.commons.compress.utils.IOUtils;
import org.jspecify.annotations.Nullable;

/** The files of a tar archive in archive order. Folders and hidden files are skipped. */
final class TarContents implements Contents {

    private static final int RECORD_BYTES = 512;
    private static final int TYPE_AT = 156;
    private static final int NAME_END = 99;

    private final String key;
    private final LimitedHeaders bytes;
    private final Entries tar;
    private final Set<String> paths = new HashSet<>();

    /**
     * @param bytes the decompressed archive
     */
    TarContents(String key, InputStream bytes) {
        this.key = key;
        this.bytes = new LimitedHeaders(bytes, "tar");
        this.tar = new Entries(this.bytes);
    }

    /** Returns whether content begins like a tar archive, including old archives without a signature. */
    static boolean isTar(byte[] head) {
        if (head.length < RECORD_BYTES || head[0] == 0) {
            return false;
        }
        boolean type = head[TYPE_AT] == 0 || (head[TYPE_AT] >= '0' && head[TYPE_AT] <= 'x');
        return type && (head[NAME_END] == 0 || hasSignature(head)) && hasChecksum(head);
    }

    @Override
    public @Nullable Text next() throws IOException {
        while (true) {
            TarArchiveEntry entry = nextEntry();
            if (entry == null) {
                requireEnd();
                if (paths.isEmpty()) {
                    throw new InputFailedException(key + " is an archive without files; add files with trips");
                }
                return null;
            }
            String path = entry.getName();
            if (entry.isDirectory() || HiddenFiles.isHidden(path)) {
                continue;
            }
            if (entry.isSymbolicLink() || entry.isLink()) {
                throw new InputFailedException(key + " contains a link, '" + SingleLine.of(path)
                        + "', and links in archives are not followed; unpack it");
            }
            if (!entry.isFile() || !tar.canReadEntryData(entry)) {
                throw new InputFailedException(
                        key + " has an entry '" + SingleLine.of(path) + "' that is not a plain file; unpack it");
            }
            if (!paths.add(path)) {
                throw new InputFailedException(
                        key + " has two entries named '" + SingleLine.of(path) + "'; unpack it and remove one");
            }
            if (entry.getSize() > 0) {
                return Contents.openFile(key, path, UncloseableStream.of(tar));
            }
        }
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }

    private @Nullable TarArchiveEntry nextEntry() throws IOException {
        try {
            // Skip the rest of the previous entry first: it is not limited in size.
            if (tar.getCurrentEntry() != null) {
                IOUtils.skip(tar, Long.MAX_VALUE);
            }
            bytes.limit(0);
            TarArchiveEntry entry = tar.getNextEntry();
            bytes.unlimited();
            return entry;
        } catch (InputFailedException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new IOException(e);
        }
    }

    /** Requires the end marker, because an archive cut between two files would look complete. */
    private void requireEnd() throws IOException {
        if (!tar.endMarked) {
            throw new IOException("the end of the tar archive is missing");
        }
        byte[] block = new byte[8192];
        int count;
        while ((count = bytes.read(block)) >= 0) {
            for (int i = 0; i < count; i++) {
                if (block[i] != 0) {
                    throw new IOException("there is data after the end of the tar archive");
                }
            }
        }
    }

    private static boolean hasChecksum(byte[] head) {
        try {
            return TarUtils.verifyCheckSum(head);
        } catch (IllegalArgumentException e) {
            // The checksum field is not a number.
            return false;
        }
    }

    private static boolean hasSignature(byte[] head) {
        return new String(head, 257, 5, StandardCharsets.ISO_8859_1).equals("ustar");
    }

    /** Records whether the end marker of the archive has been read. */
    private static final class Entries extends TarArchiveInputStream {

        private boolean endMarked;

        Entries(InputStream bytes) {
            // Blocks of one record each, so that the bytes after the end marker are checked too.
            super(bytes, RECORD_BYTES, RECORD_BYTES, StandardCharsets.UTF_8.name());
        }

        @Override
        protected boolean isEOFRecord(byte[] record) {
            // The superclass treats the end of the bytes as the end of the archive.
            boolean end = super.isEOFRecord(record);
            endMarked |= end && record != null;
            return end;
        }
    }
}
