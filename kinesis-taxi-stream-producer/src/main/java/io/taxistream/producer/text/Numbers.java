package io.taxistream.producer.text;

import com.fasterxml.jackson.core.io.NumberInput;

/**
 * Parses numbers as data tools write them: {@code 52.5}, {@code .60}, {@code +1}, {@code 4.075e1}; with thousands
 * separators as in {@code 1,234.50}; with a decimal comma where commas do not separate fields; amounts also with a
 * dollar sign.
 */
public final class Numbers {

    private static final int GROUP = 3;

    private Numbers() {}

    /**
     * Parses a number; returns NaN if the text is not a number or is ambiguous.
     *
     * @param decimalCommas whether a comma is a decimal separator
     * @param amount whether the number is an amount of money
     */
    public static double parse(char[] text, int offset, int length, boolean decimalCommas, boolean amount) {
        // The parser accepts more than numbers in data: suffixes, hexadecimal digits, and names such as Infinity.
        char last = text[offset + length - 1];
        if (last <= '9' && (length < 3 || (isNotHexPrefix(text[offset + 1]) && isNotHexPrefix(text[offset + 2])))) {
            try {
                return NumberInput.parseDouble(text, offset, length, true);
            } catch (NumberFormatException e) {
                // The number may have separators or signs.
                return parseDecorated(new String(text, offset, length), decimalCommas, amount);
            }
        }
        return parseDecorated(new String(text, offset, length), decimalCommas, amount);
    }

    private static boolean isNotHexPrefix(char c) {
        return c != 'x' && c != 'X';
    }

    /** Returns whether a character may be part of a plain number. */
    private static boolean isPlain(char c) {
        return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
    }

    private static double parseDecorated(String text, boolean decimalCommas, boolean amount) {
        String number = text;
        int sign = number.startsWith("-") || number.startsWith("+") ? 1 : 0;
        if (amount && number.startsWith("$", sign)) {
            number = number.substring(0, sign) + number.substring(sign + 1);
            sign = number.startsWith("-") && sign == 0 ? 1 : sign;
        }
        int comma = number.indexOf(',');
        if (comma >= 0) {
            number = decimalCommas ? withDecimalPoint(number, comma, amount) : withoutThousands(number, sign);
        }
        if (number.isEmpty() || !number.chars().allMatch(c -> isPlain((char) c))) {
            return Double.NaN;
        }
        try {
            return NumberInput.parseDouble(number, true);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    /** Converts {@code 40,75} to 40.75; rejects amounts such as {@code 1,234}, which are ambiguous. */
    private static String withDecimalPoint(String number, int comma, boolean amount) {
        int decimals = number.length() - comma - 1;
        boolean one = number.indexOf(',', comma + 1) < 0 && number.indexOf('.') < 0;
        boolean ambiguous = amount && decimals == GROUP && comma > 0;
        return one && !ambiguous ? number.replace(',', '.') : "";
    }

    /** Converts {@code 1,234.50} to 1234.50; rejects {@code 1,234}, whose comma could be a decimal one. */
    private static String withoutThousands(String number, int sign) {
        int point = number.indexOf('.');
        if (point < 0) {
            return "";
        }
        String[] groups = number.substring(sign, point).split(",", -1);
        boolean grouped = groups[0].length() >= 1 && groups[0].length() <= GROUP;
        for (int i = 1; i < groups.length; i++) {
            grouped &= groups[i].length() == GROUP;
        }
        return grouped && number.indexOf(',', point) < 0 ? number.replace(",", "") : "";
    }
}
