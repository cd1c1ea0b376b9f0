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
import io.taxistream.producer.parquet.DamagedParquetException;
import io.taxistream.producer.parquet.ParquetColumn;
import io.taxistream.producer.parquet.ParquetFile;
import io.taxistream.producer.parquet.ParquetPages;
import io.taxistream.producer.parquet.ParquetTypes;
import io.taxistream.producer.parquet.ParquetValues.Use;
import io.taxistream.producer.trips.TripLayout.Column;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Type;
import org.jspecify.annotations.Nullable;

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
    private final ParquetColumn dropoff;
    private final TimeRange range;
    private final long clockShiftMillis;
    private final TaxiZones zones = TaxiZones.instance();
    private final RecordIds ids;
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

    private @Nullable DamagedParquetException damage;

    /**
     * Reads the footer.
     *
     * @param bytesCounted how many bytes of the object have been counted as read
     * @throws InputFailedException if the layout is unknown, or a column that a trip needs is of a type, compressed or
     *     encrypted in a way that is not read
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
        this.file = new ParquetFile(object);
        this.object = object.key();
        this.bytesCounted = bytesCounted;
        this.range = range;
        this.clockShiftMillis = greatestClockShift(zone).toMillis();
        this.statistics = statistics;
        this.rejects = rejects;
        this.ids = new RecordIds(this.object);
        List<SchemaElement> schema = topLevel(file.metaData().getSchema());
        this.layout = TripLayout.of(schema.stream().map(SchemaElement::getName).toList(), this.object);
        Column[] held = layout.columns();
        for (int i = 0; i < held.length; i++) {
            if (held[i] != Column.OTHER) {
                columns.put(held[i], column(schema.get(i), held[i], zone));
            }
        }
        file.metaData().getRow_groups().forEach(this::requireReadable);
        this.dropoff = values(Column.DROPOFF_TIME);
    }

    @Override
    public @Nullable TripEvent next() throws IOException {
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
                Map<Column, ColumnMetaData> chunks = columnMetaData(next);
                if (rowsInGroup > 0
                        && isOutsideRange(
                                requireNonNull(chunks.get(Column.DROPOFF_TIME), "every layout has drop-off times"))) {
                    statistics.countSkipped(rowsInGroup);
                    rowsLeftInGroup = 0;
                } else if (rowsInGroup > 0) {
                    chunks.forEach((column, chunk) -> values(column).open(file, chunk));
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

    /** Refuses a row group with a needed column that is stored in a way that is not read. */
    private void requireReadable(RowGroup rowGroup) {
        Map<Column, ColumnChunk> chunks = chunks(rowGroup);
        columns.forEach((column, values) -> {
            ColumnChunk chunk = chunks.get(column);
            if (chunk == null ? file.metaData().isSetEncryption_algorithm() : chunk.isSetCrypto_metadata()) {
                throw new InputFailedException(object + ": column " + values.name()
                        + " is encrypted, which is not read; write the file again without encryption");
            }
            if (chunk != null && chunk.isSetFile_path()) {
                throw new InputFailedException(object + ": column " + values.name() + " is in another file, "
                        + chunk.getFile_path() + ", as in the _metadata file of a data set; leave this file out");
            }
            if (chunk != null && !ParquetPages.isRead(chunk.getMeta_data().getCodec())) {
                throw new InputFailedException(object + ": column " + values.name() + " is compressed with "
                        + chunk.getMeta_data().getCodec() + ", which is not read; write the file again with "
                        + ParquetPages.CODECS);
            }
        });
    }

    /** Where the columns are in a row group, as far as it says so. */
    private Map<Column, ColumnChunk> chunks(RowGroup rowGroup) {
        var chunks = new EnumMap<Column, ColumnChunk>(Column.class);
        for (ColumnChunk chunk : rowGroup.getColumns()) {
            if (chunk.isSetMeta_data()) {
                List<String> path = chunk.getMeta_data().getPath_in_schema();
                columns.forEach((column, values) -> {
                    if (path.equals(List.of(values.name()))) {
                        chunks.put(column, chunk);
                    }
                });
            }
        }
        return chunks;
    }

    /** Where all columns are in a row group. */
    private Map<Column, ColumnMetaData> columnMetaData(RowGroup rowGroup) {
        Map<Column, ColumnChunk> chunks = chunks(rowGroup);
        var metaData = new EnumMap<Column, ColumnMetaData>(Column.class);
        columns.forEach((column, values) -> {
            ColumnChunk chunk = chunks.get(column);
            if (chunk == null
                    || chunk.getMeta_data().getNum_values() != rowGroup.getNum_rows()
                    || !values.isStoredAs(chunk.getMeta_data().getType())) {
                throw new UncheckedIOException(new IOException(
                        "column " + values.name() + " does not have the rows or the type that it should"));
            }
            metaData.put(column, chunk.getMeta_data());
        });
        return metaData;
    }

    /** Whether the statistics of the drop-off column say that nothing of it is in the range. */
    private boolean isOutsideRange(ColumnMetaData chunk) {
        var known = chunk.getStatistics();
        // Without column orders it is not defined how the writer compared values, and never for the older min and max.
        boolean stored = known != null
                && file.metaData().isSetColumn_orders()
                && known.isSetNull_count()
                && known.getNull_count() == 0
                && known.isSetMin_value()
                && known.isSetMax_value()
                && known.getMin_value().length == Long.BYTES
                && known.getMax_value().length == Long.BYTES
                && chunk.getType() == Type.INT64;
        if (range.isAll() || !stored) {
            return false;
        }
        long min = littleEndian(known.getMin_value());
        long max = littleEndian(known.getMax_value());
        try {
            // Where clocks change, wall-clock time can go back while event time goes on, and the reverse.
            return min <= max
                    && range.isDisjointFrom(
                            dropoff.toMillis(min) - clockShiftMillis, dropoff.toMillis(max) + clockShiftMillis);
        } catch (DateTimeException e) {
            // Told with the row that has it.
            return false;
        }
    }

    /** The most by which the clocks of a time zone were ever changed. */
    private static Duration greatestClockShift(ZoneId zone) {
        return zone.getRules().getTransitions().stream()
                .map(transition -> transition.getDuration().abs())
                .reduce(Duration.ofHours(1), (one, other) -> one.compareTo(other) >= 0 ? one : other);
    }

    private static long littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    /** Takes note that the rest of the row group cannot be read, and of the first that cannot. */
    private void leaveGroup(RuntimeException e) {
        Throwable cause = e instanceof UncheckedIOException ? requireNonNull(e.getCause(), "never without a cause") : e;
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
    private @Nullable TripEvent readRow() {
        row++;
        for (ParquetColumn column : columns.values()) {
            column.next();
        }
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
            double totalAmount = isGiven(Column.TOTAL_AMOUNT) ? amount() : 0;
            long tripId = isGiven(Column.TRIP_ID) ? tripId() : ids.id(row);
            return new TripEvent(
                    tripId, pickupMillis, dropoffMillis, pickupLat, pickupLon, dropoffLat, dropoffLon, totalAmount);
        } catch (RejectedValueException e) {
            rejects.rejected(object, row, e.reason, String.valueOf(e.getMessage()));
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
        return values != null && !values.isEmpty();
    }

    /** A column that the file has. */
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
        double value = number(column);
        if (!Double.isFinite(value)) {
            throw rejected(RejectReason.INVALID_NUMBER, column, "a number");
        }
        return value;
    }

    /** An amount; an infinite one counts as 0, like NaN. */
    private double amount() {
        double value = number(Column.TOTAL_AMOUNT);
        return Double.isFinite(value) ? value : 0;
    }

    private double number(Column column) {
        try {
            return values(column).number();
        } catch (NumberFormatException e) {
            throw rejected(RejectReason.INVALID_NUMBER, column, "a number");
        }
    }

    private int zone(Column column) {
        int zone = wholeNumber(required(column));
        if (!zones.contains(zone)) {
            throw rejected(TaxiZones.reasonOffTheMap(zone), column, TaxiZones.ACCEPTED);
        }
        return zone;
    }

    /** A whole number, whatever type it is stored as; -1 if it is not one. */
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
            throw rejected(RejectReason.INVALID_NUMBER, Column.TRIP_ID, "a whole number that its type holds exactly");
        }
    }

    private RejectedValueException rejected(RejectReason reason, Column column, String accepted) {
        return new RejectedValueException(
                reason, layout.nameOf(column) + " is '" + values(column).shown() + "'; it must be " + accepted);
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
        Use use = switch (column) {
            case PICKUP_TIME, DROPOFF_TIME -> Use.TIME;
            case TRIP_ID -> Use.ID;
            default -> Use.NUMBER;
        };
        try {
            return new ParquetColumn(schema, use, zone);
        } catch (IllegalArgumentException e) {
            throw new InputFailedException(object + ": column " + schema.getName() + " of type "
                    + ParquetTypes.shown(schema) + " " + e.getMessage());
        }
    }

    /** The top-level columns; a group is one column, whatever is in it. */
    private static List<SchemaElement> topLevel(List<SchemaElement> schema) {
        List<SchemaElement> columns = new ArrayList<>();
        int at = 1;
        while (at < schema.size()) {
            columns.add(schema.get(at));
            at = schema.get(at).isSetType() ? at + 1 : endOfGroup(schema, at);
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
