package io.taxistream.eventtime;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/** Aggregates user records for tests, as the Kinesis Producer Library does. */
final class KplFormat {

    private KplFormat() {}

    static byte[] aggregate(List<byte[]> userRecords) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.writeBytes(new byte[] {0x0A, 1, 'p'});
        for (byte[] userRecord : userRecords) {
            ByteArrayOutputStream record = new ByteArrayOutputStream();
            record.writeBytes(new byte[] {0x08, 0, 0x1A});
            writeVarint(userRecord.length, record);
            record.writeBytes(userRecord);
            message.write(0x1A);
            writeVarint(record.size(), message);
            message.writeBytes(record.toByteArray());
        }
        return frame(message.toByteArray());
    }

    /** Puts the magic bytes before a message and its digest behind. */
    static byte[] frame(byte[] message) {
        try {
            ByteArrayOutputStream record = new ByteArrayOutputStream();
            record.writeBytes(new byte[] {(byte) 0xF3, (byte) 0x89, (byte) 0x9A, (byte) 0xC2});
            record.writeBytes(message);
            record.writeBytes(MessageDigest.getInstance("MD5").digest(message));
            return record.toByteArray();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void writeVarint(int value, ByteArrayOutputStream out) {
        int rest = value;
        while (rest > 0x7F) {
            out.write((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }
}
