package io.taxistream.eventtime.source;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * Takes apart the records that the Kinesis Producer Library aggregated.
 *
 * <p>The format is the one of the library's "KPL Aggregated Record Format": four magic bytes, a Protocol Buffers message
 * {@code AggregatedRecord}, and the MD5 digest of that message. Whatever is not exactly that is a record of its own, as in the
 * Kinesis Client Library. Unlike there, no user record is left out because its hash key belongs to another shard: after
 * a reshard it may be in no other shard, and twice is better than never.
 */
final class AggregatedRecords {

    private static final byte[] MAGIC = {(byte) 0xF3, (byte) 0x89, (byte) 0x9A, (byte) 0xC2};
    private static final int DIGEST_LENGTH = 16;

    /** Field {@code records} of {@code AggregatedRecord}. */
    private static final int RECORDS = 3;
    /** Field {@code data} of {@code Record}. */
    private static final int DATA = 3;

    private static final int WIRE_VARINT = 0;
    private static final int WIRE_FIXED64 = 1;
    private static final int WIRE_LENGTH_DELIMITED = 2;
    private static final int WIRE_FIXED32 = 5;

    private AggregatedRecords() {}

    /**
     * The user records in a record: those of the aggregate, or else the record itself.
     *
     * @param record backed by an array, which the user records share
     */
    static UserRecords userRecords(ByteBuffer record) {
        byte[] bytes = record.array();
        int start = record.arrayOffset() + record.position();
        int end = start + record.remaining();
        if (isAggregated(bytes, start, end)) {
            try {
                return parse(new Message(bytes, start + MAGIC.length, end - DIGEST_LENGTH));
            } catch (MalformedMessageException e) {
                return UserRecords.single(record);
            }
        }
        return UserRecords.single(record);
    }

    private static boolean isAggregated(byte[] bytes, int start, int end) {
        int messageStart = start + MAGIC.length;
        int messageEnd = end - DIGEST_LENGTH;
        if (messageEnd < messageStart || !Arrays.equals(bytes, start, messageStart, MAGIC, 0, MAGIC.length)) {
            return false;
        }
        MessageDigest md5 = md5();
        md5.update(bytes, messageStart, messageEnd - messageStart);
        return Arrays.equals(md5.digest(), 0, DIGEST_LENGTH, bytes, messageEnd, end);
    }

    private static UserRecords parse(Message aggregate) throws MalformedMessageException {
        UserRecords userRecords = UserRecords.in(aggregate.bytes);
        Message record = new Message(aggregate.bytes, 0, 0);
        while (aggregate.next()) {
            if (aggregate.field == RECORDS && aggregate.wireType == WIRE_LENGTH_DELIMITED) {
                record.position = aggregate.valueStart;
                record.end = aggregate.position;
                addData(record, userRecords);
            }
        }
        return userRecords;
    }

    private static void addData(Message record, UserRecords userRecords) throws MalformedMessageException {
        int start = -1;
        int end = -1;
        while (record.next()) {
            if (record.field == DATA && record.wireType == WIRE_LENGTH_DELIMITED) {
                start = record.valueStart;
                end = record.position;
            }
        }
        if (start < 0) {
            throw new MalformedMessageException();
        }
        userRecords.add(start, end);
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has to provide MD5", e);
        }
    }

    /** Walks over the fields of a Protocol Buffers message. */
    private static final class Message {
        final byte[] bytes;
        int position;
        int end;
        int field;
        int wireType;
        int valueStart;

        Message(byte[] bytes, int start, int end) {
            this.bytes = bytes;
            this.position = start;
            this.end = end;
        }

        /** Moves to the next field, whose value is then {@code bytes[valueStart..position)}; false at the end. */
        boolean next() throws MalformedMessageException {
            if (position == end) {
                return false;
            }
            long tag = varint();
            field = (int) (tag >>> 3);
            wireType = (int) (tag & 7);
            valueStart = position;
            switch (wireType) {
                case WIRE_VARINT -> varint();
                case WIRE_FIXED64 -> skip(Long.BYTES);
                case WIRE_LENGTH_DELIMITED -> {
                    long length = varint();
                    valueStart = position;
                    skip(length);
                }
                case WIRE_FIXED32 -> skip(Integer.BYTES);
                default -> throw new MalformedMessageException();
            }
            return true;
        }

        private long varint() throws MalformedMessageException {
            long value = 0;
            for (int shift = 0; shift < Long.SIZE; shift += 7) {
                if (position == end) {
                    throw new MalformedMessageException();
                }
                byte b = bytes[position++];
                value |= (long) (b & 0x7F) << shift;
                if (b >= 0) {
                    return value;
                }
            }
            throw new MalformedMessageException();
        }

        private void skip(long length) throws MalformedMessageException {
            if (length < 0 || length > end - position) {
                throw new MalformedMessageException();
            }
            position += (int) length;
        }
    }

    /** The bytes are no message of the format. */
    private static final class MalformedMessageException extends Exception {
        private static final long serialVersionUID = 1;
    }
}
