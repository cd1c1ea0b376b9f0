package io.taxistream.producer.trips;

import com.fasterxml.jackson.core.io.NumberInput;
import io.taxistream.events.TripEvent;
import io.taxistream.producer.trips.TripLayout.Column;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.ZoneId;

/**
 * Reads trips from the lines of a CSV file that come after its header, without garbage but for the trips.
 *
 * <p>How odd input is read: blank lines are none; CRLF and LF may be mixed; white space and quotes around a field are
 * left out; no amount is an amount of 0; surplus fields must be empty. A quote does not stretch a field over several
 * lines or commas (no TLC file has such fields, and one stray quote would swallow the trips behind it): so a line is split
 * at its commas and nothing else, and of a line whose drop-off lies outside the time range only the drop-off is looked at.
 */
final class CsvTripReader implements TripReader {

    private static final int MAX_ZONE_DIGITS = 4;

    private final InputStream in;
    private final LineReader lines;
    private final TripLayout layout;
    private final Column[] columns;
    private final int dropoffColumn;
    private final long headerLine;
    private final WallClockTimes times;
    private final TimeRange range;
    private final TaxiZones zones = TaxiZones.instance();
    private final TripIds ids;
    private final String object;
    private final InputStatistics statistics;
    private final RejectListener rejects;

    /** The field in hand, without what pads it. All that is read is ASCII; any other byte becomes some character. */
    private char[] text = new char[64];

    private int length;

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

    /**
     * @param in what comes after the header
     * @param headerLine the line of the header, from 1
     */
    CsvTripReader(
            InputStream in,
            TripLayout layout,
            long headerLine,
            ZoneId zone,
            TimeRange range,
            String object,
            InputStatistics statistics,
            RejectListener rejects) {
        this.in = in;
        this.lines = new LineReader(in, LineReader.MAX_RECORD_BYTES);
        this.layout = layout;
        this.columns = layout.columns();
        this.dropoffColumn = layout.indexOf(Column.DROPOFF_TIME);
        this.headerLine = headerLine;
        this.times = new WallClockTimes(zone);
        this.range = range;
        this.ids = new TripIds(object);
        this.object = object;
        this.statistics = statistics;
        this.rejects = rejects;
    }

    @Override
    public TripEvent next() throws IOException {
        while (lines.next()) {
            wrong = null;
            if (lines.tooLong()) {
                reject(RejectReason.TOO_LONG, "the line is longer than " + LineReader.MAX_RECORD_BYTES + " bytes");
            } else if (lines.isBlank()) {
                continue;
            } else if (!range.isAll() && isOutsideRange()) {
                statistics.countSkipped();
                continue;
            } else {
                readFields();
            }
            if (wrong == null) {
                return new TripEvent(
                        tripId, pickupMillis, dropoffMillis, pickupLat, pickupLon, dropoffLat, dropoffLon, totalAmount);
            }
            rejects.rejected(object, line(), wrong, wrongMessage);
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** Whether the line has a drop-off time, and one outside the range; no other field is looked at. */
    private boolean isOutsideRange() {
        byte[] line = lines.buffer();
        int end = lines.start() + lines.length();
        int start = lines.start();
        for (int commas = 0; commas < dropoffColumn; commas++) {
            start = endOfField(line, start, end) + 1;
            if (start > end) {
                return false;
            }
        }
        field(line, start, endOfField(line, start, end));
        try {
            return length > 0 && !range.contains(times.parseMillis(text, 0, length));
        } catch (DateTimeException e) {
            // Told when the line is read in full.
            return false;
        }
    }

    private void readFields() {
        tripId = ids.id(line());
        totalAmount = 0;
        byte[] line = lines.buffer();
        int end = lines.start() + lines.length();
        int start = lines.start();
        int index = 0;
        while (start <= end && wrong == null) {
            int endOfField = endOfField(line, start, end);
            if (index >= columns.length || columns[index] != Column.OTHER) {
                field(line, start, endOfField);
                readField(index);
            }
            start = endOfField + 1;
            index++;
        }
        if (wrong == null && index < columns.length) {
            reject(
                    RejectReason.MISSING_FIELD,
                    "the header names " + columns.length + " fields, but the line has " + index);
        }
    }

    private static int endOfField(byte[] line, int start, int end) {
        int at = start;
        while (at < end && line[at] != ',') {
            at++;
        }
        return at;
    }

    /** Takes a field in hand. */
    private void field(byte[] line, int start, int end) {
        int from = start;
        int to = end;
        while (from < to && isPadding(line[from])) {
            from++;
        }
        while (to > from && isPadding(line[to - 1])) {
            to--;
        }
        length = to - from;
        if (length > text.length) {
            text = new char[length];
        }
        for (int i = 0; i < length; i++) {
            text[i] = (char) (line[from + i] & 0xff);
        }
    }

    private void readField(int index) {
        if (index >= columns.length) {
            if (length > 0) {
                reject(
                        RejectReason.SURPLUS_FIELD,
                        "the header names " + columns.length + " fields, but field " + (index + 1) + " is '" + text()
                                + "'");
            }
            return;
        }
        switch (columns[index]) {
            case PICKUP_TIME -> pickupMillis = time(Column.PICKUP_TIME);
            case DROPOFF_TIME -> dropoffMillis = time(Column.DROPOFF_TIME);
            case PICKUP_LAT -> pickupLat = coordinate(Column.PICKUP_LAT);
            case PICKUP_LON -> pickupLon = coordinate(Column.PICKUP_LON);
            case DROPOFF_LAT -> dropoffLat = coordinate(Column.DROPOFF_LAT);
            case DROPOFF_LON -> dropoffLon = coordinate(Column.DROPOFF_LON);
            case PICKUP_ZONE -> {
                int zone = zone(Column.PICKUP_ZONE);
                if (wrong == null) {
                    pickupLat = zones.lat(zone);
                    pickupLon = zones.lon(zone);
                }
            }
            case DROPOFF_ZONE -> {
                int zone = zone(Column.DROPOFF_ZONE);
                if (wrong == null) {
                    dropoffLat = zones.lat(zone);
                    dropoffLon = zones.lon(zone);
                }
            }
            case TOTAL_AMOUNT -> totalAmount = length == 0 ? 0 : number(Column.TOTAL_AMOUNT);
            case TRIP_ID -> tripId = length == 0 ? tripId : integer(Column.TRIP_ID);
            case OTHER -> {
                // no trip needs it
            }
        }
    }

    private long time(Column column) {
        if (length == 0) {
            reject(RejectReason.MISSING_FIELD, layout.nameOf(column) + " is empty");
            return 0;
        }
        try {
            return times.parseMillis(text, 0, length);
        } catch (DateTimeException e) {
            rejectValue(RejectReason.INVALID_TIME, column, "yyyy-MM-dd HH:mm:ss");
            return 0;
        }
    }

    private double coordinate(Column column) {
        if (length == 0) {
            reject(RejectReason.MISSING_FIELD, layout.nameOf(column) + " is empty");
            return 0;
        }
        return number(column);
    }

    private double number(Column column) {
        try {
            double value = NumberInput.parseDouble(text, 0, length, true);
            if (Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // told below, together with the numbers that are not finite
            wrong = RejectReason.INVALID_NUMBER;
        }
        rejectValue(RejectReason.INVALID_NUMBER, column, "a number");
        return 0;
    }

    private int zone(Column column) {
        if (length == 0) {
            reject(RejectReason.MISSING_FIELD, layout.nameOf(column) + " is empty");
            return 0;
        }
        int zone = length <= MAX_ZONE_DIGITS ? 0 : -1;
        for (int i = 0; i < length && zone >= 0; i++) {
            int digit = text[i] - '0';
            zone = digit >= 0 && digit <= 9 ? zone * 10 + digit : -1;
        }
        if (!zones.contains(zone)) {
            rejectValue(TaxiZones.reasonOffTheMap(zone), column, TaxiZones.ACCEPTED);
        }
        return zone;
    }

    private long integer(Column column) {
        try {
            return Long.parseLong(text());
        } catch (NumberFormatException e) {
            rejectValue(RejectReason.INVALID_NUMBER, column, "a whole number of 64 bits");
            return 0;
        }
    }

    private void rejectValue(RejectReason reason, Column column, String accepted) {
        reject(reason, layout.nameOf(column) + " is '" + text() + "'; it must be " + accepted);
    }

    private void reject(RejectReason reason, String message) {
        wrong = reason;
        wrongMessage = message;
    }

    private String text() {
        return new String(text, 0, length);
    }

    private long line() {
        return headerLine + lines.line();
    }

    private static boolean isPadding(byte b) {
        return (b >= 0 && b <= ' ') || b == '"';
    }
}
