package io.taxistream.eventtime.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import io.taxistream.eventtime.source.KinesisProxy.KinesisRecord;
import io.taxistream.eventtime.source.KinesisProxy.Page;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsRequest;

/**
 * Response to a {@code GetRecords} call. The SDK makes the call, but does not parse the response: its general-purpose parser
 * copies the data of each record several times and creates several objects for each.
 *
 * <p>The fields are those of the Kinesis API reference. Kinesis responds in the format of the request: CBOR, or JSON if the SDK
 * is configured with {@code aws.cborEnabled=false}. Times are in milliseconds since the epoch in CBOR and in seconds in JSON.
 */
final class RecordsResponse {

    /** Where to put the responses to requests that are not parsed by the SDK. */
    private static final ExecutionAttribute<AtomicReference<RecordsResponse>> RESPONSE =
            new ExecutionAttribute<>("RecordsResponse");

    private static final JsonFactory JSON = new JsonFactory();
    private static final JsonFactory CBOR = new CBORFactory();

    /** Objects without fields, for the SDK to parse. */
    private static final byte[] EMPTY_JSON = {'{', '}'};

    private static final byte[] EMPTY_CBOR = {(byte) 0xA0};

    /** More than the 10 MB that Kinesis returns at most, in Base64. */
    private static final int MAX_LENGTH = 1 << 25;

    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,9}");
    private static final double MILLIS_PER_SECOND = 1_000;

    private final boolean cbor;
    private final byte[] body;

    /** Names of a record's fields in their expected order, that of the previous record: such names are only compared. */
    private final SerializableString[] recordFields = {
        new SerializedString("SequenceNumber"),
        new SerializedString("ApproximateArrivalTimestamp"),
        new SerializedString("Data"),
        new SerializedString("PartitionKey"),
        new SerializedString("EncryptionType")
    };

    private RecordsResponse(boolean cbor, byte[] body) {
        this.cbor = cbor;
        this.body = body;
    }

    /** Takes the responses that are not parsed by the SDK. Every client passed to {@link #get} must have one. */
    static final class Interceptor implements ExecutionInterceptor {

        @Override
        public Optional<InputStream> modifyHttpResponseContent(
                Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
            AtomicReference<RecordsResponse> response = attributes.getAttribute(RESPONSE);
            Optional<InputStream> content = context.responseBody();
            if (response == null || content.isEmpty() || !context.httpResponse().isSuccessful()) {
                return content;
            }
            try (InputStream in = content.get()) {
                RecordsResponse received = read(context.httpResponse(), in);
                response.set(received);
                return Optional.of(new ByteArrayInputStream(received.cbor ? EMPTY_CBOR : EMPTY_JSON));
            } catch (IOException e) {
                throw SdkClientException.create("the response cannot be read: " + e.getMessage(), e);
            }
        }
    }

    /** Makes a call; the result is empty if the response has no body. */
    static Optional<RecordsResponse> get(KinesisClient client, GetRecordsRequest.Builder request) {
        AtomicReference<RecordsResponse> response = new AtomicReference<>();
        client.getRecords(request.overrideConfiguration(override -> override.putExecutionAttribute(RESPONSE, response))
                .build());
        return Optional.ofNullable(response.get());
    }

    /**
     * Reads a response to its end.
     *
     * @throws IOException if it is cut off
     */
    static RecordsResponse read(SdkHttpResponse head, InputStream in) throws IOException {
        boolean cbor = head.firstMatchingHeader("Content-Type")
                .filter(type -> type.contains("cbor"))
                .isPresent();
        int length = head.firstMatchingHeader("Content-Length")
                .filter(header -> LENGTH.matcher(header).matches())
                .map(Integer::valueOf)
                .orElse(Integer.MAX_VALUE);
        if (length > MAX_LENGTH) {
            return new RecordsResponse(cbor, in.readAllBytes());
        }
        // readAllBytes() would copy it once more
        byte[] body = new byte[length];
        int read = in.readNBytes(body, 0, length);
        if (read < length || in.read() >= 0) {
            throw new IOException("it does not have the length in its header, " + length + " bytes");
        }
        return new RecordsResponse(cbor, body);
    }

    /** Parses the body. In CBOR, the data of its records are parts of it. */
    Page page() throws UnreadableResponseException {
        try (JsonParser parser = (cbor ? CBOR : JSON).createParser(body)) {
            require(parser.nextToken() == JsonToken.START_OBJECT, "Response");
            return page(parser);
        } catch (IOException e) {
            throw new UnreadableResponseException("damaged or incomplete " + (cbor ? "CBOR" : "JSON"));
        }
    }

    private Page page(JsonParser parser) throws IOException, UnreadableResponseException {
        List<KinesisRecord> records = List.of();
        String nextShardIterator = null;
        Long millisBehindLatest = null;
        List<String> childIds = List.of();
        for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
            parser.nextToken();
            switch (field) {
                case "Records" -> records = objects(parser, field, this::kinesisRecord);
                case "NextShardIterator" -> nextShardIterator = text(parser, field);
                case "MillisBehindLatest" -> millisBehindLatest = integer(parser, field);
                case "ChildShards" -> childIds = objects(parser, field, RecordsResponse::childId);
                default -> parser.skipChildren();
            }
        }
        require(parser.hasToken(JsonToken.END_OBJECT), "Response");
        if (nextShardIterator == null && childIds.isEmpty()) {
            // only a shard with children ends, unlike one whose stream is being deleted
            throw new UnreadableResponseException("the shard ends without child shards");
        }
        return new Page(records, nextShardIterator, millisBehindLatest == null ? 0 : millisBehindLatest);
    }

    /** Reads one object of an array. */
    @FunctionalInterface
    private interface ObjectReader<T> {
        T read(JsonParser parser) throws IOException, UnreadableResponseException;
    }

    private static <T> List<T> objects(JsonParser parser, String field, ObjectReader<T> reader)
            throws IOException, UnreadableResponseException {
        List<T> objects = new ArrayList<>();
        if (!parser.hasToken(JsonToken.VALUE_NULL)) {
            require(parser.isExpectedStartArrayToken(), field);
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                require(parser.hasToken(JsonToken.START_OBJECT), field);
                objects.add(reader.read(parser));
            }
        }
        return objects;
    }

    private KinesisRecord kinesisRecord(JsonParser parser) throws IOException, UnreadableResponseException {
        String sequenceNumber = null;
        ByteBuffer data = null;
        String partitionKey = null;
        Instant arrived = null;
        int fields = 0;
        for (String field = recordField(parser, 0); field != null; field = recordField(parser, ++fields)) {
            parser.nextToken();
            switch (field) {
                case "SequenceNumber" -> sequenceNumber = sequenceNumber(parser, field);
                case "Data" -> data = binary(parser, field);
                case "PartitionKey" -> partitionKey = text(parser, field);
                case "ApproximateArrivalTimestamp" -> arrived = time(parser, field);
                default -> parser.skipChildren();
            }
        }
        require(parser.hasToken(JsonToken.END_OBJECT), "Record");
        return AwsResponses.record(sequenceNumber, data, partitionKey, arrived);
    }

    /** Returns the name of the next field of a record; {@code null} after the last one. */
    private @Nullable String recordField(JsonParser parser, int index) throws IOException {
        if (index >= recordFields.length) {
            return parser.nextFieldName();
        }
        SerializableString expected = recordFields[index];
        if (parser.nextFieldName(expected)) {
            return expected.getValue();
        }
        if (!parser.hasToken(JsonToken.FIELD_NAME)) {
            return null;
        }
        String name = parser.currentName();
        recordFields[index] = new SerializedString(name);
        return name;
    }

    private static @Nullable String sequenceNumber(JsonParser parser, String field)
            throws IOException, UnreadableResponseException {
        if (parser.hasToken(JsonToken.VALUE_NULL)) {
            return null;
        }
        require(parser.hasToken(JsonToken.VALUE_STRING), field);
        return AwsResponses.sequenceNumber(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
    }

    private static String childId(JsonParser parser) throws IOException, UnreadableResponseException {
        String id = null;
        for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
            parser.nextToken();
            if (field.equals("ShardId")) {
                id = text(parser, field);
            } else {
                parser.skipChildren();
            }
        }
        require(parser.hasToken(JsonToken.END_OBJECT), "ChildShard");
        return AwsResponses.required(id, "ShardId");
    }

    private static @Nullable String text(JsonParser parser, String field)
            throws IOException, UnreadableResponseException {
        if (parser.hasToken(JsonToken.VALUE_NULL)) {
            return null;
        }
        require(parser.hasToken(JsonToken.VALUE_STRING), field);
        return parser.getText();
    }

    private @Nullable ByteBuffer binary(JsonParser parser, String field)
            throws IOException, UnreadableResponseException {
        if (parser.hasToken(JsonToken.VALUE_NULL)) {
            return null;
        }
        if (parser.hasToken(JsonToken.VALUE_STRING)) {
            // in JSON, and in the CBOR of some emulators
            return base64(parser.getText(), field);
        }
        require(parser.hasToken(JsonToken.VALUE_EMBEDDED_OBJECT), field);
        Slice slice = new Slice(body);
        parser.readBinaryValue(slice);
        return slice.buffer();
    }

    private static ByteBuffer base64(String text, String field) throws UnreadableResponseException {
        try {
            return ByteBuffer.wrap(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            throw new UnreadableResponseException(field + " is not in Base64");
        }
    }

    /** Receives a value from a parser of an array: as a part of the array, unless the array contains it in several pieces. */
    private static final class Slice extends OutputStream {

        private final byte[] array;
        private ByteBuffer first = ByteBuffer.allocate(0);

        /** The whole value, if it has more than one piece. */
        private @Nullable ByteArrayOutputStream pieces;

        Slice(byte[] array) {
            this.array = array;
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            if (pieces == null && !first.hasRemaining() && bytes == array) {
                first = ByteBuffer.wrap(bytes, offset, length);
                return;
            }
            if (pieces == null) {
                pieces = new ByteArrayOutputStream();
                pieces.write(first.array(), first.position(), first.remaining());
            }
            pieces.write(bytes, offset, length);
        }

        ByteBuffer buffer() {
            return pieces == null ? first : ByteBuffer.wrap(pieces.toByteArray());
        }
    }

    private static @Nullable Long integer(JsonParser parser, String field)
            throws IOException, UnreadableResponseException {
        if (parser.hasToken(JsonToken.VALUE_NULL)) {
            return null;
        }
        require(parser.currentToken().isNumeric(), field);
        // fails if the number is out of range
        return parser.getLongValue();
    }

    private @Nullable Instant time(JsonParser parser, String field) throws IOException, UnreadableResponseException {
        if (parser.hasToken(JsonToken.VALUE_NULL)) {
            return null;
        }
        require(parser.currentToken().isNumeric(), field);
        if (cbor && parser.hasToken(JsonToken.VALUE_NUMBER_INT)) {
            return Instant.ofEpochMilli(parser.getLongValue());
        }
        double millis = parser.getDoubleValue() * (cbor ? 1 : MILLIS_PER_SECOND);
        require(Math.abs(millis) < Long.MAX_VALUE, field);
        return Instant.ofEpochMilli(Math.round(millis));
    }

    private static void require(boolean expected, String what) throws UnreadableResponseException {
        if (!expected) {
            throw new UnreadableResponseException(what + " has an unexpected type");
        }
    }
}
