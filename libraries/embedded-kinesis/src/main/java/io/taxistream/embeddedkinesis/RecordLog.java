package io.taxistream.embeddedkinesis;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The records of one shard in order, packed into byte arrays: 26 bytes a record on top of its key and data.
 *
 * <p>Not thread-safe, but what {@link #read} returns may be used without the lock that guards the log: what has been
 * written to a segment never changes.
 */
final class RecordLog {

    // where the parts of a record's header are: position, time of arrival, length of the key, length of the data
    private static final int ARRIVAL = 8;
    private static final int KEY_LENGTH = 16;
    private static final int DATA_LENGTH = 18;
    private static final int HEADER_BYTES = 22;
    private static final int FIRST_SEGMENT_BYTES = 8 * 1024;
    private static final int MAX_SEGMENT_BYTES = 1024 * 1024;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle SHORTS = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

    private final List<Segment> segments = new ArrayList<>();
    private int nextSegmentBytes = FIRST_SEGMENT_BYTES;

    /** @param position greater than that of the record before */
    void append(long position, long arrivalMillis, byte[] partitionKey, byte[] data) {
        int size = HEADER_BYTES + partitionKey.length + data.length;
        Segment last = segments.isEmpty() ? null : segments.get(segments.size() - 1);
        if (last == null || !last.hasRoomFor(size)) {
            last = new Segment(Math.max(nextSegmentBytes, size));
            segments.add(last);
            nextSegmentBytes = Math.min(MAX_SEGMENT_BYTES, 2 * nextSegmentBytes);
        }
        last.append(position, arrivalMillis, partitionKey, data);
    }

    /**
     * The records from a position on.
     *
     * @param maxBytes of keys and data; the first record is returned even if it is larger
     */
    Slice read(long fromPosition, int maxRecords, long maxBytes) {
        List<Part> parts = new ArrayList<>();
        int count = 0;
        long bytes = 0;
        int segmentIndex = firstSegmentWithPosition(fromPosition);
        while (segmentIndex < segments.size()) {
            Segment segment = segments.get(segmentIndex);
            int from = segment.firstWithPosition(fromPosition);
            int to = from;
            while (to < segment.count) {
                long size = segment.payloadBytes(to);
                if (count == maxRecords || (count > 0 && bytes + size > maxBytes)) {
                    parts.add(segment.part(from, to));
                    return new Slice(parts, count, bytes, segment.arrivalMillis(to));
                }
                count++;
                bytes += size;
                to++;
            }
            parts.add(segment.part(from, to));
            segmentIndex++;
        }
        return new Slice(parts, count, bytes, Slice.NONE);
    }

    /** The position of the first record that arrived at a time or later, or the given one where there is none. */
    long positionAtTime(long arrivalMillis, long otherwise) {
        for (Segment segment : segments) {
            int index = segment.firstArrivedAt(arrivalMillis);
            if (index < segment.count) {
                return segment.position(index);
            }
        }
        return otherwise;
    }

    /** Forgets the records that arrived before a time, and returns how many they were. */
    long trimBefore(long arrivalMillis) {
        long trimmed = 0;
        while (!segments.isEmpty()) {
            Segment segment = segments.get(0);
            int first = segment.firstArrivedAt(arrivalMillis);
            trimmed += first - segment.first;
            segment.first = first;
            if (first < segment.count) {
                break;
            }
            segments.remove(0);
        }
        return trimmed;
    }

    /** Bytes of memory that the log's arrays take. */
    long memoryBytes() {
        long bytes = 0;
        for (Segment segment : segments) {
            bytes += segment.bytes.length + (long) Integer.BYTES * segment.offsets.length;
        }
        return bytes;
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

    private int firstSegmentWithPosition(long position) {
        int low = 0;
        int high = segments.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            Segment segment = segments.get(middle);
            if (segment.position(segment.count - 1) < position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Some records in a row, and what follows them. */
    static final class Slice {

        private static final long NONE = Long.MIN_VALUE;

        private final List<Part> parts;
        private final int count;
        private final long bytes;
        private final long nextArrivalMillis;

        private Slice(List<Part> parts, int count, long bytes, long nextArrivalMillis) {
            this.parts = parts;
            this.count = count;
            this.bytes = bytes;
            this.nextArrivalMillis = nextArrivalMillis;
        }

        int count() {
            return count;
        }

        /** Bytes of keys and data. */
        long bytes() {
            return bytes;
        }

        boolean reachesEnd() {
            return nextArrivalMillis == NONE;
        }

        /** When the first record after these arrived; only where they do not reach the end. */
        long nextArrivalMillis() {
            return nextArrivalMillis;
        }

        /** The position after the last of these records, or the given one where there are none. */
        long endPosition(long ifEmpty) {
            if (count == 0) {
                return ifEmpty;
            }
            Part last = parts.get(parts.size() - 1);
            if (last.from == last.to) {
                last = parts.get(parts.size() - 2);
            }
            return position(last.bytes, last.offsets[last.to - 1]) + 1;
        }

        <E extends Exception> void forEach(EntryConsumer<E> consumer) throws E {
            for (Part part : parts) {
                for (int i = part.from; i < part.to; i++) {
                    consumer.accept(new Entry(part.bytes, part.offsets[i]));
                }
            }
        }
    }

    /** Takes one record. */
    interface EntryConsumer<E extends Exception> {
        void accept(Entry entry) throws E;
    }

    /** Records of one segment; it holds the offsets of its time, since appending may replace the segment's array. */
    // handed over once and compared by nobody
    @SuppressWarnings("ArrayRecordComponent")
    private record Part(byte[] bytes, int[] offsets, int from, int to) {}

    /** One record of the log, not copied. */
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

        /** The array that holds the record's data at {@link #dataOffset}, and other records around it. */
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

    private static final class Segment {

        private final byte[] bytes;
        private int[] offsets = new int[16];
        private int used;
        private int count;
        private int first;

        Segment(int capacity) {
            bytes = new byte[capacity];
        }

        boolean hasRoomFor(int size) {
            return bytes.length - used >= size;
        }

        void append(long position, long arrivalMillis, byte[] key, byte[] data) {
            if (count == offsets.length) {
                offsets = Arrays.copyOf(offsets, count + (count >> 1));
            }
            offsets[count] = used;
            LONGS.set(bytes, used, position);
            LONGS.set(bytes, used + ARRIVAL, arrivalMillis);
            SHORTS.set(bytes, used + KEY_LENGTH, (short) key.length);
            INTS.set(bytes, used + DATA_LENGTH, data.length);
            System.arraycopy(key, 0, bytes, used + HEADER_BYTES, key.length);
            System.arraycopy(data, 0, bytes, used + HEADER_BYTES + key.length, data.length);
            used += HEADER_BYTES + key.length + data.length;
            count++;
        }

        long position(int index) {
            return RecordLog.position(bytes, offsets[index]);
        }

        long arrivalMillis(int index) {
            return RecordLog.arrivalMillis(bytes, offsets[index]);
        }

        long payloadBytes(int index) {
            return (long) keyLength(bytes, offsets[index]) + dataLength(bytes, offsets[index]);
        }

        Part part(int from, int to) {
            return new Part(bytes, offsets, from, to);
        }

        int firstWithPosition(long position) {
            int low = first;
            int high = count;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (position(middle) < position) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        int firstArrivedAt(long arrivalMillis) {
            int low = first;
            int high = count;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (arrivalMillis(middle) < arrivalMillis) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }
    }
}
