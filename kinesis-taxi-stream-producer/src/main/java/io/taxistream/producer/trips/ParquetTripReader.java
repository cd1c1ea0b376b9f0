package io.taxistream.producer.trips;

import static java.util.Objects.requireNonNull;

import io.taxistream.events.TripEvent;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.InputObject;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.input.RecordIds;
import io.taxistream.producer.input.RejectListener;
import io.taxistream.producer.input.RejectReason;
import io.taxistream.producer.input.TimeRange;
import io.taxistream.producer.parquet.ParquetColumn;
import io.taxistream.producer.parquet.ParquetRows;
import io.taxistream.producer.parquet.ParquetTypes;
import io.taxistream.producer.parquet.ParquetValues.Use;
import io.taxistream.producer.reading.RecordReader;
import io.taxistream.producer.trips.TripLayout.Column;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.format.SchemaElement;
import org.jspecify.annotations.Nullable;

/**
 * Reads trips from the rows of a Parquet file; only the columns that a trip needs are read.
 *
 * <p>Timestamps without a zone are wall-clock times; text is parsed like the fields of a CSV file.
 */
final class ParquetTripReader implements RecordReader<TripEvent> {

    private final ParquetRows rows;
    private final TripLayout layout;
    private final Map<Column, ParquetColumn> columns = new EnumMap<>(Column.class);
    private final ParquetColumn dropoff;
    private final TimeRange range;
    private final TaxiZones zones = TaxiZones.instance();
    private final RecordIds ids;
    private final String object;
    private final InputStatistics statistics;
    private final RejectListener rejects;
    private final ParquetRows.RowReader<TripEvent> reader = this::readRow;

    /**
     * Reads the footer.
     *
     * @param bytesCounted number of bytes of the object already counted as read
     * @throws InputFailedException if the layout is unknown, or a required column has an unsupported type, compression or
     *     encryption
     * @throws IOException if the footer cannot be read
     */
    ParquetTripReader(
            InputObject object,
            long bytesCounted,
            ZoneId zone,
            TimeRange range,
            InputStatistics statistics,
            RejectListener rejects)
            throws IOException {
        this.rows = new ParquetRows(object, bytesCounted, statistics);
        this.object = object.key();
        this.range = range;
        this.statistics = statistics;
        this.rejects = rejects;
        this.ids = new RecordIds(this.object);
        List<SchemaElement> schema = rows.schema();
        this.layout = TripLayout.of(schema.stream().map(SchemaElement::getName).toList(), this.object);
        Column[] held = layout.columns();
        for (int i = 0; i < held.length; i++) {
            if (held[i] != Column.OTHER) {
                columns.put(held[i], column(schema.get(i), held[i], zone));
            }
        }
        this.dropoff = values(Column.DROPOFF_TIME);
        rows.select(List.copyOf(columns.values()), dropoff, range, zone);
    }

    TripLayout layout() {
        return layout;
    }

    @Override
    public @Nullable TripEvent next() throws IOException {
        return rows.next(reader);
    }

    @Override
    public void close() {
        // nothing stays open between two ranges
    }

    /** Returns the trip in the current row, or {@code null} if the row is invalid or not of interest. */
    private @Nullable TripEvent readRow() {
        if (!range.isAll() && !dropoff.isEmpty() && isOutsideRange(dropoff)) {
            statistics.countSkipped();
            return null;
        }
        try {
            double pickupLat;
            double pickupLon;
            double dropoffLat;
            double dropoffLon;
            long pickupMillis = time(Column.PICKUP_TIME);
            long dropoffMillis = time(Column.DROPOFF_TIME);
            if (layout.zones()) {
                int pickupZone = zone(Column.PICKUP_ZONE);
                int dropoffZone = zone(Column.DROPOFF_ZONE);
                pickupLat = zones.lat(pickupZone);
                pickupLon = zones.lon(pickupZone);
                dropoffLat = zones.lat(dropoffZone);
                dropoffLon = zones.lon(dropoffZone);
            } else {
                pickupLat = coordinate(Column.PICKUP_LAT);
                pickupLon = coordinate(Column.PICKUP_LON);
                dropoffLat = coordinate(Column.DROPOFF_LAT);
                dropoffLon = coordinate(Column.DROPOFF_LON);
            }
            double totalAmount = isGiven(Column.TOTAL_AMOUNT) ? number(Column.TOTAL_AMOUNT) : 0;
            long tripId = isGiven(Column.TRIP_ID) ? tripId() : ids.id(rows.row());
            return new TripEvent(
                    tripId, pickupMillis, dropoffMillis, pickupLat, pickupLon, dropoffLat, dropoffLon, totalAmount);
        } catch (RejectedValueException e) {
            rejects.rejected(object, rows.row(), e.reason, String.valueOf(e.getMessage()));
            return null;
        }
    }

    private boolean isOutsideRange(ParquetColumn time) {
        try {
            return !range.contains(time.timeMillis());
        } catch (DateTimeException e) {
            // Reported when the whole row is read.
            return false;
        }
    }

    private boolean isGiven(Column column) {
        ParquetColumn values = columns.get(column);
        return values != null && !values.isEmpty();
    }

    /** Returns a column that the file has. */
    private ParquetColumn values(Column column) {
        return requireNonNull(columns.get(column), "the file has no such column");
    }

    private ParquetColumn required(Column column) {
        if (!isGiven(column)) {
            throw new RejectedValueException(RejectReason.MISSING_FIELD, layout.nameOf(column) + " is empty");
        }
        return values(column);
    }

    private long time(Column column) {
        try {
            return required(column).timeMillis();
        } catch (DateTimeException e) {
            throw rejected(RejectReason.INVALID_TIME, column, "a time in the years 0 to 9999");
        }
    }

    private double coordinate(Column column) {
        required(column);
        return number(column);
    }

    /** Returns a finite number. */
    private double number(Column column) {
        try {
            double value = values(column).number();
            if (Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw rejected(RejectReason.INVALID_NUMBER, column, "a number");
        }
        throw rejected(RejectReason.INVALID_NUMBER, column, "a number");
    }

    private int zone(Column column) {
        int zone = wholeNumber(required(column));
        if (!zones.contains(zone)) {
            throw rejected(TaxiZones.rejectReason(zone), column, TaxiZones.ACCEPTED);
        }
        return zone;
    }

    /** Returns an integer, whatever type it is stored as, or -1 if the value is not an integer. */
    private static int wholeNumber(ParquetColumn column) {
        try {
            double value = column.number();
            return (int) value == value ? (int) value : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private long tripId() {
        try {
            return values(Column.TRIP_ID).id();
        } catch (NumberFormatException e) {
            throw rejected(
                    RejectReason.INVALID_NUMBER, Column.TRIP_ID, "a whole number that its type represents exactly");
        }
    }

    private RejectedValueException rejected(RejectReason reason, Column column, String accepted) {
        return new RejectedValueException(
                reason, layout.nameOf(column) + " is '" + values(column).shown() + "'; it must be " + accepted);
    }

    private ParquetColumn column(SchemaElement schema, Column column, ZoneId zone) {
        Use use = switch (column) {
            case PICKUP_TIME, DROPOFF_TIME -> Use.TIME;
            case TRIP_ID -> Use.ID;
            default -> Use.NUMBER;
        };
        try {
            return ParquetColumn.of(schema, use, zone);
        } catch (IllegalArgumentException e) {
            throw new InputFailedException(object + ": column " + schema.getName() + " of type "
                    + ParquetTypes.shown(schema) + " " + e.getMessage());
        }
    }

    /** Thrown for a value that makes the row invalid. */
    private static final class RejectedValueException extends RuntimeException {

        private final RejectReason reason;

        RejectedValueException(RejectReason reason, String message) {
            super(message, null, false, false);
            this.reason = reason;
        }
    }
}
