package io.taxistream.events;

import com.fasterxml.jackson.core.io.NumberOutput;

/**
 * Writes doubles in their shortest decimal form, as {@link Double#toString} does since Java 19 and Jackson on every version.
 *
 * <p>The general algorithm is expensive. The numbers of a trip are amounts of two decimals and degrees, which allow a
 * shortcut: a decimal of at most 15 digits that parses to the number is the only one of its length, and of those with 16
 * digits the nearest to the number is the right one. One division shows whether a decimal parses to the number, because
 * integers up to 2^53 and powers of ten up to 10^22 are exact doubles. All other numbers are left to Jackson.
 */
final class Decimals {

    /** Numbers below this have at most 16 digits with 14 decimals and, scaled to integers, are below 2^53. */
    private static final double MAX_DEGREES = 90;

    /** Numbers from this one to below {@link #MAX_PLAIN} are written without an exponent. */
    private static final double MIN_PLAIN = 1e-3;

    private static final double MAX_PLAIN = 1e7;

    private static final long TEN_TO_13 = 10_000_000_000_000L;
    private static final long TEN_TO_14 = 10 * TEN_TO_13;

    /** Largest distance, in units of the last digit, at which a decimal is certainly the nearest; excludes ties. */
    private static final double MAX_NEAREST_DISTANCE = 0.499;

    private Decimals() {}

    /**
     * Writes a number to {@code out} at an offset.
     *
     * @return the offset after it
     */
    static int write(double value, byte[] out, int offset) {
        double magnitude = Math.abs(value);
        if (magnitude >= MIN_PLAIN && magnitude < MAX_PLAIN) {
            long hundredths = (long) (magnitude * 100 + 0.5);
            if (hundredths / 100.0 == magnitude) {
                return write(value < 0, hundredths, 100, 2, out, offset);
            }
            if (magnitude < MAX_DEGREES) {
                long units = (long) (magnitude * TEN_TO_13 + 0.5);
                if (units / (double) TEN_TO_13 == magnitude) {
                    return write(value < 0, units, TEN_TO_13, 13, out, offset);
                }
                double product = magnitude * TEN_TO_14;
                units = (long) Math.rint(product);
                // the rounding error of the product is a double, which a fused multiply-add computes exactly
                double distance = product - units + Math.fma(magnitude, TEN_TO_14, -product);
                if (Math.abs(distance) < MAX_NEAREST_DISTANCE && units / (double) TEN_TO_14 == magnitude) {
                    return write(value < 0, units, TEN_TO_14, 14, out, offset);
                }
            }
        }
        return writeAny(value, out, offset);
    }

    private static int writeAny(double value, byte[] out, int offset) {
        String text = NumberOutput.toString(value, true);
        for (int i = 0; i < text.length(); i++) {
            out[offset + i] = (byte) text.charAt(i);
        }
        return offset + text.length();
    }

    /** Writes {@code units / power}, where {@code power} is a power of ten with the given number of zeros. */
    private static int write(boolean negative, long units, long power, int decimals, byte[] out, int offset) {
        int position = offset;
        if (negative) {
            out[position++] = '-';
        }
        position = NumberOutput.outputInt((int) (units / power), out, position);
        out[position++] = '.';
        long fraction = units % power;
        int digits = decimals;
        while (digits > 1 && fraction % 10 == 0) {
            fraction /= 10;
            digits--;
        }
        for (int i = position + digits - 1; i >= position; i--) {
            out[i] = (byte) ('0' + fraction % 10);
            fraction /= 10;
        }
        return position + digits;
    }
}
