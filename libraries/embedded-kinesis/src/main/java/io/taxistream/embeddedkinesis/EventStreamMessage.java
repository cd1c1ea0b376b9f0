package io.taxistream.embeddedkinesis;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * Messages of the media type {@value #CONTENT_TYPE}: lengths and their checksum, headers that describe the message, the
 * payload, and a checksum of the whole message.
 */
final class EventStreamMessage {

    static final String CONTENT_TYPE = "application/vnd.amazon.eventstream";

    private static final int PRELUDE_BYTES = 12;
    private static final int LENGTHS_BYTES = 8;
    private static final int CHECKSUM_BYTES = 4;
    private static final int STRING_TYPE = 7;

    private EventStreamMessage() {}

    /** Writes a payload. */
    @FunctionalInterface
    interface Payload {
        void writeTo(JsonGenerator out) throws IOException;
    }

    /**
     * Encodes an event.
     *
     * @param payloadBytes approximate size of the payload
     */
    static ByteBuffer event(String type, Wire wire, int payloadBytes, Payload payload) throws IOException {
        return message("event", ":event-type", type, wire, payloadBytes, payload);
    }

    /** Encodes an error defined by the API; it is the last message of the stream. */
    static ByteBuffer exception(KinesisException exception, Wire wire) throws IOException {
        return message("exception", ":exception-type", exception.type(), wire, 0, out -> {
            out.writeStartObject();
            out.writeStringField("message", exception.getMessage());
            out.writeEndObject();
        });
    }

    private static ByteBuffer message(
            String messageType, String typeHeader, String type, Wire wire, int payloadBytes, Payload payload)
            throws IOException {
        Buffer buffer = new Buffer(payloadBytes);
        buffer.write(new byte[PRELUDE_BYTES]);
        buffer.header(":message-type", messageType);
        buffer.header(typeHeader, type);
        buffer.header(":content-type", wire.contentType());
        int payloadOffset = buffer.size();
        try (JsonGenerator generator = wire.generator(buffer)) {
            payload.writeTo(generator);
        }
        return buffer.finished(payloadOffset - PRELUDE_BYTES);
    }

    /** Buffer of the message being written. */
    private static final class Buffer extends ByteArrayOutputStream {

        private static final int HEADERS_BYTES = 256;

        Buffer(int payloadBytes) {
            super(HEADERS_BYTES + payloadBytes);
        }

        void header(String name, String value) throws IOException {
            byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
            byte[] valueBytes = value.getBytes(StandardCharsets.UTF_8);
            write(nameBytes.length);
            write(nameBytes);
            write(STRING_TYPE);
            write(valueBytes.length >>> Byte.SIZE);
            write(valueBytes.length);
            write(valueBytes);
        }

        ByteBuffer finished(int headersLength) throws IOException {
            int end = count;
            write(new byte[CHECKSUM_BYTES]);
            ByteBuffer message = ByteBuffer.wrap(buf, 0, count);
            message.putInt(0, count).putInt(Integer.BYTES, headersLength);
            message.putInt(LENGTHS_BYTES, checksum(LENGTHS_BYTES));
            message.putInt(end, checksum(end));
            return message;
        }

        private int checksum(int length) {
            CRC32 crc = new CRC32();
            crc.update(buf, 0, length);
            return (int) crc.getValue();
        }
    }
}
