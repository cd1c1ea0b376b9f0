package io.taxistream.producer.parquet;

import static java.util.Objects.requireNonNull;

import io.taxistream.producer.input.DamagedParquetException;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.InputObject;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.input.TimeRange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Type;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a Parquet file, read from the selected columns of each row group, page by page.
 *
 * <p>A row group whose times are all outside the time range is skipped unread. A damaged row group is read up to the
 * damage; reading continues with the next one.
 */
public final class ParquetRows {

    /**
     * Converts a row, whose values are the current values of the columns.
     *
     * @param <E> type of the result
     */
    public interface RowReader<E> {

        /** Returns the converted row, or {@code null} to leave it out. */
        @Nullable
        E read();
    }

    private final ParquetFile file;
    private final String object;
    private final InputStatistics statistics;

    private List<ParquetColumn> columns = List.of();
    private @Nullable ParquetColumn time;
    private TimeRange range = TimeRange.ALL;
    private long clockShiftMillis;

    private long bytesCounted;

    /** Number of row groups opened. */
    private int group;

    private long rowsLeftInGroup;
    private long rowsInGroup;

    /** Current row, from 1 across all row groups. */
    private long row;

    private long rowsBeforeNextGroup;

    private @Nullable DamagedParquetException damage;

    /**
     * Reads the footer.
     *
     * @param bytesCounted number of bytes of the object already counted as read
     * @throws IOException if the footer cannot be read
     */
    public ParquetRows(InputObject object, long bytesCounted, InputStatistics statistics) throws IOException {
        this.file = new ParquetFile(object);
        this.object = object.key();
        this.bytesCounted = bytesCounted;
        this.statistics = statistics;
    }

    /** Returns the top-level columns; a group is one column, whatever its content. */
    public List<SchemaElement> schema() {
        List<SchemaElement> schema = file.metaData().getSchema();
        List<SchemaElement> topLevel = new ArrayList<>();
        int at = 1;
        while (at < schema.size()) {
            topLevel.add(schema.get(at));
            at = schema.get(at).isSetType() ? at + 1 : endOfGroup(schema, at);
        }
        return topLevel;
    }

    /**
     * Selects the columns to read; called before the first row.
     *
     * @param wantedColumns columns to read
     * @param timeColumn column of the event time, one of the above
     * @param times event times of interest
     * @param zone time zone of timestamps without an offset
     * @throws InputFailedException if the compression or encryption of a column is not supported
     */
    public void select(List<ParquetColumn> wantedColumns, ParquetColumn timeColumn, TimeRange times, ZoneId zone) {
        columns = List.copyOf(wantedColumns);
        time = timeColumn;
        range = times;
        clockShiftMillis = maxClockShift(zone).toMillis();
        file.metaData().getRow_groups().forEach(this::requireReadable);
    }

    /**
     * Returns the next row that the reader does not leave out, or {@code null} after the last.
     *
     * @throws DamagedParquetException at the end, if some rows could not be read
     */
    public <E> @Nullable E next(RowReader<E> reader) throws IOException {
        while (true) {
            if (rowsLeftInGroup == 0 && !openGroup()) {
                if (damage != null) {
                    throw damage;
                }
                return null;
            }
            try {
                while (rowsLeftInGroup > 0) {
                    row++;
                    for (ParquetColumn column : columns) {
                        column.next();
                    }
                    E read = reader.read();
                    rowsLeftInGroup--;
                    if (read != null) {
                        return read;
                    }
                }
            } catch (InputFailedException e) {
                throw e;
            } catch (RuntimeException e) {
                leaveGroup(e);
            }
        }
    }

    /** Returns the number of the current row, from 1. */
    public long row() {
        return row;
    }

    /** Opens the next row group that may hold a row of interest; returns {@code false} if there is none. */
    private boolean openGroup() {
        List<RowGroup> groups = file.metaData().getRow_groups();
        countBytes(groups.isEmpty() ? 1 : (double) group / groups.size());
        while (group < groups.size()) {
            RowGroup next = groups.get(group++);
            rowsInGroup = Math.max(0, next.getNum_rows());
            rowsLeftInGroup = rowsInGroup;
            row = rowsBeforeNextGroup;
            rowsBeforeNextGroup += rowsInGroup;
            try {
                requireRowCount(next);
                Map<ParquetColumn, ColumnMetaData> chunks = columnMetaData(next);
                if (rowsInGroup > 0 && isOutsideRange(requireNonNull(chunks.get(time), "the time column is wanted"))) {
                    statistics.countSkipped(rowsInGroup);
                    rowsLeftInGroup = 0;
                } else if (rowsInGroup > 0) {
                    chunks.forEach((column, chunk) -> column.open(file, chunk));
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

    private static void requireRowCount(RowGroup rowGroup) {
        if (rowGroup.getNum_rows() < 0) {
            throw new UncheckedIOException(
                    new IOException("it has an invalid number of rows, " + rowGroup.getNum_rows()));
        }
    }

    /** Rejects a row group if a required column is stored in an unsupported way. */
    private void requireReadable(RowGroup rowGroup) {
        Map<ParquetColumn, ColumnChunk> chunks = chunks(rowGroup);
        for (ParquetColumn column : columns) {
            ColumnChunk chunk = chunks.get(column);
            if (chunk == null ? file.metaData().isSetEncryption_algorithm() : chunk.isSetCrypto_metadata()) {
                throw new InputFailedException(object + ": column " + column.name()
                        + " is encrypted, which is not supported; rewrite the file without encryption");
            }
            if (chunk != null && chunk.isSetFile_path()) {
                throw new InputFailedException(object + ": column " + column.name() + " is in another file, "
                        + chunk.getFile_path() + ", as in the _metadata file of a data set; exclude this file");
            }
            if (chunk != null && !ParquetPages.isRead(chunk.getMeta_data().getCodec())) {
                throw new InputFailedException(object + ": column " + column.name() + " is compressed with "
                        + chunk.getMeta_data().getCodec() + ", which is not supported; rewrite the file with "
                        + ParquetPages.CODECS);
            }
        }
    }

    /** Returns the chunks of a row group that are present in its metadata, by column. */
    private Map<ParquetColumn, ColumnChunk> chunks(RowGroup rowGroup) {
        var chunks = new IdentityHashMap<ParquetColumn, ColumnChunk>();
        for (ColumnChunk chunk : rowGroup.getColumns()) {
            if (chunk.isSetMeta_data()) {
                List<String> path = chunk.getMeta_data().getPath_in_schema();
                for (ParquetColumn column : columns) {
                    if (path.size() == 1 && path.get(0).equals(column.name())) {
                        chunks.put(column, chunk);
                    }
                }
            }
        }
        return chunks;
    }

    /** Returns the metadata of all columns of a row group. */
    private Map<ParquetColumn, ColumnMetaData> columnMetaData(RowGroup rowGroup) {
        Map<ParquetColumn, ColumnChunk> chunks = chunks(rowGroup);
        var metaData = new IdentityHashMap<ParquetColumn, ColumnMetaData>();
        for (ParquetColumn column : columns) {
            ColumnChunk chunk = chunks.get(column);
            if (chunk == null
                    || chunk.getMeta_data().getNum_values() != rowGroup.getNum_rows()
                    || !column.isStoredAs(chunk.getMeta_data().getType())) {
                throw new UncheckedIOException(
                        new IOException("column " + column.name() + " has an unexpected type or number of rows"));
            }
            metaData.put(column, chunk.getMeta_data());
        }
        return metaData;
    }

    /** Returns whether the statistics of the time column exclude the whole row group from the range. */
    private boolean isOutsideRange(ColumnMetaData chunk) {
        ParquetColumn times = requireNonNull(time, "columns are selected first");
        var known = chunk.getStatistics();
        // Without column orders the comparison used by the writer is undefined; that of the older min and max always
        // is.
        boolean stored = known != null
                && times.isTimestamp()
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
            // Where clocks change, wall-clock time can decrease while event time increases, and vice versa.
            return min <= max
                    && range.isDisjointFrom(
                            times.toMillis(min) - clockShiftMillis, times.toMillis(max) + clockShiftMillis);
        } catch (DateTimeException e) {
            // Reported for the row that contains the value.
            return false;
        }
    }

    /** Returns the greatest clock change in the history of a time zone. */
    private static Duration maxClockShift(ZoneId zone) {
        return zone.getRules().getTransitions().stream()
                .map(transition -> transition.getDuration().abs())
                .reduce(Duration.ofHours(1), (one, other) -> one.compareTo(other) >= 0 ? one : other);
    }

    private static long littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    /** Abandons the rest of the row group and remembers the first such failure. */
    private void leaveGroup(RuntimeException e) {
        Throwable cause = e instanceof UncheckedIOException ? requireNonNull(e.getCause(), "never without a cause") : e;
        String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        if (damage == null) {
            RowGroup damaged = file.metaData().getRow_groups().get(group - 1);
            damage = new DamagedParquetException(
                    "row group " + group + " of "
                            + file.metaData().getRow_groups().size() + ", which starts at byte "
                            + damaged.getFile_offset()
                            + " of "
                            + file.sizeBytes() + ", is damaged, its last " + rowsLeftInGroup + " of "
                            + rowsInGroup + " rows are skipped: " + why,
                    cause);
        } else {
            damage.addSuppressed(cause);
        }
        rowsLeftInGroup = 0;
    }

    /** Counts bytes as read, for progress, whether they were needed or not. */
    private void countBytes(double share) {
        long bytes = (long) (file.sizeBytes() * share);
        if (bytes > bytesCounted) {
            statistics.countBytesRead(bytes - bytesCounted);
            bytesCounted = bytes;
        }
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
}
