package io.taxistream.producer.archives;

import io.taxistream.producer.input.HiddenFiles;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.InputObject;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.input.SingleLine;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.archivers.zip.ZipMethod;
import org.jspecify.annotations.Nullable;

/**
 * The files of a zip archive in the order of its directory, which is authoritative for the contents. Folders and hidden
 * files are skipped.
 */
final class ZipContents implements Contents {

    private static final Set<String> OFFICE_ENTRIES = Set.of("[Content_Types].xml", "mimetype");

    private final InputObject object;
    private final ZipBytes bytes;
    private final ZipFile zip;
    private final Iterator<ZipArchiveEntry> entries;
    private final Set<String> paths = new HashSet<>();

    /**
     * Reads the directory of the archive.
     *
     * @param bytesCounted number of bytes of the object already counted as read
     * @throws IOException if the directory cannot be read, for example because the archive is truncated
     */
    ZipContents(InputObject object, long bytesCounted, InputStatistics statistics) throws IOException {
        this.object = object;
        this.bytes = new ZipBytes(object, bytesCounted, statistics);
        this.zip = open();
        List<ZipArchiveEntry> list = Collections.list(zip.getEntries());
        if (list.stream().anyMatch(entry -> OFFICE_ENTRIES.contains(entry.getName()))) {
            throw ForeignFormat.officeDocument(object.key());
        }
        this.entries = list.iterator();
    }

    /** Returns whether content begins like a zip archive; an empty archive consists of a directory only. */
    static boolean isZip(byte[] head) {
        return head.length >= 4
                && head[0] == 'P'
                && head[1] == 'K'
                && ((head[2] == 3 && head[3] == 4) || (head[2] == 5 && head[3] == 6));
    }

    @Override
    public @Nullable Text next() throws IOException {
        while (entries.hasNext()) {
            ZipArchiveEntry entry = entries.next();
            String path = entry.getName();
            if (entry.isDirectory() || HiddenFiles.isHidden(path)) {
                continue;
            }
            if (entry.isUnixSymlink()) {
                throw new InputFailedException(object.key() + " contains a link, '" + SingleLine.of(path)
                        + "', and links in archives are not followed; unpack it");
            }
            if (!paths.add(path)) {
                throw new InputFailedException(object.key() + " has two entries named '" + SingleLine.of(path)
                        + "'; unpack it and remove one");
            }
            if (entry.getGeneralPurposeBit().usesEncryption()) {
                throw new InputFailedException(object.key() + " is encrypted, which is not supported; unpack it");
            }
            if (!zip.canReadEntryData(entry)) {
                throw new InputFailedException(object.key() + " uses zip compression method " + entry.getMethod()
                        + ", which is not supported; unpack it, or pack it again with method deflate");
            }
            if (entry.getSize() != 0) {
                return Contents.openFile(object.key(), path, UncloseableStream.of(new Checked(stream(entry), entry)));
            }
        }
        if (paths.isEmpty()) {
            throw new InputFailedException(object.key() + " is an archive without files; add files with trips");
        }
        bytes.countRest();
        return null;
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }

    private ZipFile open() throws IOException {
        try {
            return ZipFile.builder().setSeekableByteChannel(bytes).get();
        } catch (InputFailedException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new IOException("the directory of the zip archive cannot be read", e);
        }
    }

    private InputStream stream(ZipArchiveEntry entry) throws IOException {
        try {
            return entry.getMethod() == ZipMethod.XZ.getCode()
                    ? new Decoded(Compression.xz(zip.getRawInputStream(entry)))
                    : zip.getInputStream(entry);
        } catch (InputFailedException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new IOException(e);
        }
    }

    /** Verifies the content of an entry against the directory. */
    private static final class Checked extends FilterInputStream {

        private final ZipArchiveEntry entry;
        private final CRC32 crc = new CRC32();
        private long size;

        Checked(InputStream in, ZipArchiveEntry entry) {
            super(in);
            this.entry = entry;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int count = in.read(target, offset, length);
            if (count > 0) {
                crc.update(target, offset, count);
                size += count;
            } else if (count < 0 && (size != entry.getSize() || crc.getValue() != entry.getCrc())) {
                throw new IOException("the checksum or size of '" + entry.getName() + "' is wrong");
            }
            return count;
        }
    }
}
