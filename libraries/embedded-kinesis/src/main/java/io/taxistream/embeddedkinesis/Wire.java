package io.taxistream.embeddedkinesis;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Encodings of requests and responses: the same objects as text or as bytes. */
enum Wire {
    /** Used by the Kinesis Producer Library: binary data as Base64, timestamps as seconds with fractions. */
    JSON("application/x-amz-json-1.1", new JsonFactory()) {
        @Override
        void writeTimestamp(JsonGenerator generator, long epochMillis) throws IOException {
            generator.writeNumber(BigDecimal.valueOf(epochMillis, 3).toPlainString());
        }

        @Override
        long timestampMillis(JsonNode node) {
            return node.decimalValue().movePointRight(3).longValue();
        }
    },

    /** Used by the AWS SDK for Java: timestamps as milliseconds, with the tag that normally denotes seconds. */
    CBOR("application/x-amz-cbor-1.1", new CBORFactory()) {
        @Override
        void writeTimestamp(JsonGenerator generator, long epochMillis) throws IOException {
            ((CBORGenerator) generator).writeTag(EPOCH_TAG);
            generator.writeNumber(epochMillis);
        }

        @Override
        long timestampMillis(JsonNode node) {
            return node.longValue();
        }
    };

    private static final int EPOCH_TAG = 1;

    private final String contentType;
    // never reconfigured
    @SuppressWarnings("ImmutableEnumChecker")
    private final ObjectMapper mapper;

    Wire(String contentType, JsonFactory factory) {
        this.contentType = contentType;
        this.mapper = new ObjectMapper(factory);
    }

    /** Returns the encoding for a content type; JSON if it is neither of the two. */
    static Wire ofContentType(@Nullable String contentType) {
        return contentType != null && contentType.startsWith(CBOR.contentType) ? CBOR : JSON;
    }

    String contentType() {
        return contentType;
    }

    /** @throws KinesisException if the body is not an object in this encoding */
    JsonNode read(byte[] body) {
        try {
            JsonNode node = body.length == 0 ? mapper.createObjectNode() : mapper.readTree(body);
            if (node != null && node.isObject()) {
                return node;
            }
            throw KinesisException.serialization("The request body is not an object.");
        } catch (IOException e) {
            throw KinesisException.serialization("The request body cannot be read: " + e.getMessage());
        }
    }

    JsonGenerator generator(OutputStream out) throws IOException {
        return mapper.getFactory().createGenerator(out);
    }

    abstract void writeTimestamp(JsonGenerator generator, long epochMillis) throws IOException;

    /** Converts a number that represents a timestamp to milliseconds since the epoch. */
    abstract long timestampMillis(JsonNode node);
}
