package io.taxistream.embeddedkinesis;

import static java.util.Objects.requireNonNull;

import io.taxistream.embeddedkinesis.SegmentStore.Extent;
import io.taxistream.embeddedkinesis.SegmentStore.Segment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records of a shard in order, packed into chunks of 64 KiB. The last chunk is in memory, the others are in the {@link
 * SegmentStore}. A stored chunk takes 68 bytes of memory, regardless of its number of records.
 *
 * <p>Not thread-safe. However, the result of {@link #read} may be used without the lock that guards the log: written bytes
 * never change, and a slice retains the files that it needs.
 */
final class RecordLog {

    /** Size of a chunk. A larger record has its own chunk. */
    static final int CHUNK_BYTES = 64 * 1024;

    // offsets in the header of a record: position, arrival time, key length, data length
    private static final int ARRIVAL = 8;
    private static final int KEY_LENGTH = 16;
    private static final int DATA_LENGTH = 18;
    private static final int HEADER_BYTES = 22;
    private static final int FIRST_CAPACITY = 1024;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle SHORTS = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

    private final SegmentStore store;
    private final List<Chunk> chunks = new ArrayList<>();
    /** Ordinals number the records of the log from 0, including trimmed ones. */
    private long firstOrdinal;

    private long endOrdinal;
    private long diskBytes;
    private long lastTrimmedPosition = Long.MIN_VALUE;
    /** Arrival time of the first record remaining after a trim within a chunk. */
    private long firstKeptArrivalMillis = Long.MIN_VALUE;

    RecordLog(SegmentStore store) {
        this.store = store;
    }

    /**
     * @param position greater than that of the previous record
     * @throws StorageFullException if the store has reached its limit; the record is not stored
     * @throws StorageException if the disk write fails; the record is not stored
     */
    void append(long position, long arrivalMillis, byte[] partitionKey, byte[] data) {
        int size = HEADER_BYTES + partitionKey.length + data.length;
        Chunk last = chunks.isEmpty() ? null : chunks.get(chunks.size() - 1);
        if (last != null && !last.isStored() && last.length + size > CHUNK_BYTES) {
            last.storeIn(store);
            diskBytes += last.length;
        }
        if (last == null || last.isStored()) {
            last = new Chunk(endOrdinal, arrivalMillis, Math.max(size, FIRST_CAPACITY));
            chunks.add(last);
        }
        last.append(position, arrivalMillis, partitionKey, data);
        endOrdinal++;
    }

    /**
     * Returns the records from a position on; the result must be closed.
     *
     * @param maxBytes maximum size of keys and data; the first record is returned even if it is larger
     * @throws StorageException if the disk read fails
     */
    Slice read(long fromPosition, int maxRecords, long maxBytes) {
        long from = Math.max(fromPosition, lastTrimmedPosition + 1);
        int first = firstChunkEndingAtOrAfter(from);
        Slice slice = new Slice(first == chunks.size() ? endOrdinal : chunks.get(first).firstOrdinal);
        try {
            for (int i = first; i < chunks.size() && slice.nextArrivalMillis == Slice.NONE; i++) {
                Chunk chunk = chunks.get(i);
                if (slice.count == maxRecords) {
                    slice.nextArrivalMillis = chunk.firstArrivalMillis;
                } else if (i > first
                        && chunk.count <= maxRecords - slice.count
                        && slice.bytes + chunk.payloadBytes() <= maxBytes) {
                    slice.addWhole(chunk);
                } else {
                    slice.addFrom(chunk.content(), chunk.length, from, maxRecords, maxBytes);
                }
            }
        } catch (RuntimeException e) {
            slice.close();
            throw e;
        }
        return slice;
    }

    /** Returns up to a number of the last records; the result must be closed. */
    Slice readLast(int maxRecords) {
        long ordinal = Math.max(firstOrdinal, endOrdinal - maxRecords);
        if (ordinal == endOrdinal) {
            return new Slice(endOrdinal);
        }
        int low = 0;
        int high = chunks.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (chunks.get(middle).firstOrdinal <= ordinal) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        byte[] content = chunks.get(low).content();
        int offset = 0;
        for (long i = chunks.get(low).firstOrdinal; i < ordinal; i++) {
            offset += recordBytes(content, offset);
        }
        return read(position(content, offset), maxRecords, Long.MAX_VALUE);
    }

    /** Returns the position of the first record that arrived at or after a time, or a default if there is none. */
    long positionAtTime(long arrivalMillis, long otherwise) {
        int index = firstChunkArrivedAtOrAfter(arrivalMillis);
        if (index == chunks.size()) {
            return otherwise;
        }
        byte[] content = chunks.get(index).content();
        int offset = 0;
        while (arrivalMillis(content, offset) < arrivalMillis || position(content, offset) <= lastTrimmedPosition) {
            offset += recordBytes(content, offset);
        }
        return position(content, offset);
    }

    /** Trims the records that arrived before a time and returns their number. */
    long trimArrivedBefore(long arrivalMillis) {
        boolean allArrivedLater =
                chunks.isEmpty() || arrivalMillis <= Math.max(firstKeptArrivalMillis, chunks.get(0).firstArrivalMillis);
        return allArrivedLater ? 0 : trimTo(positionAtTime(arrivalMillis, Long.MAX_VALUE));
    }

    /** Trims the records before a position and returns their number. */
    long trimTo(long position) {
        int wholeChunks = firstChunkEndingAtOrAfter(position);
        long oldFirst = firstOrdinal;
        if (wholeChunks > 0) {
            lastTrimmedPosition = Math.max(lastTrimmedPosition, chunks.get(wholeChunks - 1).lastPosition);
            List<Chunk> forgotten = chunks.subList(0, wholeChunks);
            for (Chunk chunk : forgotten) {
                if (chunk.isStored()) {
                    diskBytes -= chunk.length;
                    chunk.segment().release();
                }
            }
            forgotten.clear();
        }
        if (chunks.isEmpty()) {
            firstOrdinal = endOrdinal;
        } else {
            Chunk head = chunks.get(0);
            firstOrdinal = Math.max(firstOrdinal, head.firstOrdinal);
            if (position > lastTrimmedPosition + 1) {
                trimWithin(head, position);
            }
        }
        return firstOrdinal - oldFirst;
    }

    private void trimWithin(Chunk head, long position) {
        byte[] content = head.content();
        long ordinal = head.firstOrdinal;
        int offset = 0;
        while (position(content, offset) < position) {
            lastTrimmedPosition = Math.max(lastTrimmedPosition, position(content, offset));
            ordinal++;
            offset += recordBytes(content, offset);
        }
        firstOrdinal = Math.max(firstOrdinal, ordinal);
        firstKeptArrivalMillis = arrivalMillis(content, offset);
    }

    /** Removes all records. */
    void clear() {
        trimTo(Long.MAX_VALUE);
    }

    /** Frees memory reserved for future records. */
    void trimToSize() {
        if (!chunks.isEmpty()) {
            chunks.get(chunks.size() - 1).trimToSize();
        }
    }

    /** Returns the position of the last trimmed record, or one lower than that of any record. */
    long lastTrimmedPosition() {
        return lastTrimmedPosition;
    }

    /** Returns the position of the last record, or a default if there is none. */
    long lastPosition(long ifEmpty) {
        return chunks.isEmpty() ? ifEmpty : chunks.get(chunks.size() - 1).lastPosition;
    }

    /** Returns the number of trimmed records. */
    long firstOrdinal() {
        return firstOrdinal;
    }

    /** Returns the number of appended records. */
    long endOrdinal() {
        return endOrdinal;
    }

    /** Returns the number of bytes of memory used by the log: the chunk not stored yet, and the index of the others. */
    long memoryBytes() {
        long bytes = (long) Chunk.MEMORY_BYTES * chunks.size();
        if (!chunks.isEmpty() && !chunks.get(chunks.size() - 1).isStored()) {
            bytes += chunks.get(chunks.size() - 1).bytes().length;
        }
        return bytes;
    }

    /** Returns the number of bytes of segment files that contain records of the log. */
    long diskBytes() {
        return diskBytes;
    }

    private static long position(byte[] bytes, int offset) {
        return (long) LONGS.get(bytes, offset);
    }

    private static long arrivalMillis(byte[] bytes, int offset) {
        return (long) LONGS.get(bytes, offset + ARRIVAL);
    }

    private static int keyLength(byte[] bytes, int offset) {
        return (short) SHORTS.get(bytes, offset + KEY_LENGTH);
    }

    private static int dataLength(byte[] bytes, int offset) {
        return (int) INTS.get(bytes, offset + DATA_LENGTH);
    }

    private static int recordBytes(byte[] bytes, int offset) {
        return HEADER_BYTES + keyLength(bytes, offset) + dataLength(bytes, offset);
    }

    private int firstChunkEndingAtOrAfter(long position) {
        int low = 0;
        int high = chunks.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (chunks.get(middle).lastPosition < position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private int firstChunkArrivedAtOrAfter(long arrivalMillis) {
        int low = 0;
        int high = chunks.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (chunks.get(middle).lastArrivalMillis < arrivalMillis) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /**
     * Consecutive records, with information about those that follow. Retains the files that contain them until it is closed.
     */
    static final class Slice implements AutoCloseable {

        private static final long NONE = Long.MIN_VALUE;

        private final List<Part> parts = new ArrayList<>();
        private int count;
        private long bytes;
        private long endOrdinal;
        private long endPosition = NONE;
        private long nextArrivalMillis = NONE;

        private Slice(long ordinal) {
            endOrdinal = ordinal;
        }

        private void addWhole(Chunk chunk) {
            parts.add(chunk.isStored() ? Part.stored(chunk) : Part.inMemory(chunk.bytes(), 0, chunk.length));
            add(chunk.count, chunk.payloadBytes(), chunk.lastPosition);
        }

        private void addFrom(byte[] content, int length, long from, int maxRecords, long maxBytes) {
            int offset = 0;
            while (position(content, offset) < from) {
                offset += recordBytes(content, offset);
                endOrdinal++;
            }
            int start = offset;
            while (offset < length) {
                int size = recordBytes(content, offset);
                int payload = size - HEADER_BYTES;
                if (count == maxRecords || (count > 0 && bytes + payload > maxBytes)) {
                    nextArrivalMillis = arrivalMillis(content, offset);
                    break;
                }
                add(1, payload, position(content, offset));
                offset += size;
            }
            if (offset > start) {
                parts.add(Part.inMemory(content, start, offset));
            }
        }

        private void add(int records, long payloadBytes, long lastPosition) {
            count += records;
            endOrdinal += records;
            bytes += payloadBytes;
            endPosition = lastPosition + 1;
        }

        int count() {
            return count;
        }

        /** Returns the size of keys and data in bytes. */
        long bytes() {
            return bytes;
        }

        boolean reachesEnd() {
            return nextArrivalMillis == NONE;
        }

        /** Returns the arrival time of the first record after these; only valid if they do not reach the end. */
        long nextArrivalMillis() {
            return nextArrivalMillis;
        }

        /** Returns the position after the last of these records, or a default if there are none. */
        long endPosition(long ifEmpty) {
            return count == 0 ? ifEmpty : endPosition;
        }

        /** Returns the number of records in the log up to the end of these, including trimmed ones. */
        long endOrdinal() {
            return endOrdinal;
        }

        /**
         * Passes the records to a consumer in order. An entry is valid until the consumer returns.
         *
         * @throws StorageException if the disk read fails
         */
        <E extends Exception> void forEach(EntryConsumer<E> consumer) throws E {
            byte[] buffer = new byte[0];
            for (Part part : parts) {
                byte[] content = part.bytes;
                if (content == null) {
                    buffer = buffer.length < part.to ? new byte[Math.max(part.to, CHUNK_BYTES)] : buffer;
                    requireNonNull(part.segment, "a part without bytes is stored")
                            .read(part.fileOffset, buffer, part.to);
                    content = buffer;
                }
                for (int offset = part.from; offset < part.to; offset += recordBytes(content, offset)) {
                    consumer.accept(new Entry(content, offset));
                }
            }
        }

        @Override
        public void close() {
            for (Part part : parts) {
                if (part.segment != null) {
                    part.segment.release();
                }
            }
            parts.clear();
        }
    }

    /** Consumes one record. */
    interface EntryConsumer<E extends Exception> {
        void accept(Entry entry) throws E;
    }

    /** Records of one chunk: either in an array or, for a complete chunk, in a segment. */
    // passed on once and never compared
    @SuppressWarnings("ArrayRecordComponent")
    private record Part(
            byte @Nullable [] bytes,
            int from,
            int to,
            @Nullable Segment segment,
            int fileOffset) {

        static Part inMemory(byte[] bytes, int from, int to) {
            return new Part(bytes, from, to, null, 0);
        }

        static Part stored(Chunk chunk) {
            Segment segment = chunk.segment();
            segment.retain();
            return new Part(null, 0, chunk.length, segment, chunk.fileOffset);
        }
    }

    /** A record of the log, not copied. */
    static final class Entry {

        private final byte[] bytes;
        private final int offset;

        private Entry(byte[] bytes, int offset) {
            this.bytes = bytes;
            this.offset = offset;
        }

        long position() {
            return RecordLog.position(bytes, offset);
        }

        long arrivalMillis() {
            return RecordLog.arrivalMillis(bytes, offset);
        }

        String partitionKey() {
            return new String(bytes, offset + HEADER_BYTES, keyLength(), StandardCharsets.UTF_8);
        }

        /** Returns the array that contains the record's data at {@link #dataOffset}, surrounded by other records. */
        byte[] array() {
            return bytes;
        }

        int dataOffset() {
            return offset + HEADER_BYTES + keyLength();
        }

        int dataLength() {
            return RecordLog.dataLength(bytes, offset);
        }

        byte[] data() {
            return Arrays.copyOfRange(array(), dataOffset(), dataOffset() + dataLength());
        }

        private int keyLength() {
            return RecordLog.keyLength(bytes, offset);
        }
    }

    /** Consecutive records, in memory until they are stored. */
    private static final class Chunk {

        /** Object header of 12 bytes, five fields of 4 and four of 8, rounded up to 64, plus the reference in the list. */
        static final int MEMORY_BYTES = 68;

        private final long firstOrdinal;
        private final long firstArrivalMillis;
        private long lastPosition;
        private long lastArrivalMillis;
        private int count;
        private int length;
        // exactly one of the two is null
        private byte @Nullable [] bytes;
        private @Nullable Segment segment;
        private int fileOffset;

        Chunk(long firstOrdinal, long firstArrivalMillis, int capacity) {
            this.firstOrdinal = firstOrdinal;
            this.firstArrivalMillis = firstArrivalMillis;
            this.bytes = new byte[capacity];
        }

        boolean isStored() {
            return segment != null;
        }

        /** Returns the bytes of a chunk that is not stored; the first {@link #length} contain records. */
        byte[] bytes() {
            return requireNonNull(bytes, "the chunk is stored");
        }

        /** Returns the location of a stored chunk. */
        Segment segment() {
            return requireNonNull(segment, "the chunk is not stored");
        }

        long payloadBytes() {
            return length - (long) HEADER_BYTES * count;
        }

        void append(long position, long arrivalMillis, byte[] key, byte[] data) {
            int end = length + HEADER_BYTES + key.length + data.length;
            byte[] bytes = bytes();
            if (end > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(end, Math.min(CHUNK_BYTES, 2 * bytes.length)));
                this.bytes = bytes;
            }
            LONGS.set(bytes, length, position);
            LONGS.set(bytes, length + ARRIVAL, arrivalMillis);
            SHORTS.set(bytes, length + KEY_LENGTH, (short) key.length);
            INTS.set(bytes, length + DATA_LENGTH, data.length);
            System.arraycopy(key, 0, bytes, length + HEADER_BYTES, key.length);
            System.arraycopy(data, 0, bytes, length + HEADER_BYTES + key.length, data.length);
            length = end;
            count++;
            lastPosition = position;
            lastArrivalMillis = arrivalMillis;
        }

        void storeIn(SegmentStore store) {
            Extent extent = store.write(bytes(), length);
            segment = extent.segment();
            fileOffset = extent.offset();
            bytes = null;
        }

        /** Returns the first {@link #length} bytes of the chunk, which contain its records. */
        byte[] content() {
            if (!isStored()) {
                return bytes();
            }
            byte[] content = new byte[length];
            segment().read(fileOffset, content, length);
            return content;
        }

        void trimToSize() {
            if (!isStored()) {
                bytes = Arrays.copyOf(bytes(), length);
            }
        }
    }
}
