package io.taxistream.producer.trips;

import static java.util.Objects.requireNonNull;

import io.taxistream.events.TripEvent;
import io.taxistream.producer.input.RecordIds;
import io.taxistream.producer.input.RejectReason;
import io.taxistream.producer.input.TimeRange;
import io.taxistream.producer.text.DateTimeForm;
import io.taxistream.producer.text.MissingValues;
import io.taxistream.producer.text.Numbers;
import io.taxistream.producer.text.WallClockTimes;
import io.taxistream.producer.trips.TripLayout.Column;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Builds a trip from the text of its columns, whatever their format: call {@link #begin}, {@link #set} for each column
 * present, then {@link #trip}. The first invalid value rejects the record.
 *
 * <p>Not thread-safe.
 */
final class TripFields {

    private static final int MAX_ZONE_DIGITS = 4;

    /** Value of a time that has not been set; unset numbers are NaN and unset zones -1. */
    private static final long NO_TIME = Long.MIN_VALUE;

    private static final int NO_ZONE = -1;

    private final WallClockTimes times;
    private final boolean decimalCommas;
    private final boolean utf8Bytes;
    private final TaxiZones zones = TaxiZones.instance();

    private Function<Column, String> names = Column::name;
    private boolean zonesExpected;

    private char[] text = {};
    private int offset;
    private int length;

    private @Nullable RejectReason reason;
    private @Nullable String message;
    private long tripId;
    private long pickupMillis;
    private long dropoffMillis;
    private double pickupLat;
    private double pickupLon;
    private double dropoffLat;
    private double dropoffLon;
    private int pickupZone;
    private int dropoffZone;
    private double totalAmount;

    /**
     * @param zone time zone of times without an offset
     * @param decimalCommas whether a comma in a number is a decimal separator, as in files with another field separator
     * @param utf8Bytes whether characters are the bytes of UTF-8 text
     */
    TripFields(ZoneId zone, boolean decimalCommas, boolean utf8Bytes) {
        this.times = new WallClockTimes(zone);
        this.decimalCommas = decimalCommas;
        this.utf8Bytes = utf8Bytes;
    }

    /** Sets the layout of the records that follow. */
    void use(TripLayout layout) {
        names = layout::nameOf;
        zonesExpected = layout.zones();
    }

    /** Sets the names of columns in messages. */
    void setNames(Function<Column, String> columnNames) {
        names = columnNames;
    }

    /**
     * Begins a record.
     *
     * @param missingTripId id of the trip if no column provides one
     */
    void begin(long missingTripId) {
        pickupMillis = NO_TIME;
        dropoffMillis = NO_TIME;
        pickupLat = Double.NaN;
        pickupLon = Double.NaN;
        dropoffLat = Double.NaN;
        dropoffLon = Double.NaN;
        pickupZone = NO_ZONE;
        dropoffZone = NO_ZONE;
        reason = null;
        message = null;
        tripId = missingTripId;
        totalAmount = 0;
    }

    /** Sets the value of a column. Surrounding white space is ignored. */
    void set(Column column, char[] chars, int from, int count) {
        take(chars, from, count);
        if (isMissing()) {
            return;
        }
        // One call for all columns of a kind, because the compiler inlines it into its callers.
        switch (column) {
            case PICKUP_TIME, DROPOFF_TIME -> keepTime(column, time(column));
            case PICKUP_LAT, PICKUP_LON, DROPOFF_LAT, DROPOFF_LON, TOTAL_AMOUNT -> keepNumber(column, number(column));
            case PICKUP_ZONE, DROPOFF_ZONE -> keepZone(column, zone(column));
            case TRIP_ID -> tripId = RecordIds.ofText(text());
            case OTHER -> {
                // not needed by any trip
            }
        }
    }

    private void keepTime(Column column, long millis) {
        if (column == Column.PICKUP_TIME) {
            pickupMillis = millis;
        } else {
            dropoffMillis = millis;
        }
    }

    private void keepZone(Column column, int zone) {
        if (column == Column.PICKUP_ZONE) {
            pickupZone = zone;
        } else {
            dropoffZone = zone;
        }
    }

    private void keepNumber(Column column, double number) {
        switch (column) {
            case PICKUP_LAT -> pickupLat = number;
            case PICKUP_LON -> pickupLon = number;
            case DROPOFF_LAT -> dropoffLat = number;
            case DROPOFF_LON -> dropoffLon = number;
            default -> totalAmount = number;
        }
    }

    /** Rejects the record, unless it is rejected already. */
    void reject(RejectReason why, String what) {
        if (reason == null) {
            reason = why;
            message = what;
        }
    }

    /** Returns whether the record is rejected. */
    boolean isRejected() {
        return reason != null;
    }

    RejectReason reason() {
        return requireNonNull(reason, "the record is not rejected");
    }

    String message() {
        return requireNonNull(message, "the record is not rejected");
    }

    /**
     * Returns whether a text is a time outside a range, without changing the record.
     *
     * @return {@code false} also if the text is not a time
     */
    boolean isOutside(TimeRange range, char[] chars, int from, int count) {
        take(chars, from, count);
        try {
            return length > 0 && !range.contains(times.parseMillis(text, offset, length));
        } catch (DateTimeException e) {
            // Reported when the whole record is read.
            return false;
        }
    }

    /** Returns whether the record has a drop-off time outside a range. */
    boolean isOutside(TimeRange range) {
        return dropoffMillis != NO_TIME && !range.contains(dropoffMillis);
    }

    /** Returns the trip, or {@code null} if the record is rejected. */
    @Nullable
    TripEvent trip() {
        boolean withCoordinates = !Double.isNaN(pickupLat)
                && !Double.isNaN(pickupLon)
                && !Double.isNaN(dropoffLat)
                && !Double.isNaN(dropoffLon);
        if (!isRejected()) {
            requireAll(withCoordinates);
        }
        if (isRejected()) {
            return null;
        }
        if (!withCoordinates) {
            pickupLat = zones.lat(pickupZone);
            pickupLon = zones.lon(pickupZone);
            dropoffLat = zones.lat(dropoffZone);
            dropoffLon = zones.lon(dropoffZone);
        }
        return new TripEvent(
                tripId, pickupMillis, dropoffMillis, pickupLat, pickupLon, dropoffLat, dropoffLon, totalAmount);
    }

    private void requireAll(boolean withCoordinates) {
        require(pickupMillis != NO_TIME, Column.PICKUP_TIME);
        require(dropoffMillis != NO_TIME, Column.DROPOFF_TIME);
        if (withCoordinates) {
            return;
        }
        if (zonesExpected || pickupZone != NO_ZONE || dropoffZone != NO_ZONE) {
            require(pickupZone != NO_ZONE, Column.PICKUP_ZONE);
            require(dropoffZone != NO_ZONE, Column.DROPOFF_ZONE);
        } else {
            require(!Double.isNaN(pickupLat), Column.PICKUP_LAT);
            require(!Double.isNaN(pickupLon), Column.PICKUP_LON);
            require(!Double.isNaN(dropoffLat), Column.DROPOFF_LAT);
            require(!Double.isNaN(dropoffLon), Column.DROPOFF_LON);
        }
    }

    private void require(boolean given, Column column) {
        if (!given) {
            reject(RejectReason.MISSING_FIELD, names.apply(column) + " is empty");
        }
    }

    private void take(char[] chars, int from, int count) {
        int first = from;
        int end = from + count;
        while (first < end && chars[first] <= ' ') {
            first++;
        }
        while (end > first && chars[end - 1] <= ' ') {
            end--;
        }
        text = chars;
        offset = first;
        length = end - first;
    }

    private boolean isMissing() {
        return MissingValues.isMissing(text, offset, length);
    }

    private long time(Column column) {
        try {
            return times.parseMillis(text, offset, length);
        } catch (DateTimeException e) {
            rejectValue(RejectReason.INVALID_TIME, column, DateTimeForm.ACCEPTED + DateTimeForm.explain(text()));
            return NO_TIME;
        }
    }

    private double number(Column column) {
        double value = Numbers.parse(text, offset, length, decimalCommas, column == Column.TOTAL_AMOUNT);
        if (!Double.isFinite(value)) {
            rejectValue(RejectReason.INVALID_NUMBER, column, "a number");
            return 0;
        }
        return value;
    }

    private int zone(Column column) {
        int zone = wholeNumber();
        if (!zones.contains(zone)) {
            rejectValue(TaxiZones.rejectReason(zone), column, TaxiZones.ACCEPTED);
        }
        return zone;
    }

    /** Parses an integer, which may be written as 161.0; returns -1 for anything else. */
    private int wholeNumber() {
        int number = length <= MAX_ZONE_DIGITS ? 0 : -1;
        for (int i = 0; i < length && number >= 0; i++) {
            int digit = text[offset + i] - '0';
            number = digit >= 0 && digit <= 9 ? number * 10 + digit : -1;
        }
        if (number >= 0) {
            return number;
        }
        double value = Numbers.parse(text, offset, length, decimalCommas, false);
        return value >= 0 && value == (int) value ? (int) value : -1;
    }

    private void rejectValue(RejectReason why, Column column, String accepted) {
        reject(why, names.apply(column) + " is '" + text() + "'; it must be " + accepted);
    }

    private String text() {
        String chars = new String(text, offset, length);
        return utf8Bytes ? new String(chars.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8) : chars;
    }
}
