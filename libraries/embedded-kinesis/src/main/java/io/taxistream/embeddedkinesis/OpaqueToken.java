package io.taxistream.embeddedkinesis;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * Token that a client passes from call to call without interpreting it: a shard iterator, or a position in a paginated list of
 * shards.
 *
 * <p>The endpoint keeps no state for tokens, so their number is unlimited. A checksum detects forged tokens.
 *
 * @param streamName name of the stream
 * @param streamIncarnation distinguishes the stream from a later one of the same name
 * @param shardId shard to continue in, or after
 * @param position position to continue from in the shard
 * @param issuedMillis time of issue in milliseconds since the epoch
 * @param detail further state, in a format defined by the call
 */
record OpaqueToken(
        String streamName, long streamIncarnation, String shardId, long position, long issuedMillis, String detail) {

    String encoded() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(streamName);
            out.writeLong(streamIncarnation);
            out.writeUTF(shardId);
            out.writeLong(position);
            out.writeLong(issuedMillis);
            out.writeUTF(detail);
            out.writeLong(checksum(bytes.toByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory does not fail", e);
        }
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }

    /** Decodes a token; empty if the text was not created by {@link #encoded}. */
    static Optional<OpaqueToken> decoded(String text) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        int length = bytes.length - Long.BYTES;
        if (length < 0 || ByteBuffer.wrap(bytes).getLong(length) != checksum(Arrays.copyOf(bytes, length))) {
            return Optional.empty();
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            return Optional.of(new OpaqueToken(
                    in.readUTF(), in.readLong(), in.readUTF(), in.readLong(), in.readLong(), in.readUTF()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static long checksum(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return crc.getValue();
    }
}
