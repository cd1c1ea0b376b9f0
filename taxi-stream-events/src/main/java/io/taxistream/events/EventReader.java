package io.taxistream.events;

import static io.taxistream.events.MalformedEventException.Reason.INVALID_VALUE;
import static io.taxistream.events.MalformedEventException.Reason.MISSING_FIELD;
import static io.taxistream.events.MalformedEventException.Reason.NOT_JSON;
import static io.taxistream.events.MalformedEventException.Reason.UNKNOWN_TYPE;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import io.taxistream.eventtime.MalformedWatermarkException;
import io.taxistream.eventtime.WatermarkRecord;
import java.io.IOException;
import java.time.DateTimeException;
import org.jspecify.annotations.Nullable;

/**
 * Parses events from JSON without building trees.
 *
 * <p>Fields may be in any order, and unknown fields are ignored. Both spellings of coordinates are accepted, {@code
 * pickup_lat} and {@code pickup_latitude}, and so is white space around the object. Trips in the exact layout of {@link
 * EventWriter} are read without a JSON parser. Not thread-safe.
 */
public final class EventReader {

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private static final int PICKUP_TIME = 1;
    private static final int DROPOFF_TIME = 1 << 1;
    private static final int PICKUP_LAT = 1 << 2;
    private static final int PICKUP_LON = 1 << 3;
    private static final int DROPOFF_LAT = 1 << 4;
    private static final int DROPOFF_LON = 1 << 5;
    private static final int TRIP_ID = 1 << 6;

    /** The names of the required fields, by the position of their bit. */
    private static final String[] FIELD_NAMES = {
        "pickup_datetime", "dropoff_datetime", "pickup_lat", "pickup_lon", "dropoff_lat", "dropoff_lon", "trip_id"
    };

    private static final int TRIP_FIELDS =
            PICKUP_TIME | DROPOFF_TIME | PICKUP_LAT | PICKUP_LON | DROPOFF_LAT | DROPOFF_LON;

    private static final String ACCEPTED_TIME = "an ISO-8601 time in UTC, in the years 0 to 9999";

    private enum Type {
        TRIP,
        WATERMARK
    }

    private final WrittenTripReader writtenTrips = new WrittenTripReader();
    private @Nullable Type type;
    private int fieldsSeen;
    private long tripId;
    private long pickupMillis;
    private long dropoffMillis;
    private double pickupLat;
    private double pickupLon;
    private double dropoffLat;
    private double dropoffLon;
    private double totalAmount;

    /** Reads the event in a whole array; see {@link #read(byte[], int, int)}. */
    public Event read(byte[] record) throws MalformedEventException {
        return read(record, 0, record.length);
    }

    /**
     * Reads the event in {@code record[offset..offset+length)}.
     *
     * @throws MalformedEventException if the bytes are not exactly one event
     */
    public Event read(byte[] record, int offset, int length) throws MalformedEventException {
        TripEvent written = writtenTrips.read(record, offset, length);
        if (written != null) {
            return written;
        }
        return WatermarkRecord.isWatermark(record, offset, length)
                ? watermark(record, offset, length)
                : parse(record, offset, length);
    }

    /** Reads an event in any form, by way of a JSON parser. */
    Event parse(byte[] record, int offset, int length) throws MalformedEventException {
        readObject(record, offset, length);
        if (type == null) {
            throw new MalformedEventException(UNKNOWN_TYPE, "type is missing; it must be trip or watermark");
        }
        if (type == Type.WATERMARK) {
            return watermark(record, offset, length);
        }
        requireFields(TRIP_FIELDS | TRIP_ID);
        return trip();
    }

    private static WatermarkEvent watermark(byte[] record, int offset, int length) throws MalformedEventException {
        try {
            return new WatermarkEvent(WatermarkRecord.parse(record, offset, length));
        } catch (MalformedWatermarkException e) {
            MalformedEventException.Reason reason = switch (e.reason()) {
                case NOT_JSON -> NOT_JSON;
                case MISSING_FIELD -> MISSING_FIELD;
                case INVALID_VALUE -> INVALID_VALUE;
            };
            throw new MalformedEventException(reason, String.valueOf(e.getMessage()), e);
        }
    }

    private TripEvent trip() {
        return new TripEvent(
                tripId, pickupMillis, dropoffMillis, pickupLat, pickupLon, dropoffLat, dropoffLon, totalAmount);
    }

    private void readObject(byte[] record, int offset, int length) throws MalformedEventException {
        type = null;
        fieldsSeen = 0;
        totalAmount = 0;
        try (JsonParser parser = JSON.createParser(record, offset, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new MalformedEventException(NOT_JSON, "not a JSON object");
            }
            String field;
            while ((field = parser.nextFieldName()) != null) {
                parser.nextToken();
                readField(field, parser);
            }
            if (parser.nextToken() != null) {
                throw new MalformedEventException(NOT_JSON, "more than one JSON object in a record");
            }
        } catch (IOException e) {
            // the following lines of Jackson's message describe the location in the source
            String message = e.getMessage() == null ? e.toString() : e.getMessage();
            throw new MalformedEventException(
                    NOT_JSON, "not JSON: " + message.lines().findFirst().orElse(""), e);
        }
    }

    private void readField(String field, JsonParser parser) throws IOException, MalformedEventException {
        switch (field) {
            case "type" -> type = type(parser);
            case "trip_id" -> {
                tripId = integer(field, parser);
                fieldsSeen |= TRIP_ID;
            }
            case "pickup_datetime" -> {
                pickupMillis = time(field, parser);
                fieldsSeen |= PICKUP_TIME;
            }
            case "dropoff_datetime" -> {
                dropoffMillis = time(field, parser);
                fieldsSeen |= DROPOFF_TIME;
            }
            case "pickup_lat", "pickup_latitude" -> {
                pickupLat = number(field, parser);
                fieldsSeen |= PICKUP_LAT;
            }
            case "pickup_lon", "pickup_longitude" -> {
                pickupLon = number(field, parser);
                fieldsSeen |= PICKUP_LON;
            }
            case "dropoff_lat", "dropoff_latitude" -> {
                dropoffLat = number(field, parser);
                fieldsSeen |= DROPOFF_LAT;
            }
            case "dropoff_lon", "dropoff_longitude" -> {
                dropoffLon = number(field, parser);
                fieldsSeen |= DROPOFF_LON;
            }
            case "total_amount" -> totalAmount = number(field, parser);
            default -> parser.skipChildren();
        }
    }

    private static Type type(JsonParser parser) throws IOException, MalformedEventException {
        String text = parser.getText();
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            if (text.equals("trip")) {
                return Type.TRIP;
            }
            if (text.equals("watermark")) {
                return Type.WATERMARK;
            }
        }
        throw new MalformedEventException(UNKNOWN_TYPE, "type is " + text + "; it must be trip or watermark");
    }

    private static long integer(String field, JsonParser parser) throws IOException, MalformedEventException {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            throw invalid(field, parser, "a whole number");
        }
        try {
            return parser.getLongValue();
        } catch (InputCoercionException e) {
            throw invalid(field, parser, "a 64-bit whole number");
        }
    }

    private static double number(String field, JsonParser parser) throws IOException, MalformedEventException {
        if (!parser.currentToken().isNumeric()) {
            throw invalid(field, parser, "a number");
        }
        double value = parser.getDoubleValue();
        if (!Double.isFinite(value)) {
            throw invalid(field, parser, "a number within the range of a double");
        }
        return value;
    }

    private static long time(String field, JsonParser parser) throws IOException, MalformedEventException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw invalid(field, parser, ACCEPTED_TIME);
        }
        try {
            return DateTimes.parseInstantMillis(
                    parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
        } catch (DateTimeException e) {
            throw new MalformedEventException(
                    INVALID_VALUE, field + " is '" + parser.getText() + "'; it must be " + ACCEPTED_TIME, e);
        }
    }

    private static MalformedEventException invalid(String field, JsonParser parser, String accepted)
            throws IOException {
        String text = parser.currentToken().isStructStart() ? "not a plain value" : "'" + parser.getText() + "'";
        return new MalformedEventException(INVALID_VALUE, field + " is " + text + "; it must be " + accepted);
    }

    private void requireFields(int required) throws MalformedEventException {
        int missing = required & ~fieldsSeen;
        if (missing != 0) {
            String name = FIELD_NAMES[Integer.numberOfTrailingZeros(missing)];
            throw new MalformedEventException(MISSING_FIELD, name + " is missing");
        }
    }
}
