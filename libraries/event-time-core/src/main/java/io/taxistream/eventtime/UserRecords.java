package io.taxistream.eventtime;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The user records in a Kinesis record: slices of the array that it came in, kept as numbers, because an object for each of a
 * stream's user records is a notable part of the cost of reading it.
 */
public final class UserRecords {

    private static final int INITIAL_CAPACITY = 64;

    private final byte[] bytes;

    /** Start and end of each slice in turn. */
    private int[] bounds;

    private int size;

    /** The message that the user records are fields of; empty for a record of its own. */
    private final int messageStart;

    private final int messageEnd;

    /** Of each user record; found when first asked for. */
    private AggregatedRecords.Keys @Nullable [] keys;

    private UserRecords(byte[] bytes, int capacity, int messageStart, int messageEnd) {
        this.bytes = bytes;
        this.bounds = new int[2 * capacity];
        this.messageStart = messageStart;
        this.messageEnd = messageEnd;
    }

    /** None yet, of those in a message. */
    static UserRecords in(byte[] bytes, int messageStart, int messageEnd) {
        return new UserRecords(bytes, INITIAL_CAPACITY, messageStart, messageEnd);
    }

    /**
     * A record that is its only user record.
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

    /** Number of user records. */
    public int size() {
        return size;
    }

    /** The array that all user records are slices of. */
    public byte[] bytes() {
        return bytes;
    }

    /** Where a user record begins in {@link #bytes()}. */
    public int offset(int index) {
        return bounds[2 * index];
    }

    /** Length of a user record in bytes. */
    public int length(int index) {
        return bounds[2 * index + 1] - bounds[2 * index];
    }

    /** Partition key of a user record; {@code null} if it is that of the Kinesis record. */
    public @Nullable String partitionKey(int index) {
        return keys(index).partitionKey();
    }

    /** Explicit hash key of a user record, a decimal number; {@code null} if it has none, or that of the Kinesis record. */
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
