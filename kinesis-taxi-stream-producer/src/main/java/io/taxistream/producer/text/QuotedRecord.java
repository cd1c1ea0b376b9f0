package io.taxistream.producer.text;

import java.io.IOException;

/**
 * The fields of a CSV record with quotes in it, which may extend over several lines. Reused for one record after the other.
 *
 * <p>A quoted field may hold line ends if the record is complete then; otherwise the quote is a stray one, which costs its
 * own line and none of those after it.
 */
public final class QuotedRecord {

    /** What is wrong with a record that cannot be read. */
    public static final String INVALID =
            "a quoted field is not closed, or followed by something else than the separator";

    /** Longest record with line ends in it. */
    private static final int MAX_BYTES = 1 << 16;

    private final QuoteScan quotes;
    private final QuotedFields fields;

    /** @param separator what separates the fields */
    public QuotedRecord(char separator) {
        this.quotes = new QuoteScan(separator);
        this.fields = new QuotedFields(separator);
    }

    /**
     * Reads the record that begins with the line in hand, which is extended as far as the record goes.
     *
     * @param columns how many fields a record over several lines must have
     * @return {@code false} if its quotes make no sense; the line in hand is the first one then
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

    /** The number of fields. */
    public int count() {
        return fields.count();
    }

    /** The characters of all fields, one for each byte. */
    public char[] text() {
        return fields.text();
    }

    /** Where a field begins in {@link #text}. */
    public int start(int field) {
        return fields.start(field);
    }

    /** How many characters a field has. */
    public int length(int field) {
        return fields.length(field);
    }

    /** Extends the record to the line on which its last quote is closed; {@code false} if there is none. */
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
