package io.taxistream.producer.trips;

import com.fasterxml.jackson.core.io.NumberInput;
import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.taxistream.events.TripEvent;
import io.taxistream.producer.trips.CsvLayout.Column;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.ZoneId;

/**
 * Reads trips from the lines of a CSV file that come after its header, without garbage but for the trips.
 *
 * <p>How odd input is read: blank lines are none; CRLF and LF may be mixed; white space and quotes around a field are
 * left out; no amount is an amount of 0; surplus fields must be empty. A quote does not stretch a field over several
 * lines or commas (no TLC file has such fields, and one stray quote would swallow the trips behind it).
 */
final class CsvTripReader implements TripReader {

    /** No character of ISO-8859-1, so that the parser finds no quotes. */
    private static final char NO_QUOTE = '\uffff';

    private final CsvReader<TripEvent> csv;
    private final CloseableIterator<TripEvent> trips;

    /**
     * @param lines what comes after the header
     * @param headerLine the line of the header, from 1
     */
    CsvTripReader(
            InputStream lines, CsvLayout layout, long headerLine, ZoneId zone, String object, RejectListener rejects) {
        this.csv = CsvReader.builder()
                .quoteCharacter(NO_QUOTE)
                .skipEmptyLines(true)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .build(
                        new RowHandler(layout, headerLine, zone, object, rejects),
                        // All that is read is ASCII; this is the encoding that costs nothing and takes every byte.
                        new InputStreamReader(lines, StandardCharsets.ISO_8859_1));
        this.trips = csv.iterator();
    }

    @Override
    public TripEvent next() throws IOException {
        try {
            return trips.hasNext() ? trips.next() : null;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (CsvParseException e) {
            throw new IOException("a field is longer than any field can be", e);
        }
    }

    @Override
    public void close() throws IOException {
        csv.close();
    }

    /** Turns the fields of a row into a trip as they come, and remembers the first thing that is wrong with the row. */
    private static final class RowHandler extends AbstractBaseCsvCallbackHandler<TripEvent> {

        private static final int MAX_ZONE_DIGITS = 4;

        private final CsvLayout layout;
        private final Column[] columns;
        private final long headerLine;
        private final WallClockTimes times;
        private final TaxiZones zones = TaxiZones.instance();
        private final TripIds ids;
        private final String object;
        private final RejectListener rejects;

        private boolean empty;
        private RejectReason wrong;
        private String wrongMessage;
        private long tripId;
        private long pickupMillis;
        private long dropoffMillis;
        private double pickupLat;
        private double pickupLon;
        private double dropoffLat;
        private double dropoffLon;
        private double totalAmount;

        RowHandler(CsvLayout layout, long headerLine, ZoneId zone, String object, RejectListener rejects) {
            this.layout = layout;
            this.columns = new Column[layout.columnCount()];
            for (int i = 0; i < columns.length; i++) {
                columns[i] = layout.column(i);
            }
            this.headerLine = headerLine;
            this.times = new WallClockTimes(zone);
            this.ids = new TripIds(object);
            this.object = object;
            this.rejects = rejects;
        }

        @Override
        protected void handleBegin(long startingLineNumber) {
            empty = false;
            wrong = null;
            wrongMessage = null;
            tripId = ids.id(headerLine + startingLineNumber);
            totalAmount = 0;
        }

        @Override
        protected void handleEmpty() {
            empty = true;
        }

        @Override
        protected void handleField(int index, char[] text, int start, int size, boolean quoted) {
            if (wrong != null) {
                return;
            }
            int offset = start;
            int end = start + size;
            while (offset < end && isPadding(text[offset])) {
                offset++;
            }
            while (end > offset && isPadding(text[end - 1])) {
                end--;
            }
            int length = end - offset;
            if (index >= columns.length) {
                if (length > 0) {
                    reject(
                            RejectReason.SURPLUS_FIELD,
                            "the header names " + columns.length + " fields, but field " + (index + 1) + " is '"
                                    + new String(text, offset, length) + "'");
                }
                return;
            }
            switch (columns[index]) {
                case PICKUP_TIME -> pickupMillis = time(Column.PICKUP_TIME, text, offset, length);
                case DROPOFF_TIME -> dropoffMillis = time(Column.DROPOFF_TIME, text, offset, length);
                case PICKUP_LAT -> pickupLat = coordinate(Column.PICKUP_LAT, text, offset, length);
                case PICKUP_LON -> pickupLon = coordinate(Column.PICKUP_LON, text, offset, length);
                case DROPOFF_LAT -> dropoffLat = coordinate(Column.DROPOFF_LAT, text, offset, length);
                case DROPOFF_LON -> dropoffLon = coordinate(Column.DROPOFF_LON, text, offset, length);
                case PICKUP_ZONE -> {
                    int zone = zone(Column.PICKUP_ZONE, text, offset, length);
                    if (wrong == null) {
                        pickupLat = zones.lat(zone);
                        pickupLon = zones.lon(zone);
                    }
                }
                case DROPOFF_ZONE -> {
                    int zone = zone(Column.DROPOFF_ZONE, text, offset, length);
                    if (wrong == null) {
                        dropoffLat = zones.lat(zone);
                        dropoffLon = zones.lon(zone);
                    }
                }
                case TOTAL_AMOUNT -> totalAmount = length == 0 ? 0 : number(Column.TOTAL_AMOUNT, text, offset, length);
                case TRIP_ID -> tripId = length == 0 ? tripId : integer(Column.TRIP_ID, text, offset, length);
                case OTHER -> {
                    // no trip needs it
                }
            }
        }

        @Override
        protected TripEvent buildRecord() {
            if (empty) {
                return null;
            }
            if (wrong == null && getFieldCount() < columns.length) {
                reject(
                        RejectReason.MISSING_FIELD,
                        "the header names " + columns.length + " fields, but the line has " + getFieldCount());
            }
            if (wrong != null) {
                rejects.rejected(object, headerLine + getStartingLineNumber(), wrong, wrongMessage);
                return null;
            }
            return new TripEvent(
                    tripId, pickupMillis, dropoffMillis, pickupLat, pickupLon, dropoffLat, dropoffLon, totalAmount);
        }

        private long time(Column column, char[] text, int offset, int length) {
            if (length == 0) {
                reject(RejectReason.MISSING_FIELD, layout.nameOf(column) + " is empty");
                return 0;
            }
            try {
                return times.parseMillis(text, offset, length);
            } catch (DateTimeException e) {
                rejectValue(RejectReason.INVALID_TIME, column, text, offset, length, "yyyy-MM-dd HH:mm:ss");
                return 0;
            }
        }

        private double coordinate(Column column, char[] text, int offset, int length) {
            if (length == 0) {
                reject(RejectReason.MISSING_FIELD, layout.nameOf(column) + " is empty");
                return 0;
            }
            return number(column, text, offset, length);
        }

        private double number(Column column, char[] text, int offset, int length) {
            try {
                double value = NumberInput.parseDouble(text, offset, length, true);
                if (Double.isFinite(value)) {
                    return value;
                }
            } catch (NumberFormatException e) {
                // told below, together with the numbers that are not finite
                wrong = RejectReason.INVALID_NUMBER;
            }
            rejectValue(RejectReason.INVALID_NUMBER, column, text, offset, length, "a number");
            return 0;
        }

        private int zone(Column column, char[] text, int offset, int length) {
            if (length == 0) {
                reject(RejectReason.MISSING_FIELD, layout.nameOf(column) + " is empty");
                return 0;
            }
            int zone = length <= MAX_ZONE_DIGITS ? 0 : -1;
            for (int i = offset; i < offset + length && zone >= 0; i++) {
                int digit = text[i] - '0';
                zone = digit >= 0 && digit <= 9 ? zone * 10 + digit : -1;
            }
            if (!zones.contains(zone)) {
                rejectValue(RejectReason.UNKNOWN_ZONE, column, text, offset, length, "a taxi zone on the map");
            }
            return zone;
        }

        private long integer(Column column, char[] text, int offset, int length) {
            String value = new String(text, offset, length);
            try {
                return Long.parseLong(value);
            } catch (NumberFormatException e) {
                rejectValue(RejectReason.INVALID_NUMBER, column, text, offset, length, "a whole number of 64 bits");
                return 0;
            }
        }

        private void rejectValue(
                RejectReason reason, Column column, char[] text, int offset, int length, String accepted) {
            reject(
                    reason,
                    layout.nameOf(column) + " is '" + new String(text, offset, length) + "'; it must be " + accepted);
        }

        private void reject(RejectReason reason, String message) {
            wrong = reason;
            wrongMessage = message;
        }

        private static boolean isPadding(char c) {
            return c <= ' ' || c == '"';
        }
    }
}
