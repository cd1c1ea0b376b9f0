package io.taxistream.processor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.taxistream.processor.trips.LateTrip;
import io.taxistream.processor.trips.MalformedRecord;
import io.taxistream.processor.trips.PickupCount;
import io.taxistream.processor.trips.TripDuration;
import io.taxistream.search.SearchDocument;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;

/**
 * Converts results to documents.
 *
 * <p>Ids are derived from the result's key, so that rewriting a result after a failure or for a late trip replaces the
 * earlier version.
 */
public final class ResultDocuments implements Serializable {

    /** Suffix of the index of pick-up counts. */
    public static final String PICKUP_COUNT = "-pickup-count";
    /** Suffix of the index of trip durations. */
    public static final String TRIP_DURATION = "-trip-duration";
    /** Suffix of the index of late trips and malformed records. */
    public static final String REJECTED_RECORD = "-rejected-record";

    private static final JsonFactory JSON = new JsonFactory();

    private final String indexPrefix;

    ResultDocuments(String indexPrefix) {
        this.indexPrefix = indexPrefix;
    }

    SearchDocument of(PickupCount result) {
        return new SearchDocument(
                indexPrefix + PICKUP_COUNT, result.location() + "-" + result.timestampMillis(), object(json -> {
                    json.writeNumberField("timestamp", result.timestampMillis());
                    json.writeStringField("location", result.location());
                    json.writeNumberField("pickup_count", result.pickupCount());
                }));
    }

    SearchDocument of(TripDuration result) {
        return new SearchDocument(
                indexPrefix + TRIP_DURATION,
                result.location() + "-" + result.airportCode() + "-" + result.timestampMillis(),
                object(json -> {
                    json.writeNumberField("timestamp", result.timestampMillis());
                    json.writeStringField("location", result.location());
                    json.writeStringField("airport_code", result.airportCode());
                    json.writeNumberField("trip_count", result.tripCount());
                    json.writeNumberField("sum_trip_duration", result.sumTripDuration());
                    json.writeNumberField("avg_trip_duration", result.avgTripDuration());
                }));
    }

    SearchDocument of(MalformedRecord record) {
        String id = "malformed-" + UUID.nameUUIDFromBytes(record.data());
        return new SearchDocument(indexPrefix + REJECTED_RECORD, id, object(json -> {
            json.writeStringField("reason", record.reason());
            json.writeStringField("message", record.message());
            writeRecord(json, record.data());
        }));
    }

    /** Writes a record as text, or in Base64 if it is not UTF-8, so that its bytes can be recovered in either case. */
    private static void writeRecord(JsonGenerator json, byte[] data) throws IOException {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(data))
                    .toString();
        } catch (CharacterCodingException e) {
            json.writeStringField("record", Base64.getEncoder().encodeToString(data));
            json.writeStringField("record_encoding", "base64");
            return;
        }
        json.writeStringField("record", text);
    }

    SearchDocument of(LateTrip trip) {
        return new SearchDocument(indexPrefix + REJECTED_RECORD, "late-" + trip.tripId(), object(json -> {
            json.writeStringField("reason", "LATE");
            json.writeStringField("message", "the trip arrived after its window had closed");
            json.writeNumberField("trip_id", trip.tripId());
            json.writeStringField("pickup_datetime", time(trip.pickupMillis()));
            json.writeStringField("dropoff_datetime", time(trip.dropoffMillis()));
            json.writeStringField("location", trip.location());
            if (trip.airportCode() != null) {
                json.writeStringField("airport_code", trip.airportCode());
            }
        }));
    }

    private static String time(long epochMillis) {
        return Instant.ofEpochMilli(epochMillis).toString();
    }

    /** Writes the fields of a document. */
    interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    /** Returns a JSON object of the fields. */
    static byte[] object(Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(192);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }
}
