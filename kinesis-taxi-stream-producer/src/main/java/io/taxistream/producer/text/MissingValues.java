package io.taxistream.producer.text;

import java.util.Set;

/** Recognises the markers that tools write for missing values. */
public final class MissingValues {

    private static final Set<String> MISSING = Set.of(
            "nan",
            "-nan",
            "-nan(ind)",
            "null",
            "none",
            "na",
            "n/a",
            "#n/a",
            "#na",
            "<na>",
            "nat",
            "\\n",
            "nil",
            "(null)",
            "#null!",
            ".");

    private static final int MAX_LENGTH = 9;

    private MissingValues() {}

    /** Returns whether a trimmed text is a marker for a missing value. */
    public static boolean isMissing(char[] text, int offset, int length) {
        if (length == 0) {
            return true;
        }
        char first = text[offset];
        // Only a marker has a letter after its sign, or consists of a point.
        boolean numeric = first <= '9'
                && first != '#'
                && first != '('
                && (first != '-' || length == 1 || text[offset + 1] <= '9')
                && (first != '.' || length > 1);
        return !numeric && length <= MAX_LENGTH && MISSING.contains(lowerCase(text, offset, length));
    }

    private static String lowerCase(char[] text, int offset, int length) {
        char[] lower = new char[length];
        for (int i = 0; i < length; i++) {
            char c = text[offset + i];
            lower[i] = c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
        }
        return new String(lower);
    }
}
