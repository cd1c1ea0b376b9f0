package io.taxistream.events;

import com.fasterxml.jackson.core.io.NumberOutput;

/**
 * Writes doubles with the fewest digits that read as the same double, as {@link Double#toString} does since Java 19 and
 * Jackson does everywhere.
 *
 * <p>To find these digits in general is a science, and half of the time that a trip took to be read and written. But the
 * numbers of a trip are amounts of two decimals and degrees, and for these there is a shortcut: a decimal of at most 15
 * digits that reads as the number is the only one of its length, and of 16 digits the nearest to the number is to be
 * taken. Whether a decimal reads as the number one division tells, because integers up to 2^53 and powers of ten up to
 * 10^22 are exact doubles. What the shortcut does not find is left to Jackson.
 */
final class Decimals {

    /** Degrees below this have at most 16 digits with 14 decimals, and stay below 2^53 as integers. */
    private static final double MOST_DEGREES = 90;

    /** From here on, and below the other, numbers are written without an exponent. */
    private static final double LEAST_PLAIN = 1e-3;

    private static final double MOST_PLAIN = 1e7;

    private static final long TEN_TO_13 = 10_000_000_000_000L;
    private static final long TEN_TO_14 = 10 * TEN_TO_13;

    /** A decimal is taken for the nearest if it is nearer than this, in units of its last digit: a tie is not. */
    private static final double SURELY_NEAREST = 0.499;

    private Decimals() {}

    /**
     * Writes a number to {@code out} from an offset on.
     *
     * @return the offset behind it
     */
    static int write(double value, byte[] out, int offset) {
        double magnitude = Math.abs(value);
        if (magnitude >= LEAST_PLAIN && magnitude < MOST_PLAIN) {
            long hundredths = (long) (magnitude * 100 + 0.5);
            if (hundredths / 100.0 == magnitude) {
                return write(value < 0, hundredths, 100, 2, out, offset);
            }
            if (magnitude < MOST_DEGREES) {
                long units = (long) (magnitude * TEN_TO_13 + 0.5);
                if (units / (double) TEN_TO_13 == magnitude) {
                    return write(value < 0, units, TEN_TO_13, 13, out, offset);
                }
                double product = magnitude * TEN_TO_14;
                units = (long) Math.rint(product);
                // what was rounded off the product is a double, which a fused multiplication gives exactly
                double distance = product - units + Math.fma(magnitude, TEN_TO_14, -product);
                if (Math.abs(distance) < SURELY_NEAREST && units / (double) TEN_TO_14 == magnitude) {
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

    /** Writes so many units of one divided by a power of ten. */
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
