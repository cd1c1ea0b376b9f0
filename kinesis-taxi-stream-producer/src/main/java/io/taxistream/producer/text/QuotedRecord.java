package io.taxistream.producer.text;

import java.io.IOException;

/**
 * The fields of a quoted CSV record, which may span several lines. Reused for all records of a file.
 *
 * <p>A quoted field may contain line breaks if the record is complete; otherwise the quote is a stray one, which
 * invalidates its own line only.
 */
public final class QuotedRecord {

    /** Message for a record with invalid quoting. */
    public static final String INVALID = "a quoted field is not closed, or not followed by a separator";

    /** Longest record with line breaks. */
    private static final int MAX_BYTES = 1 << 16;

    private final QuoteDetection quotes;
    private final QuotedFields fields;

    /**
     * @param separator separator of the fields
     */
    public QuotedRecord(char separator) {
        this.quotes = new QuoteDetection(separator);
        this.fields = new QuotedFields(separator);
    }

    /**
     * Reads the record that begins at the current line, consuming further lines as needed.
     *
     * @param columns number of fields required of a record that spans several lines
     * @return {@code false} if the quoting is invalid; the current line is then the first one
     */
    public boolean read(LineReader lines, int columns) throws IOException {
        boolean complete = closeQuotes(lines);
        boolean severalLines = lines.isExtended();
        complete = complete && fields.split(lines.buffer(), lines.start(), lines.length(), severalLines);
        if (!complete || (severalLines && !hasFields(columns))) {
            lines.retract();
            return false;
        }
        return true;
    }

    /** Returns the number of fields. */
    public int count() {
        return fields.count();
    }

    /** Returns the characters of all fields, one per byte. */
    public char[] text() {
        return fields.text();
    }

    /** Returns the start of a field in {@link #text}. */
    public int start(int field) {
        return fields.start(field);
    }

    /** Returns the length of a field in characters. */
    public int length(int field) {
        return fields.length(field);
    }

    /** Extends the record to the line on which its last quote is closed; returns {@code false} if there is none. */
    private boolean closeQuotes(LineReader lines) throws IOException {
        quotes.begin();
        int scanned = 0;
        while (true) {
            quotes.scan(lines.buffer(), lines.start() + scanned, lines.start() + lines.length());
            if (!quotes.isOpen()) {
                return !quotes.isInvalid();
            }
            scanned = lines.length();
            if (scanned > MAX_BYTES || !lines.extend()) {
                return false;
            }
        }
    }

    private boolean hasFields(int columns) {
        boolean complete = fields.count() >= columns;
        for (int i = columns; i < fields.count(); i++) {
            complete &= fields.length(i) == 0;
        }
        return complete;
    }
}
