package io.taxistream.events;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Writes events in their JSON form: UTF-8, one object, a newline at the end, so that Firehose and Athena can read what is
 * archived from the stream.
 *
 * <p>Not safe for use by several threads at a time.
 */
public final class EventWriter {

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .build();

    private static final SerializedString TYPE = new SerializedString("type");
    private static final SerializedString TRIP = new SerializedString("trip");
    private static final SerializedString TRIP_ID = new SerializedString("trip_id");
    private static final SerializedString PICKUP_DATETIME = new SerializedString("pickup_datetime");
    private static final SerializedString DROPOFF_DATETIME = new SerializedString("dropoff_datetime");
    private static final SerializedString PICKUP_LAT = new SerializedString("pickup_lat");
    private static final SerializedString PICKUP_LON = new SerializedString("pickup_lon");
    private static final SerializedString DROPOFF_LAT = new SerializedString("dropoff_lat");
    private static final SerializedString DROPOFF_LON = new SerializedString("dropoff_lon");
    private static final SerializedString TOTAL_AMOUNT = new SerializedString("total_amount");
    private static final SerializedString WATERMARK = new SerializedString("watermark");

    private final ByteArrayBuilder buffer = new ByteArrayBuilder(512);
    private final char[] time = new char[DateTimes.MAX_UTC_LENGTH];

    /** The record of an event, newline included. */
    public byte[] write(Event event) {
        buffer.reset();
        try (JsonGenerator json = JSON.createGenerator(buffer)) {
            json.writeStartObject();
            if (event instanceof TripEvent trip) {
                writeTrip(trip, json);
            } else if (event instanceof WatermarkEvent watermark) {
                json.writeFieldName(TYPE);
                json.writeString(WATERMARK);
                writeTime(WATERMARK, watermark.watermarkMillis(), json);
            }
            json.writeEndObject();
            json.writeRaw('\n');
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return buffer.toByteArray();
    }

    private void writeTrip(TripEvent trip, JsonGenerator json) throws IOException {
        json.writeFieldName(TYPE);
        json.writeString(TRIP);
        json.writeFieldName(TRIP_ID);
        json.writeNumber(trip.tripId());
        writeTime(PICKUP_DATETIME, trip.pickupMillis(), json);
        writeTime(DROPOFF_DATETIME, trip.dropoffMillis(), json);
        writeNumber(PICKUP_LAT, trip.pickupLat(), json);
        writeNumber(PICKUP_LON, trip.pickupLon(), json);
        writeNumber(DROPOFF_LAT, trip.dropoffLat(), json);
        writeNumber(DROPOFF_LON, trip.dropoffLon(), json);
        writeNumber(TOTAL_AMOUNT, trip.totalAmount(), json);
    }

    private void writeTime(SerializedString field, long epochMillis, JsonGenerator json) throws IOException {
        json.writeFieldName(field);
        json.writeString(time, 0, DateTimes.writeUtc(epochMillis, time));
    }

    private static void writeNumber(SerializedString field, double value, JsonGenerator json) throws IOException {
        json.writeFieldName(field);
        json.writeNumber(value);
    }
}
