package io.taxistream.producer.trips;

import io.taxistream.events.TripEvent;
import io.taxistream.producer.trips.TripLayout.Column;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;

/**
 * Reads trips from a Parquet file: its footer, and of each row group the few columns that a trip needs, page by page.
 *
 * <p>Timestamps without a zone are wall-clock time; texts are read as those of a CSV file. A row group whose drop-off
 * times all lie outside the time range is skipped unread. A row group that is damaged is read as far as it goes, and the
 * next one is gone on with.
 */
final class ParquetTripReader implements TripReader {

    private final ParquetFile file;
    private final TripLayout layout;
    private final Map<Column, ParquetColumn> columns = new EnumMap<>(Column.class);
    private final Map<Column, String> names = new EnumMap<>(Column.class);
    private final ParquetColumn dropoff;
    private final TimeRange range;
    private final TaxiZones zones = TaxiZones.instance();
    private final TripIds ids;
    private final String object;
    private final InputStatistics statistics;
    private final RejectListener rejects;

    private long bytesCounted;

    /** How many row groups have been opened. */
    private int group;

    private long rowsLeftInGroup;
    private long rowsInGroup;

    /** The row in hand, from 1 through all row groups. */
    private long row;

    private long rowsBeforeNextGroup;

    private DamagedParquetException damage;

    /**
     * Reads the footer.
     *
     * @param bytesCounted how many bytes of the object have been counted as read
     * @throws InputFailedException if the layout is unknown
     * @throws IOException if the footer cannot be read
     */
    ParquetTripReader(
            TripObject object,
            long bytesCounted,
            ZoneId zone,
            TimeRange range,
            InputStatistics statistics,
            RejectListener rejects)
            throws IOException {
        this.file = new ParquetFile(object);
        this.object = object.key();
        this.bytesCounted = bytesCounted;
        this.range = range;
        this.statistics = statistics;
        this.rejects = rejects;
        this.ids = new TripIds(this.object);
        List<SchemaElement> schema = topLevel(file.metaData().getSchema());
        this.layout = TripLayout.of(schema.stream().map(SchemaElement::getName).toList(), this.object);
        Column[] held = layout.columns();
        for (int i = 0; i < held.length; i++) {
            if (held[i] != Column.OTHER) {
                columns.put(held[i], column(schema.get(i), held[i], zone));
                names.put(held[i], schema.get(i).getName());
            }
        }
        this.dropoff = columns.get(Column.DROPOFF_TIME);
    }

    @Override
    public TripEvent next() throws IOException {
        while (true) {
            if (rowsLeftInGroup == 0 && !openGroup()) {
                if (damage != null) {
                    throw damage;
                }
                return null;
            }
            try {
                while (rowsLeftInGroup > 0) {
                    TripEvent trip = readRow();
                    rowsLeftInGroup--;
                    if (trip != null) {
                        return trip;
                    }
                }
            } catch (InputFailedException e) {
                throw e;
            } catch (RuntimeException e) {
                leaveGroup(e);
            }
        }
    }

    @Override
    public void close() {
        // nothing is kept open between two ranges
    }

    /** Opens the next row group with a row of interest; {@code false} if there is none. */
    private boolean openGroup() {
        List<RowGroup> groups = file.metaData().getRow_groups();
        countBytes(groups.isEmpty() ? 1 : (double) group / groups.size());
        while (group < groups.size()) {
            RowGroup next = groups.get(group++);
            rowsInGroup = next.getNum_rows();
            rowsLeftInGroup = rowsInGroup;
            row = rowsBeforeNextGroup;
            rowsBeforeNextGroup += rowsInGroup;
            try {
                Map<Column, ColumnMetaData> chunks = chunks(next);
                if (isOutsideRange(chunks.get(Column.DROPOFF_TIME))) {
                    statistics.countSkipped(rowsInGroup);
                    rowsLeftInGroup = 0;
                } else {
                    chunks.forEach((column, chunk) -> columns.get(column).open(file, chunk));
                }
            } catch (InputFailedException e) {
                throw e;
            } catch (RuntimeException e) {
                leaveGroup(e);
            }
            if (rowsLeftInGroup > 0) {
                return true;
            }
            countBytes((double) group / groups.size());
        }
        return false;
    }

    /** Where the columns lie in a row group. */
    private Map<Column, ColumnMetaData> chunks(RowGroup rowGroup) {
        var chunks = new EnumMap<Column, ColumnMetaData>(Column.class);
        for (ColumnChunk chunk : rowGroup.getColumns()) {
            ColumnMetaData metaData = chunk.getMeta_data();
            if (metaData != null) {
                names.forEach((column, name) -> {
                    if (metaData.getPath_in_schema().equals(List.of(name))) {
                        chunks.put(column, metaData);
                    }
                });
            }
        }
        for (Column column : names.keySet()) {
            ColumnMetaData chunk = chunks.get(column);
            if (chunk == null || chunk.getNum_values() != rowGroup.getNum_rows()) {
                throw new UncheckedIOException(
                        new IOException("column " + names.get(column) + " has not the rows that it should"));
            }
        }
        return chunks;
    }

    /** Whether the statistics of the drop-off column say that nothing of it lies in the range. */
    private boolean isOutsideRange(ColumnMetaData chunk) {
        var known = chunk.getStatistics();
        boolean stored = known != null
                && known.isSetNull_count()
                && known.getNull_count() == 0
                && known.isSetMin_value()
                && known.isSetMax_value()
                && known.getMin_value().length == Long.BYTES
                && known.getMax_value().length == Long.BYTES
                && chunk.getType() == org.apache.parquet.format.Type.INT64;
        if (range.isAll() || !stored) {
            return false;
        }
        try {
            // An hour either way, because wall-clock time can go back by that while event time goes on.
            long hourMillis = 3_600_000;
            return range.isDisjointFrom(
                    dropoff.toMillis(littleEndian(known.getMin_value())) - hourMillis,
                    dropoff.toMillis(littleEndian(known.getMax_value())) + hourMillis);
        } catch (DateTimeException e) {
            // Told with the row that has it.
            return false;
        }
    }

    private static long littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    /** Takes note that the rest of the row group cannot be read, and of the first that cannot. */
    private void leaveGroup(RuntimeException e) {
        Throwable cause = e instanceof UncheckedIOException ? e.getCause() : e;
        String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        if (damage == null) {
            RowGroup damaged = file.metaData().getRow_groups().get(group - 1);
            damage = new DamagedParquetException(
                    "row group " + group + " of "
                            + file.metaData().getRow_groups().size() + ", from byte " + damaged.getFile_offset()
                            + " of "
                            + file.sizeBytes() + " on, cannot be read to its end, its last " + rowsLeftInGroup + " of "
                            + rowsInGroup + " rows are left out: " + why,
                    cause);
        } else {
            damage.addSuppressed(cause);
        }
        rowsLeftInGroup = 0;
    }

    /** The trip of the next row, or {@code null} if it is not one, or none of interest. */
    private TripEvent readRow() {
        row++;
        for (ParquetColumn column : columns.values()) {
            column.next();
        }
        if (!range.isAll() && !dropoff.isNull() && isOutsideRange(dropoff)) {
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
            long tripId = isGiven(Column.TRIP_ID) ? columns.get(Column.TRIP_ID).integer() : ids.id(row);
            return new TripEvent(
                    tripId, pickupMillis, dropoffMillis, pickupLat, pickupLon, dropoffLat, dropoffLon, totalAmount);
        } catch (RejectedValueException e) {
            rejects.rejected(object, row, e.reason, e.getMessage());
            return null;
        }
    }

    private boolean isOutsideRange(ParquetColumn time) {
        try {
            return !range.contains(time.timeMillis());
        } catch (DateTimeException e) {
            // Told when the row is read in full.
            return false;
        }
    }

    private boolean isGiven(Column column) {
        ParquetColumn values = columns.get(column);
        return values != null && !values.isNull();
    }

    private ParquetColumn required(Column column) {
        if (!isGiven(column)) {
            throw new RejectedValueException(RejectReason.MISSING_FIELD, layout.nameOf(column) + " is empty");
        }
        return columns.get(column);
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

    private double number(Column column) {
        double value = columns.get(column).number();
        if (!Double.isFinite(value)) {
            throw rejected(RejectReason.INVALID_NUMBER, column, "a number");
        }
        return value;
    }

    private int zone(Column column) {
        long zone = required(column).integer();
        if (zone != (int) zone || !zones.contains((int) zone)) {
            throw rejected(TaxiZones.reasonOffTheMap(zone), column, TaxiZones.ACCEPTED);
        }
        return (int) zone;
    }

    private RejectedValueException rejected(RejectReason reason, Column column, String accepted) {
        return new RejectedValueException(
                reason, layout.nameOf(column) + " is '" + columns.get(column).shown() + "'; it must be " + accepted);
    }

    /** Counts bytes as read, for progress: whether they were needed or not. */
    private void countBytes(double share) {
        long bytes = (long) (file.sizeBytes() * share);
        if (bytes > bytesCounted) {
            statistics.countBytesRead(bytes - bytesCounted);
            bytesCounted = bytes;
        }
    }

    private ParquetColumn column(SchemaElement schema, Column column, ZoneId zone) {
        boolean time = column == Column.PICKUP_TIME || column == Column.DROPOFF_TIME;
        String accepted = time ? "a timestamp or a text" : "a number";
        try {
            var values = new ParquetColumn(schema, zone);
            if (time ? values.holdsTimes() : values.holdsNumbers()) {
                return values;
            }
        } catch (IllegalArgumentException e) {
            throw unusable(schema, e.getMessage(), accepted);
        }
        throw unusable(schema, "is of type " + schema.getType(), accepted);
    }

    private InputFailedException unusable(SchemaElement schema, String what, String accepted) {
        return new InputFailedException(object + " has an unknown layout: column " + schema.getName() + " " + what
                + "; it must be " + accepted);
    }

    /** The columns that are not part of another. */
    private static List<SchemaElement> topLevel(List<SchemaElement> schema) {
        List<SchemaElement> columns = new ArrayList<>();
        int at = 1;
        while (at < schema.size()) {
            SchemaElement element = schema.get(at);
            if (element.isSetType()) {
                columns.add(element);
                at++;
            } else {
                at = endOfGroup(schema, at);
            }
        }
        return columns;
    }

    private static int endOfGroup(List<SchemaElement> schema, int start) {
        int end = start + 1;
        int elementsLeft = schema.get(start).getNum_children();
        while (elementsLeft > 0 && end < schema.size()) {
            elementsLeft += schema.get(end).getNum_children() - 1;
            end++;
        }
        return end;
    }

    /** A value that makes a row no trip. */
    private static final class RejectedValueException extends RuntimeException {

        private final RejectReason reason;

        RejectedValueException(RejectReason reason, String message) {
            super(message, null, false, false);
            this.reason = reason;
        }
    }
}
