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

    /**
     * The constants before the doubles, which are written and read in a loop: written out one by one, their code takes the
     * just-in-time compiler a multiple of the time.
     */
    static final byte[][] BEFORE_NUMBERS = {
        ascii("\",\"pickup_lat\":"),
        ascii(",\"pickup_lon\":"),
        ascii(",\"dropoff_lat\":"),
        ascii(",\"dropoff_lon\":"),
        ascii(",\"total_amount\":")
    };

    /** Positions of the doubles in {@link #BEFORE_NUMBERS}. */
    static final int PICKUP_LAT = 0;

    static final int PICKUP_LON = 1;
    static final int DROPOFF_LAT = 2;
    static final int DROPOFF_LON = 3;
    static final int TOTAL_AMOUNT = 4;

    static final byte[] TRIP_END = ascii("}\n");

    /** Above the length of any trip: 179 bytes of constants, two times, an integer and five doubles of at most 24 characters. */
    private static final int MAX_RECORD_BYTES = 512;

    private final byte[] buffer = new byte[MAX_RECORD_BYTES];
    private final char[] time = new char[DateTimes.MAX_UTC_LENGTH];
    private final double[] numbers = new double[BEFORE_NUMBERS.length];
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
        numbers[PICKUP_LAT] = trip.pickupLat();
        numbers[PICKUP_LON] = trip.pickupLon();
        numbers[DROPOFF_LAT] = trip.dropoffLat();
        numbers[DROPOFF_LON] = trip.dropoffLon();
        numbers[TOTAL_AMOUNT] = trip.totalAmount();
        for (int i = 0; i < numbers.length; i++) {
            write(BEFORE_NUMBERS[i]);
            length = Decimals.write(numbers[i], buffer, length);
        }
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

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
