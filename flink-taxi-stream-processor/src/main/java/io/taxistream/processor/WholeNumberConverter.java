package io.taxistream.processor;

import java.math.BigDecimal;
import java.math.RoundingMode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Parses a whole number. A number outside the range of an int becomes the largest or smallest int, so that the range
 * check of the option rejects it and lists the accepted values.
 */
final class WholeNumberConverter implements ITypeConverter<Integer> {

    @Override
    public Integer convert(String value) {
        BigDecimal number;
        try {
            number = new BigDecimal(value);
        } catch (NumberFormatException e) {
            throw notWhole(value);
        }
        if (number.precision() - number.scale() > 10) {
            return number.signum() < 0 ? Integer.MIN_VALUE : Integer.MAX_VALUE;
        }
        if (number.scale() > 0 && number.stripTrailingZeros().scale() > 0) {
            throw notWhole(value);
        }
        long whole = number.setScale(0, RoundingMode.UNNECESSARY).longValueExact();
        return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, whole));
    }

    private static TypeConversionException notWhole(String value) {
        return new TypeConversionException("'" + value + "' is not a whole number");
    }
}
