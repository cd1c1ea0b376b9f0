package io.taxistream.producer.records;

import com.fasterxml.jackson.core.JsonGenerator;
import io.taxistream.producer.text.MissingValues;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** JSON type of the values of a CSV column. A value that does not match the type of its column is written as text. */
enum CsvType {
    NUMBER,
    BOOLEAN,
    TEXT;

    /** Returns the type of the column after another non-empty value. */
    static CsvType of(byte[] bytes, int start, int length) {
        if (isNumber(bytes, start, length)) {
            return NUMBER;
        }
        return isBoolean(bytes, start, length) ? BOOLEAN : TEXT;
    }

    /** Returns whether a value is a marker for a missing value, in a column that is not text. */
    static boolean isMissing(byte[] bytes, int start, int length) {
        String text = new String(bytes, start, length, StandardCharsets.ISO_8859_1);
        return MissingValues.isMissing(text.toCharArray(), 0, length);
    }

    /** Writes a value: an empty one as null, numbers digit by digit. */
    void write(byte[] bytes, int start, int length, JsonGenerator out) throws IOException {
        if (length == 0) {
            out.writeNull();
        } else if (this == NUMBER && isNumber(bytes, start, length)) {
            out.writeNumber(new String(bytes, start, length, StandardCharsets.US_ASCII));
        } else if (this == BOOLEAN && isBoolean(bytes, start, length)) {
            out.writeBoolean(length == "true".length());
        } else if (this != TEXT && isMissing(bytes, start, length)) {
            out.writeNull();
        } else {
            out.writeUTF8String(bytes, start, length);
        }
    }

    private static boolean isBoolean(byte[] bytes, int start, int length) {
        if (length != "true".length() && length != "false".length()) {
            return false;
        }
        String text = new String(bytes, start, length, StandardCharsets.ISO_8859_1);
        return text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false");
    }

    /** Returns whether bytes are a valid JSON number; 012 and .5 are not, and may be something other than numbers. */
    static boolean isNumber(byte[] bytes, int start, int length) {
        int end = start + length;
        int at = start < end && bytes[start] == '-' ? start + 1 : start;
        int digits = digits(bytes, at, end);
        if (digits == 0 || (digits > 1 && bytes[at] == '0')) {
            return false;
        }
        at += digits;
        if (at < end && bytes[at] == '.') {
            digits = digits(bytes, at + 1, end);
            if (digits == 0) {
                return false;
            }
            at += 1 + digits;
        }
        if (at < end && (bytes[at] == 'e' || bytes[at] == 'E')) {
            at++;
            if (at < end && (bytes[at] == '+' || bytes[at] == '-')) {
                at++;
            }
            digits = digits(bytes, at, end);
            at += digits;
            return digits > 0 && at == end;
        }
        return at == end;
    }

    private static int digits(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        return at - from;
    }
}
