package io.taxistream.eventtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Packs user records into aggregated records and unpacks them, in the format of the Kinesis Producer Library.
 *
 * <p>The format is the library's "KPL Aggregated Record Format": four magic bytes, a Protocol Buffers message {@code
 * AggregatedRecord}, and the MD5 digest of that message. As in the Kinesis Client Library, anything else is a plain record.
 * Unlike the Kinesis Client Library, this class does not drop user records whose hash key belongs to another shard: after a
 * reshard they may exist in no other shard, and a duplicate is better than a loss.
 */
public final class AggregatedRecords {

    private static final byte[] MAGIC = {(byte) 0xF3, (byte) 0x89, (byte) 0x9A, (byte) 0xC2};
    private static final int DIGEST_LENGTH = 16;

    /** Field numbers of {@code AggregatedRecord}. */
    private static final int PARTITION_KEY_TABLE = 1;

    private static final int EXPLICIT_HASH_KEY_TABLE = 2;
    private static final int RECORDS = 3;

    /** Field numbers of {@code Record}. */
    private static final int PARTITION_KEY_INDEX = 1;

    private static final int EXPLICIT_HASH_KEY_INDEX = 2;
    private static final int DATA = 3;

    private static final int WIRE_VARINT = 0;
    private static final int WIRE_FIXED64 = 1;
    private static final int WIRE_LENGTH_DELIMITED = 2;
    private static final int WIRE_FIXED32 = 5;

    /** References to the keys at index 0 of their tables. */
    private static final byte[] FIRST_PARTITION_KEY = {tag(PARTITION_KEY_INDEX, WIRE_VARINT), 0};

    private static final byte[] FIRST_EXPLICIT_HASH_KEY = {tag(EXPLICIT_HASH_KEY_INDEX, WIRE_VARINT), 0};

    private AggregatedRecords() {}

    /**
     * Packs user records into one aggregated record. All of them share the given keys.
     *
     * @param explicitHashKey a decimal number, or {@code null} to use the hash of the partition key
     */
    public static byte[] aggregate(String partitionKey, @Nullable String explicitHashKey, List<byte[]> userRecords) {
        byte[] key = partitionKey.getBytes(UTF_8);
        byte[] hashKey = explicitHashKey == null ? null : explicitHashKey.getBytes(UTF_8);
        int keyIndexes = FIRST_PARTITION_KEY.length + (hashKey == null ? 0 : FIRST_EXPLICIT_HASH_KEY.length);

        int messageLength = fieldLength(key.length) + (hashKey == null ? 0 : fieldLength(hashKey.length));
        for (byte[] data : userRecords) {
            messageLength += fieldLength(keyIndexes + fieldLength(data.length));
        }
        ByteBuffer record = ByteBuffer.allocate(MAGIC.length + messageLength + DIGEST_LENGTH);
        record.put(MAGIC);
        putField(PARTITION_KEY_TABLE, key, record);
        if (hashKey != null) {
            putField(EXPLICIT_HASH_KEY_TABLE, hashKey, record);
        }
        for (byte[] data : userRecords) {
            record.put(tag(RECORDS, WIRE_LENGTH_DELIMITED));
            putVarint(keyIndexes + fieldLength(data.length), record);
            record.put(FIRST_PARTITION_KEY);
            if (hashKey != null) {
                record.put(FIRST_EXPLICIT_HASH_KEY);
            }
            putField(DATA, data, record);
        }
        return record.put(digest(record.array(), MAGIC.length, messageLength)).array();
    }

    /**
     * Returns the user records of a Kinesis record: those of the aggregate, or the record itself if it is not aggregated.
     *
     * @param record backed by an array, which the user records share
     */
    public static UserRecords userRecords(ByteBuffer record) {
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
        byte[] digest = digest(bytes, messageStart, messageEnd - messageStart);
        return Arrays.equals(digest, 0, DIGEST_LENGTH, bytes, messageEnd, end);
    }

    private static UserRecords parse(Message aggregate) throws MalformedMessageException {
        UserRecords userRecords = UserRecords.in(aggregate.bytes, aggregate.position, aggregate.end);
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

    /** Keys of a user record; {@code null} for a key that the user record does not have. */
    record Keys(@Nullable String partitionKey, @Nullable String explicitHashKey) {

        static final Keys NONE = new Keys(null, null);
    }

    /** Returns the keys of the user records in a message that has already been parsed. */
    static Keys[] keys(byte[] bytes, int messageStart, int messageEnd, int size) {
        Keys[] keys = new Keys[size];
        Arrays.fill(keys, Keys.NONE);
        if (messageStart == messageEnd) {
            return keys;
        }
        try {
            List<String> partitionKeys = table(PARTITION_KEY_TABLE, new Message(bytes, messageStart, messageEnd));
            List<String> hashKeys = table(EXPLICIT_HASH_KEY_TABLE, new Message(bytes, messageStart, messageEnd));
            Message aggregate = new Message(bytes, messageStart, messageEnd);
            for (int i = 0; aggregate.next(); ) {
                if (aggregate.field == RECORDS && aggregate.wireType == WIRE_LENGTH_DELIMITED) {
                    Message record = new Message(bytes, aggregate.valueStart, aggregate.position);
                    keys[i++] = keys(record, partitionKeys, hashKeys);
                }
            }
            return keys;
        } catch (MalformedMessageException e) {
            throw new IllegalStateException("the message has been parsed before", e);
        }
    }

    private static List<String> table(int field, Message aggregate) throws MalformedMessageException {
        List<String> table = new ArrayList<>();
        while (aggregate.next()) {
            if (aggregate.field == field && aggregate.wireType == WIRE_LENGTH_DELIMITED) {
                int length = aggregate.position - aggregate.valueStart;
                table.add(new String(aggregate.bytes, aggregate.valueStart, length, UTF_8));
            }
        }
        return table;
    }

    private static Keys keys(Message record, List<String> partitionKeys, List<String> hashKeys)
            throws MalformedMessageException {
        String partitionKey = null;
        String hashKey = null;
        while (record.next()) {
            if (record.wireType == WIRE_VARINT && record.field == PARTITION_KEY_INDEX) {
                partitionKey = at(record.value, partitionKeys);
            } else if (record.wireType == WIRE_VARINT && record.field == EXPLICIT_HASH_KEY_INDEX) {
                hashKey = at(record.value, hashKeys);
            }
        }
        return new Keys(partitionKey, hashKey);
    }

    /** Returns {@code null} if the index is not in the table. */
    private static @Nullable String at(long index, List<String> table) {
        return index >= 0 && index < table.size() ? table.get((int) index) : null;
    }

    private static byte[] digest(byte[] bytes, int offset, int length) {
        try {
            MessageDigest md5 = MessageDigest.getInstance("MD5");
            md5.update(bytes, offset, length);
            return md5.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform must provide MD5", e);
        }
    }

    private static byte tag(int field, int wireType) {
        return (byte) ((field << 3) | wireType);
    }

    /** Returns the length of a length-delimited field: tag, length and value. */
    private static int fieldLength(int valueLength) {
        return 1 + varintLength(valueLength) + valueLength;
    }

    private static int varintLength(int value) {
        return (Integer.SIZE - Integer.numberOfLeadingZeros(value | 1) + 6) / 7;
    }

    private static void putField(int field, byte[] value, ByteBuffer out) {
        out.put(tag(field, WIRE_LENGTH_DELIMITED));
        putVarint(value.length, out);
        out.put(value);
    }

    private static void putVarint(int value, ByteBuffer out) {
        int rest = value;
        while (rest > 0x7F) {
            out.put((byte) ((rest & 0x7F) | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    /** Iterates over the fields of a Protocol Buffers message. */
    private static final class Message {
        final byte[] bytes;
        int position;
        int end;
        int field;
        int wireType;
        int valueStart;

        /** Value of the current field if it is a varint. */
        long value;

        Message(byte[] bytes, int start, int end) {
            this.bytes = bytes;
            this.position = start;
            this.end = end;
        }

        /** Advances to the next field, whose value is then {@code bytes[valueStart..position)}; returns false at the end. */
        boolean next() throws MalformedMessageException {
            if (position == end) {
                return false;
            }
            long tag = varint();
            field = (int) (tag >>> 3);
            wireType = (int) (tag & 7);
            valueStart = position;
            switch (wireType) {
                case WIRE_VARINT -> value = varint();
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

    /** Thrown if the bytes are not a valid aggregated message. */
    private static final class MalformedMessageException extends Exception {
        private static final long serialVersionUID = 1;
    }
}
