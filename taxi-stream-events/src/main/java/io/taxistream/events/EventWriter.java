package io.taxistream.events;

import com.fasterxml.jackson.core.io.NumberOutput;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes events as JSON: UTF-8, one object per record, followed by a newline so that Firehose and Athena can read
 * archives of the stream.
 *
 * <p>Fields are in a fixed order and need no escapes, so a record consists of constants and digits; {@link Decimals}
 * writes the digits of doubles. The codec benchmark compares this class with Jackson. Not thread-safe.
 */
public final class EventWriter {

    /** The constants before each field of a trip, in order, and after the last one. */
    static final byte[] BEFORE_TRIP_ID = ascii("{\"type\":\"trip\",\"trip_id\":");

    static final byte[] BEFORE_PICKUP_DATETIME = ascii(",\"pickup_datetime\":\"");
    static final byte[] BEFORE_DROPOFF_DATETIME = ascii("\",\"dropoff_datetime\":\"");
    static final byte[] BEFORE_PICKUP_LAT = ascii("\",\"pickup_lat\":");
    static final byte[] BEFORE_PICKUP_LON = ascii(",\"pickup_lon\":");
    static final byte[] BEFORE_DROPOFF_LAT = ascii(",\"dropoff_lat\":");
    static final byte[] BEFORE_DROPOFF_LON = ascii(",\"dropoff_lon\":");
    static final byte[] BEFORE_TOTAL_AMOUNT = ascii(",\"total_amount\":");
    static final byte[] TRIP_END = ascii("}\n");

    /** Above the length of any trip: 179 bytes of constants, two times, an integer and five doubles of at most 24 characters. */
    private static final int MAX_RECORD_BYTES = 512;

    private final byte[] buffer = new byte[MAX_RECORD_BYTES];
    private final char[] time = new char[DateTimes.MAX_UTC_LENGTH];
    private int length;

    /** Returns the record of an event, newline included. */
    public byte[] write(Event event) {
        if (event instanceof WatermarkEvent watermark) {
            return watermark.watermark().toBytes();
        }
        length = 0;
        writeTrip((TripEvent) event);
        return Arrays.copyOf(buffer, length);
    }

    private void writeTrip(TripEvent trip) {
        write(BEFORE_TRIP_ID);
        length = NumberOutput.outputLong(trip.tripId(), buffer, length);
        write(BEFORE_PICKUP_DATETIME);
        writeTime(trip.pickupMillis());
        write(BEFORE_DROPOFF_DATETIME);
        writeTime(trip.dropoffMillis());
        write(BEFORE_PICKUP_LAT);
        writeNumber(trip.pickupLat());
        write(BEFORE_PICKUP_LON);
        writeNumber(trip.pickupLon());
        write(BEFORE_DROPOFF_LAT);
        writeNumber(trip.dropoffLat());
        write(BEFORE_DROPOFF_LON);
        writeNumber(trip.dropoffLon());
        write(BEFORE_TOTAL_AMOUNT);
        writeNumber(trip.totalAmount());
        write(TRIP_END);
    }

    private void write(byte[] constant) {
        System.arraycopy(constant, 0, buffer, length, constant.length);
        length += constant.length;
    }

    private void writeTime(long epochMillis) {
        int characters = DateTimes.writeUtc(epochMillis, time);
        for (int i = 0; i < characters; i++) {
            buffer[length++] = (byte) time[i];
        }
    }

    private void writeNumber(double value) {
        length = Decimals.write(value, buffer, length);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
