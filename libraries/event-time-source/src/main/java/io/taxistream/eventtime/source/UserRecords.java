package io.taxistream.eventtime.source;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The user records in a record: slices of the array that the record came in, kept as numbers, because an object for each
 * of a stream's user records is a notable part of what reading it takes.
 */
final class UserRecords {

    private static final int INITIAL_CAPACITY = 64;

    private final byte[] bytes;

    /** Start and end of each slice by turns. */
    private int[] bounds;

    private int size;

    private UserRecords(byte[] bytes, int capacity) {
        this.bytes = bytes;
        this.bounds = new int[2 * capacity];
    }

    /** None yet, of those in an array. */
    static UserRecords in(byte[] bytes) {
        return new UserRecords(bytes, INITIAL_CAPACITY);
    }

    /** A record that is its only user record. */
    static UserRecords single(ByteBuffer record) {
        UserRecords records = new UserRecords(record.array(), 1);
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

    int size() {
        return size;
    }

    /** What all user records are slices of. */
    byte[] bytes() {
        return bytes;
    }

    /** Where a user record begins in {@link #bytes()}. */
    int offset(int index) {
        return bounds[2 * index];
    }

    int length(int index) {
        return bounds[2 * index + 1] - bounds[2 * index];
    }
}
