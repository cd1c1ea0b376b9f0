package io.taxistream.events;

import com.fasterxml.jackson.core.io.NumberInput;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads trips in the exact layout of {@link EventWriter}: each field is expected at its position, and names are only
 * compared. A record that differs in any way is left to the JSON parser, which also reports errors.
 *
 * <p>With the JSON parser alone the whole job processes less than half as many trips per CPU second
 * (docs/benchmarks.md, "Hand-written code"). Not thread-safe.
 */
final class WrittenTripReader {

    /** Integers up to this are exact doubles, so their quotient by an exact power of ten is correctly rounded. */
    private static final long MAX_EXACT_INTEGER = 1L << 53;

    /** 10^0 to 10^22, the powers of ten that are exact doubles. */
    private static final double[] POWERS_OF_TEN = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };

    /** Reads eight bytes as a long, the first as its lowest byte. */
    private static final VarHandle EIGHT_BYTES =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long EACH_BYTE = 0x0101_0101_0101_0101L;
    private static final long EACH_SHORT = 0x0001_0001_0001_0001L;
    private static final long EACH_INT = 0x0000_0001_0000_0001L;
    private static final long HIGHEST_BITS = 0x8080_8080_8080_8080L;
    private static final long EIGHT_ZEROS = EACH_BYTE * '0';
    private static final long EIGHT_DIGITS = 100_000_000;

    /** Number of digits that always fit into a long. */
    private static final int MAX_SAFE_DIGITS = 18;

    /** Upper bound of the relative error of a correction, which is the result of three roundings. */
    private static final double CORRECTION_ERROR = 0x1p-48;

    /** Length of {@code 2016-01-01T}. */
    private static final int DATE_LENGTH = 11;

    private static final long MILLIS_PER_DAY = 86_400_000;

    private final char[] time = new char[DateTimes.MAX_UTC_LENGTH];

    /** The previous date and its first millisecond: nearly all times have the date of the one before. */
    private final byte[] lastDate = "1970-01-01T".getBytes(StandardCharsets.US_ASCII);

    private long lastDateMillis;

    private final double[] numbers = new double[EventWriter.BEFORE_NUMBERS.length];

    private byte[] record = {};
    private int position;
    private int end;
    private boolean differs;

    /** Returns the trip in {@code bytes[offset..offset+length)}, or {@code null} if the layout differs. */
    @Nullable
    TripEvent read(byte[] bytes, int offset, int length) {
        record = bytes;
        position = offset;
        end = offset + length;
        differs = false;

        expect(EventWriter.BEFORE_TRIP_ID);
        long tripId = integer();
        expect(EventWriter.BEFORE_PICKUP_DATETIME);
        long pickupMillis = time();
        expect(EventWriter.BEFORE_DROPOFF_DATETIME);
        long dropoffMillis = time();
        for (int i = 0; i < numbers.length; i++) {
            expect(EventWriter.BEFORE_NUMBERS[i]);
            numbers[i] = number();
        }
        expect(EventWriter.TRIP_END);
        if (differs || position != end) {
            return null;
        }
        return new TripEvent(
                tripId,
                pickupMillis,
                dropoffMillis,
                numbers[EventWriter.PICKUP_LAT],
                numbers[EventWriter.PICKUP_LON],
                numbers[EventWriter.DROPOFF_LAT],
                numbers[EventWriter.DROPOFF_LON],
                numbers[EventWriter.TOTAL_AMOUNT]);
    }

    private void expect(byte[] constant) {
        int next = position + constant.length;
        if (differs || next > end || !Arrays.equals(record, position, next, constant, 0, constant.length)) {
            differs = true;
        } else {
            position = next;
        }
    }

    private long integer() {
        boolean negative = skipMinus();
        int first = position;
        long value = digits(0, Math.min(end, first + MAX_SAFE_DIGITS));
        if (position < end && isDigit(record[position])) {
            int last = record[position++] - '0';
            differs |= value > (Long.MAX_VALUE - last) / 10; // leaves Long.MIN_VALUE to the parser
            value = value * 10 + last;
        }
        differs |= isMalformedInteger(first);
        return negative ? -value : value;
    }

    private double number() {
        int start = position;
        boolean negative = skipMinus();
        int first = position;
        long value = digits(0, end);
        if (isMalformedInteger(first) || position == end || record[position] != '.') {
            differs = true; // the writer writes a fraction for each double
            return 0;
        }
        int firstOfFraction = ++position;
        value = digits(value, end);
        int fractionDigits = position - firstOfFraction;
        differs |= fractionDigits == 0;
        if (position - first <= MAX_SAFE_DIGITS) {
            double magnitude = quotient(value, POWERS_OF_TEN[fractionDigits]);
            if (!Double.isNaN(magnitude)) {
                return negative ? -magnitude : magnitude;
            }
        }
        // an exponent makes the comparison with the next constant fail
        return differs
                ? 0
                : finite(NumberInput.parseDouble(
                        new String(record, start, position - start, StandardCharsets.ISO_8859_1), true));
    }

    /**
     * Returns the double nearest to {@code value / power}, or NaN if the quotient is too close to the midpoint of two doubles
     * to decide.
     *
     * @param power a power of ten that is an exact double
     */
    private static double quotient(long value, double power) {
        double rounded = (double) value;
        double quotient = rounded / power;
        if (value <= MAX_EXACT_INTEGER) {
            return quotient;
        }
        // the rounding errors of the value and of the quotient, both exact, the second by a fused multiply-add
        double rest = (value - (long) rounded) + Math.fma(-quotient, power, rounded);
        double correction = rest / power;
        double nearest = quotient + correction * (1 + CORRECTION_ERROR);
        return nearest == quotient + correction * (1 - CORRECTION_ERROR) ? nearest : Double.NaN;
    }

    /** Continues an integer up to a limit; the value is invalid if it overflows a long. */
    private long digits(long before, int limit) {
        byte[] bytes = record;
        int next = position;
        long value = before;
        while (next + Long.BYTES <= limit) {
            long eight = (long) EIGHT_BYTES.get(bytes, next) ^ EIGHT_ZEROS;
            if (!areDigits(eight)) {
                break;
            }
            value = value * EIGHT_DIGITS + valueOf(eight);
            next += Long.BYTES;
        }
        while (next < limit && isDigit(bytes[next])) {
            value = value * 10 + (bytes[next++] - '0');
        }
        position = next;
        return value;
    }

    /** Returns whether each byte is at most 9. */
    private static boolean areDigits(long eight) {
        // adding sets the highest bit of a byte from 10 on, unless it was set before
        return ((eight + EACH_BYTE * (0x80 - 10) | eight) & HIGHEST_BITS) == 0;
    }

    /** Converts eight decimal digits, the first of them in the lowest byte, to a number. */
    private static long valueOf(long eight) {
        long pairs = (eight * 10 + (eight >>> 8)) & EACH_SHORT * 0xff;
        long quadruples = (pairs * 100 + (pairs >>> 16)) & EACH_INT * 0xffff;
        return (quadruples * 10_000 + (quadruples >>> 32)) & 0xffff_ffffL;
    }

    private double finite(double value) {
        differs |= !Double.isFinite(value);
        return value;
    }

    private long time() {
        int start = position;
        int length = DateTimes.DATE_TIME_LENGTH + 1;
        if (start + DateTimes.MAX_UTC_LENGTH <= end && record[start + DateTimes.DATE_TIME_LENGTH] == '.') {
            length = DateTimes.MAX_UTC_LENGTH;
        }
        if (differs || start + length > end || record[start + length - 1] != 'Z') {
            differs = true;
            return 0;
        }
        position = start + length;
        if (length == DateTimes.DATE_TIME_LENGTH + 1
                && Arrays.equals(record, start, start + DATE_LENGTH, lastDate, 0, DATE_LENGTH)) {
            int second = secondOfDay(start + DATE_LENGTH);
            if (second >= 0) {
                return lastDateMillis + second * 1_000L;
            }
        }
        return anyTime(start, length);
    }

    /** Returns the second of the day of {@code HH:mm:ss}, or a negative number if it is invalid. */
    private int secondOfDay(int start) {
        int hour = twoDigits(start);
        int minute = twoDigits(start + 3);
        int second = twoDigits(start + 6);
        boolean valid = (hour | minute | second | (23 - hour) | (59 - minute) | (59 - second)) >= 0
                && record[start + 2] == ':'
                && record[start + 5] == ':';
        return valid ? hour * 3_600 + minute * 60 + second : -1;
    }

    /** Returns a negative number if there are not two digits. */
    private int twoDigits(int start) {
        int tens = record[start] - '0';
        int ones = record[start + 1] - '0';
        return (tens | ones | (9 - tens) | (9 - ones)) < 0 ? -1 : tens * 10 + ones;
    }

    private long anyTime(int start, int length) {
        if (record[start + DATE_LENGTH - 1] != 'T') {
            differs = true; // may be another form of the same length, such as +002016-01-01T05:12Z
            return 0;
        }
        for (int i = 0; i < length; i++) {
            time[i] = (char) (record[start + i] & 0xff);
        }
        try {
            long millis = DateTimes.parseInstantMillis(time, 0, length);
            System.arraycopy(record, start, lastDate, 0, DATE_LENGTH);
            lastDateMillis = millis - Math.floorMod(millis, MILLIS_PER_DAY);
            return millis;
        } catch (DateTimeException e) {
            // the parser reports the error
            differs = true;
            return 0;
        }
    }

    private boolean skipMinus() {
        if (position < end && record[position] == '-') {
            position++;
            return true;
        }
        return false;
    }

    /** Returns whether no digit was read, or a zero before other digits. */
    private boolean isMalformedInteger(int first) {
        return position == first || (record[first] == '0' && position - first > 1);
    }

    private static boolean isDigit(byte character) {
        return character >= '0' && character <= '9';
    }
}
