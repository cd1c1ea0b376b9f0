package io.taxistream.producer.text;

/**
 * Decides whether empty fields after the last column of a CSV record are padding, as in some of the TLC's files, or the
 * result of a separator within an unquoted field, which moves all later values to the next column.
 *
 * <p>Padding has the same length in all records after a header. In the first of them, a separator that is escaped with a
 * backslash, or quoted in another way than CSV defines, shows that it is not padding. Not thread-safe.
 */
public final class TrailingFields {

    private static final int UNKNOWN = -1;

    private final byte separator;
    private int usual = UNKNOWN;

    /**
     * @param separator separator of the fields
     */
    public TrailingFields(char separator) {
        this.separator = (byte) separator;
    }

    /** Begins the records after a header. */
    public void begin() {
        usual = UNKNOWN;
    }

    /**
     * Returns whether a record is padded in the same way as the first one.
     *
     * @param count number of empty fields after the last column
     * @param bytes contains the record in {@code bytes[start..end)}
     */
    public boolean arePadding(int count, byte[] bytes, int start, int end) {
        if (count > 0 && count != usual && (usual != UNKNOWN || hasOtherQuoting(bytes, start, end))) {
            return false;
        }
        if (usual == UNKNOWN) {
            usual = count;
        }
        return true;
    }

    /** Returns the message for a record that is not padded in the same way as the first one. */
    public static String message(int columns, int count) {
        return "the header names " + columns + " fields, but the line has " + (columns + count)
                + "; quote fields that contain the separator with double quotes";
    }

    /**
     * Returns whether a separator follows a backslash or is within single quotes, or a double quote is not at the
     * beginning of its field.
     */
    private boolean hasOtherQuoting(byte[] bytes, int start, int end) {
        boolean quoted = false;
        int singleQuotedField = -1;
        int fieldStart = start;
        byte visible = 0;
        for (int i = start; i < end; i++) {
            byte b = bytes[i];
            if (quoted) {
                quoted = b != '"';
            } else if (b == separator) {
                boolean closed = visible == '\'' && singleQuotedField >= 0;
                if ((i > start && bytes[i - 1] == '\\') || (closed && singleQuotedField < fieldStart)) {
                    return true;
                }
                singleQuotedField = closed ? -1 : singleQuotedField;
                fieldStart = i + 1;
            } else if (b == '"') {
                // The second of two quotes in a quoted field continues it.
                if (!isBlank(bytes, fieldStart, i) && bytes[i - 1] != '"') {
                    return true;
                }
                quoted = true;
            } else if (b == '\'' && singleQuotedField < 0 && isBlank(bytes, fieldStart, i)) {
                singleQuotedField = fieldStart;
            }
            visible = b == ' ' ? visible : b;
        }
        return false;
    }

    private static boolean isBlank(byte[] bytes, int start, int end) {
        for (int i = start; i < end; i++) {
            if (bytes[i] != ' ') {
                return false;
            }
        }
        return true;
    }
}
