package io.taxistream.embeddedkinesis;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Unpacks records aggregated by the Kinesis Producer Library: four magic bytes, a Protocol Buffers message with a table of
 * partition keys and the records, and the MD5 digest of the message.
 *
 * <p>Implemented independently of the decoder used by the processor, so that tests can check one against the other.
 */
final class KplAggregation {

    private static final byte[] MAGIC = {(byte) 0xf3, (byte) 0x89, (byte) 0x9a, (byte) 0xc2};
    private static final int MD5_BYTES = 16;

    private static final int PARTITION_KEY_TABLE = 1;
    private static final int RECORDS = 3;
    private static final int RECORD_PARTITION_KEY_INDEX = 1;
    private static final int RECORD_DATA = 3;

    private static final int VARINT = 0;
    private static final int LENGTH_DELIMITED = 2;

    private KplAggregation() {}

    /** Returns the records aggregated in the data of a record; empty if it is not aggregated. */
    static Optional<List<UserRecord>> decode(byte[] data) {
        int end = data.length - MD5_BYTES;
        if (end < MAGIC.length || !Arrays.equals(data, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            return Optional.empty();
        }
        byte[] message = Arrays.copyOfRange(data, MAGIC.length, end);
        if (!Arrays.equals(Md5.newDigest().digest(message), Arrays.copyOfRange(data, end, data.length))) {
            return Optional.empty();
        }
        try {
            return Optional.of(records(ByteBuffer.wrap(message)));
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("an aggregated record with a valid checksum cannot be read", e);
        }
    }

    private static List<UserRecord> records(ByteBuffer message) {
        List<String> partitionKeys = new ArrayList<>();
        List<ByteBuffer> encoded = new ArrayList<>();
        while (message.hasRemaining()) {
            int tag = (int) varint(message);
            switch (tag >>> 3) {
                case PARTITION_KEY_TABLE ->
                    partitionKeys.add(
                            StandardCharsets.UTF_8.decode(bytes(message)).toString());
                case RECORDS -> encoded.add(bytes(message));
                default -> skip(message, tag);
            }
        }
        return encoded.stream().map(record -> record(record, partitionKeys)).toList();
    }

    private static UserRecord record(ByteBuffer message, List<String> partitionKeys) {
        String partitionKey = "";
        byte[] data = new byte[0];
        while (message.hasRemaining()) {
            int tag = (int) varint(message);
            switch (tag >>> 3) {
                case RECORD_PARTITION_KEY_INDEX -> partitionKey = partitionKeys.get((int) varint(message));
                case RECORD_DATA -> {
                    ByteBuffer content = bytes(message);
                    data = new byte[content.remaining()];
                    content.get(data);
                }
                default -> skip(message, tag);
            }
        }
        return new UserRecord(partitionKey, data);
    }

    private static void skip(ByteBuffer message, int tag) {
        switch (tag & 7) {
            case VARINT -> varint(message);
            case LENGTH_DELIMITED -> bytes(message);
            default ->
                throw new IllegalArgumentException(
                        "field " + (tag >>> 3) + " of an aggregated record has the unknown wire type " + (tag & 7));
        }
    }

    private static ByteBuffer bytes(ByteBuffer message) {
        int length = (int) varint(message);
        ByteBuffer bytes = message.slice(message.position(), length);
        message.position(message.position() + length);
        return bytes;
    }

    private static long varint(ByteBuffer message) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = message.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }
}
