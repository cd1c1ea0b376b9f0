package io.taxistream.eventtime;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * User records of a Kinesis record, as slices of the array that holds it. The slices are stored as numbers, because one object
 * for each user record would noticeably slow down reading.
 */
public final class UserRecords {

    private static final int INITIAL_CAPACITY = 64;

    private final byte[] bytes;

    /** Start and end of each slice, alternating. */
    private int[] bounds;

    private int size;

    /** Message that contains the user records as fields; empty for a record that is not aggregated. */
    private final int messageStart;

    private final int messageEnd;

    /** Keys of each user record; parsed on first access. */
    private AggregatedRecords.Keys @Nullable [] keys;

    private UserRecords(byte[] bytes, int capacity, int messageStart, int messageEnd) {
        this.bytes = bytes;
        this.bounds = new int[2 * capacity];
        this.messageStart = messageStart;
        this.messageEnd = messageEnd;
    }

    /** Creates an empty list for the user records of a message. */
    static UserRecords in(byte[] bytes, int messageStart, int messageEnd) {
        return new UserRecords(bytes, INITIAL_CAPACITY, messageStart, messageEnd);
    }

    /**
     * Wraps a record that is not aggregated as its only user record.
     *
     * @param record backed by an array, which the user record shares
     */
    public static UserRecords single(ByteBuffer record) {
        UserRecords records = new UserRecords(record.array(), 1, 0, 0);
        int start = record.arrayOffset() + record.position();
        records.add(start, start + record.remaining());
        return records;
    }

    /** Appends the user record {@code bytes[start..end)}. */
    void add(int start, int end) {
        if (2 * size == bounds.length) {
            bounds = Arrays.copyOf(bounds, 2 * bounds.length);
        }
        bounds[2 * size] = start;
        bounds[2 * size + 1] = end;
        size++;
    }

    /** Returns the number of user records. */
    public int size() {
        return size;
    }

    /** Returns the array that backs all user records. */
    public byte[] bytes() {
        return bytes;
    }

    /** Returns the start of a user record in {@link #bytes()}. */
    public int offset(int index) {
        return bounds[2 * index];
    }

    /** Returns the length of a user record in bytes. */
    public int length(int index) {
        return bounds[2 * index + 1] - bounds[2 * index];
    }

    /** Returns the partition key of a user record; {@code null} if it is that of the Kinesis record. */
    public @Nullable String partitionKey(int index) {
        return keys(index).partitionKey();
    }

    /**
     * Returns the explicit hash key of a user record, a decimal number; {@code null} if there is none or it is that of the
     * Kinesis record.
     */
    public @Nullable String explicitHashKey(int index) {
        return keys(index).explicitHashKey();
    }

    private AggregatedRecords.Keys keys(int index) {
        if (keys == null) {
            keys = AggregatedRecords.keys(bytes, messageStart, messageEnd, size);
        }
        return keys[index];
    }
}
