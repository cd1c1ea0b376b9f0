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
 * What a client carries from call to call without looking inside: a shard iterator, or a page of a list of shards.
 *
 * <p>Nothing is kept for it in the endpoint, so there may be any number; a checksum tells one that was made up.
 *
 * @param streamName the stream it leads into
 * @param streamIncarnation tells the stream from a later one of the same name
 * @param shardId the shard to go on in, or after
 * @param position where in the shard to go on
 * @param issuedMillis when it was handed out, milliseconds since the epoch
 * @param detail what else the call needs, in its own form
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

    /** The token of a text, or nothing where the text was not made by {@link #encoded}. */
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
