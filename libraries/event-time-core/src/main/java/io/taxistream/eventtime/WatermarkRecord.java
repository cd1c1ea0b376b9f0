package io.taxistream.eventtime;

import static io.taxistream.eventtime.MalformedWatermarkException.Reason.INVALID_VALUE;
import static io.taxistream.eventtime.MalformedWatermarkException.Reason.MISSING_FIELD;
import static io.taxistream.eventtime.MalformedWatermarkException.Reason.NOT_JSON;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Record that carries a watermark through a stream: a promise that its part will not send another event with a timestamp at or
 * before the watermark, to any shard.
 *
 * <p>It is encoded as one line of JSON. A single sender omits the fields of the part:
 *
 * <pre>
 * {"type":"watermark","watermark":"2016-01-01T05:12:29.999Z"}
 * {"type":"watermark","watermark":"2016-01-01T05:12:29.999Z","part":2,"parts":4}
 * {"type":"watermark","watermark":"2016-01-01T05:12:29.999Z","part":2,"parts":4,"end":true}
 * </pre>
 *
 * @param watermarkMillis milliseconds since the epoch, from {@link #MIN_MILLIS} to {@link #MAX_MILLIS}
 * @param part part that sent the watermark
 * @param ended whether the part has sent its last event, so that event time does not wait for it
 */
public record WatermarkRecord(long watermarkMillis, Part part, boolean ended) {

    /** Earliest timestamp that a record can carry, {@code 0000-01-01T00:00:00Z}. As a watermark it promises nothing. */
    public static final long MIN_MILLIS = Instant.parse("0000-01-01T00:00:00Z").toEpochMilli();

    /** Latest timestamp that a record can carry, {@code 9999-12-31T23:59:59.999Z}. */
    public static final long MAX_MILLIS =
            Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();

    /** Partition key of watermark records. Their explicit hash key selects the shard. */
    public static final String PARTITION_KEY = "watermark";

    private static final String TYPE = "type";
    private static final String TYPE_WATERMARK = "watermark";
    private static final String WATERMARK = "watermark";
    private static final String PART = "part";
    private static final String PARTS = "parts";
    private static final String END = "end";

    private static final byte[] QUOTED_TYPE = ascii("\"" + TYPE + "\"");
    private static final byte[] QUOTED_TYPE_WATERMARK = ascii("\"" + TYPE_WATERMARK + "\"");

    private static final JsonFactory JSON = new JsonFactory();

    /** @throws IllegalArgumentException if the timestamp is out of range */
    public WatermarkRecord {
        if (watermarkMillis < MIN_MILLIS || watermarkMillis > MAX_MILLIS) {
            throw new IllegalArgumentException("watermark " + watermarkMillis
                    + " ms is outside the years 0 to 9999, the range of watermark records");
        }
    }

    /** Creates a watermark of a part that has not ended. */
    public static WatermarkRecord of(long watermarkMillis, Part part) {
        return new WatermarkRecord(watermarkMillis, part, false);
    }

    /** Creates a watermark of the only part of a stream. */
    public static WatermarkRecord of(long watermarkMillis) {
        return of(watermarkMillis, Part.ONLY);
    }

    /** Encodes this record as UTF-8, with a trailing newline. */
    public byte[] toBytes() {
        StringBuilder json = new StringBuilder(112)
                .append("{\"" + TYPE + "\":\"" + TYPE_WATERMARK + "\",\"" + WATERMARK + "\":\"")
                .append(Instant.ofEpochMilli(watermarkMillis))
                .append('"');
        if (!part.isOnly() || ended) {
            json.append(",\"" + PART + "\":")
                    .append(part.index())
                    .append(",\"" + PARTS + "\":")
                    .append(part.count());
        }
        if (ended) {
            json.append(",\"" + END + "\":true");
        }
        return ascii(json.append("}\n").toString());
    }

    /**
     * Returns whether {@code bytes[offset..offset+length)} start like a watermark record: a JSON object whose first field is
     * the type. Inspects a few bytes only, so it is cheap enough to call for every record of a stream.
     */
    public static boolean isWatermark(byte[] bytes, int offset, int length) {
        int end = offset + length;
        int next = skipped(bytes, skipSpace(bytes, offset, end), end, '{');
        next = skipped(bytes, skipSpace(bytes, next, end), end, QUOTED_TYPE);
        next = skipped(bytes, skipSpace(bytes, next, end), end, ':');
        return skipped(bytes, skipSpace(bytes, next, end), end, QUOTED_TYPE_WATERMARK) <= end;
    }

    /**
     * Parses the watermark record in {@code bytes[offset..offset+length)}. Fields may be in any order; unknown fields are
     * ignored.
     *
     * @throws MalformedWatermarkException if the bytes are not exactly one watermark record
     */
    public static WatermarkRecord parse(byte[] bytes, int offset, int length) throws MalformedWatermarkException {
        Fields fields = new Fields();
        try (JsonParser parser = JSON.createParser(bytes, offset, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new MalformedWatermarkException(NOT_JSON, "not a JSON object");
            }
            String field;
            while ((field = parser.nextFieldName()) != null) {
                parser.nextToken();
                fields.read(field, parser);
            }
            if (parser.nextToken() != null) {
                throw new MalformedWatermarkException(NOT_JSON, "more than one JSON object in a record");
            }
        } catch (IOException e) {
            // The first line of Jackson's message describes the problem; the others give the location in Jackson's own
            // terms.
            String message = String.valueOf(e.getMessage());
            throw new MalformedWatermarkException(
                    NOT_JSON, "not JSON: " + message.lines().findFirst().orElse(""), e);
        }
        return fields.record();
    }

    /** Parses a whole array; see {@link #parse(byte[], int, int)}. */
    public static WatermarkRecord parse(byte[] bytes) throws MalformedWatermarkException {
        return parse(bytes, 0, bytes.length);
    }

    private static int skipSpace(byte[] bytes, int from, int end) {
        int next = from;
        while (next < end
                && (bytes[next] == ' ' || bytes[next] == '\n' || bytes[next] == '\r' || bytes[next] == '\t')) {
            next++;
        }
        return next;
    }

    /** Returns the position after the expected character, or one beyond the end if another character follows. */
    private static int skipped(byte[] bytes, int from, int end, char expected) {
        return from < end && bytes[from] == expected ? from + 1 : end + 1;
    }

    private static int skipped(byte[] bytes, int from, int end, byte[] expected) {
        int next = from + expected.length;
        return next <= end && Arrays.equals(bytes, from, next, expected, 0, expected.length) ? next : end + 1;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Fields parsed so far. */
    private static final class Fields {

        private boolean typed;
        private @Nullable Long watermarkMillis;
        private @Nullable Integer index;
        private @Nullable Integer count;
        private boolean ended;

        void read(String field, JsonParser parser) throws IOException, MalformedWatermarkException {
            switch (field) {
                case TYPE -> {
                    if (parser.currentToken() != JsonToken.VALUE_STRING
                            || !parser.getText().equals(TYPE_WATERMARK)) {
                        throw invalid(field, parser, TYPE_WATERMARK);
                    }
                    typed = true;
                }
                case WATERMARK -> watermarkMillis = time(parser);
                case PART -> index = integer(field, parser);
                case PARTS -> count = integer(field, parser);
                case END -> {
                    if (!parser.currentToken().isBoolean()) {
                        throw invalid(field, parser, "true or false");
                    }
                    ended = parser.getBooleanValue();
                }
                default -> parser.skipChildren();
            }
        }

        WatermarkRecord record() throws MalformedWatermarkException {
            if (!typed) {
                throw missing(TYPE);
            }
            if (watermarkMillis == null) {
                throw missing(WATERMARK);
            }
            if (index == null && count == null) {
                return new WatermarkRecord(watermarkMillis, Part.ONLY, ended);
            }
            if (index == null) {
                throw missing(PART);
            }
            if (count == null) {
                throw missing(PARTS);
            }
            try {
                return new WatermarkRecord(watermarkMillis, new Part(index, count), ended);
            } catch (IllegalArgumentException e) {
                throw new MalformedWatermarkException(INVALID_VALUE, String.valueOf(e.getMessage()), e);
            }
        }

        private static long time(JsonParser parser) throws IOException, MalformedWatermarkException {
            String accepted = "an ISO-8601 time in UTC, in the years 0 to 9999";
            if (parser.currentToken() != JsonToken.VALUE_STRING) {
                throw invalid(WATERMARK, parser, accepted);
            }
            try {
                long millis = OffsetDateTime.parse(parser.getText()).toInstant().toEpochMilli();
                if (millis >= MIN_MILLIS && millis <= MAX_MILLIS) {
                    return millis;
                }
            } catch (DateTimeException | ArithmeticException e) {
                throw new MalformedWatermarkException(
                        INVALID_VALUE, WATERMARK + " is '" + parser.getText() + "'; it must be " + accepted, e);
            }
            throw invalid(WATERMARK, parser, accepted);
        }

        private static int integer(String field, JsonParser parser) throws IOException, MalformedWatermarkException {
            String accepted = "a whole number from 1 to " + Part.MAX_COUNT;
            if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
                throw invalid(field, parser, accepted);
            }
            try {
                return parser.getIntValue();
            } catch (InputCoercionException e) {
                throw invalid(field, parser, accepted);
            }
        }

        private static MalformedWatermarkException missing(String field) {
            return new MalformedWatermarkException(MISSING_FIELD, field + " is missing");
        }

        private static MalformedWatermarkException invalid(String field, JsonParser parser, String accepted)
                throws IOException {
            String text = parser.currentToken().isStructStart() ? "not a plain value" : "'" + parser.getText() + "'";
            return new MalformedWatermarkException(INVALID_VALUE, field + " is " + text + "; it must be " + accepted);
        }
    }
}
