package io.taxistream.embeddedkinesis;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Disk storage of an endpoint: segment files to which the logs of all shards append. A file is removed when none of its content
 * is needed. Thread-safe.
 *
 * <p>A file is unlinked as soon as it is open, so the operating system frees its space even if the process is killed. Files are
 * accessed through {@link RandomAccessFile}, because interrupting a thread that uses a file channel closes the channel for all
 * other threads.
 */
final class SegmentStore implements AutoCloseable {

    static final long UNLIMITED = Long.MAX_VALUE;

    private static final int MAX_SEGMENT_BYTES = 64 * 1024 * 1024;
    private static final int MIN_SEGMENT_BYTES = 64 * 1024;
    /**
     * Minimum number of segments within a limit, so that a single segment still needed by one shard does not occupy all of it.
     */
    private static final int MIN_SEGMENTS_IN_LIMIT = 16;

    private static final String PREFIX = "embedded-kinesis-";
    private static final String SUFFIX = ".segment";

    private final Path folder;
    private final long maxBytes;
    private final int segmentBytes;
    private final AtomicLong bytesOnDisk = new AtomicLong();
    private final Set<Segment> segments = ConcurrentHashMap.newKeySet();
    // guarded by this
    private Segment current;

    private SegmentStore(Path folder, long maxBytes) throws IOException {
        this.folder = folder;
        this.maxBytes = maxBytes;
        this.segmentBytes =
                (int) Math.max(MIN_SEGMENT_BYTES, Math.min(MAX_SEGMENT_BYTES, maxBytes / MIN_SEGMENTS_IN_LIMIT));
        this.current = newSegment();
    }

    /**
     * @param folder existing, writable directory
     * @param maxBytes maximum total size of the segment files
     * @throws IOException if no file can be created in the directory
     */
    static SegmentStore open(Path folder, long maxBytes) throws IOException {
        try {
            return new SegmentStore(folder, maxBytes);
        } catch (IOException e) {
            throw new IOException(
                    "no records can be stored in the folder " + folder + " (" + e
                            + "); choose one that can be written to",
                    e);
        }
    }

    /** Location of stored bytes; the caller owns a reference to the segment. */
    record Extent(Segment segment, int offset) {}

    /**
     * Stores bytes. A failure leaves the store unchanged.
     *
     * @throws StorageFullException if the files would exceed the limit
     * @throws StorageException if the disk write fails
     */
    synchronized Extent write(byte[] bytes, int length) {
        long present = bytesOnDisk.get();
        if (present + length > maxBytes) {
            throw new StorageFullException(present, maxBytes);
        }
        try {
            if (current.used > 0 && current.used + (long) length > segmentBytes) {
                Segment next = newSegment();
                current.release();
                current = next;
            }
            Extent extent = current.append(bytes, length);
            bytesOnDisk.addAndGet(length);
            return extent;
        } catch (IOException e) {
            throw new StorageException(
                    "cannot store records in " + folder + " (" + e.getMessage()
                            + "); free space there, or choose another folder, a limit or a shorter retention",
                    e);
        }
    }

    /** Returns the total size of all segment files. */
    long bytesOnDisk() {
        return bytesOnDisk.get();
    }

    @Override
    public void close() {
        segments.forEach(Segment::remove);
    }

    private Segment newSegment() throws IOException {
        Path path = folder.resolve(PREFIX + UUID.randomUUID() + SUFFIX);
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] ownerOnly = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        Files.createFile(path, ownerOnly);
        Segment segment = new Segment(new RandomAccessFile(path.toFile(), "rw"), unlink(path));
        segments.add(segment);
        return segment;
    }

    /** Unlinks an open file. Returns the path to delete later if the operating system does not allow that yet. */
    private static Optional<Path> unlink(Path path) throws IOException {
        try {
            Files.delete(path);
            return Optional.empty();
        } catch (FileSystemException e) {
            path.toFile().deleteOnExit();
            return Optional.of(path);
        }
    }

    /** A file that is appended to until it is full. It is deleted when its last reference is released. */
    final class Segment {

        private final RandomAccessFile file;
        private final Optional<Path> path;
        private final AtomicInteger references = new AtomicInteger(1);
        private int used;

        private Segment(RandomAccessFile file, Optional<Path> path) {
            this.file = file;
            this.path = path;
        }

        private Extent append(byte[] bytes, int length) throws IOException {
            synchronized (file) {
                file.seek(used);
                file.write(bytes, 0, length);
            }
            Extent extent = new Extent(this, used);
            used += length;
            retain();
            return extent;
        }

        /** @throws StorageException if the disk read fails */
        void read(int offset, byte[] into, int length) {
            try {
                synchronized (file) {
                    file.seek(offset);
                    file.readFully(into, 0, length);
                }
            } catch (IOException e) {
                throw new StorageException("cannot read records back from " + folder + " (" + e.getMessage() + ")", e);
            }
        }

        /** Adds a reference; the caller must already own one. */
        void retain() {
            references.incrementAndGet();
        }

        void release() {
            if (references.decrementAndGet() == 0) {
                remove();
            }
        }

        private void remove() {
            if (!segments.remove(this)) {
                return;
            }
            bytesOnDisk.addAndGet(-used);
            try {
                file.close();
                if (path.isPresent()) {
                    Files.deleteIfExists(path.get());
                }
            } catch (IOException e) {
                throw new StorageException("cannot remove a file of records from " + folder, e);
            }
        }
    }
}
