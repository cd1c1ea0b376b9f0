package io.taxistream.producer.parquet;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonGenerator;
import io.taxistream.producer.parquet.ParquetValues.Use;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.ZoneId;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReaderImpl;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Type;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type.Repetition;
import org.jspecify.annotations.Nullable;

/**
 * A column of a Parquet file, read row by row: call {@link #open} for each row group, then {@link #next} for each row
 * and one of the value methods. Data that cannot be read causes a runtime exception.
 */
public final class ParquetColumn {

    /** Required by the library; no whole records are converted. */
    private static final PrimitiveConverter NO_CONVERTER = new PrimitiveConverter() {};

    private final ColumnDescriptor descriptor;
    private final Type stored;
    private final ParquetValues values;

    private @Nullable ColumnReader reader;
    private boolean atFirstRow;

    private ParquetColumn(SchemaElement schema, ParquetValues values) {
        this.stored = schema.getType();
        this.values = values;
        boolean nullable = schema.getRepetition_type() == FieldRepetitionType.OPTIONAL;
        var type = new PrimitiveType(
                nullable ? Repetition.OPTIONAL : Repetition.REQUIRED,
                physical(stored),
                schema.getType_length(),
                schema.getName());
        this.descriptor = new ColumnDescriptor(new String[] {schema.getName()}, type, 0, nullable ? 1 : 0);
    }

    /**
     * Creates a column for a use.
     *
     * @param schema schema of the column
     * @param use purpose of the values
     * @param zone time zone of timestamps without an offset
     * @throws IllegalArgumentException if the column's type does not suit the use; the message lists the accepted types
     */
    public static ParquetColumn of(SchemaElement schema, Use use, ZoneId zone) {
        if (!isPlain(schema)) {
            throw new IllegalArgumentException(
                    "is not supported, because it holds several values; write one value per row");
        }
        ParquetValues values = ParquetValues.of(schema, zone);
        if (!values.uses().contains(use)) {
            throw new IllegalArgumentException("is not supported; " + advice(schema.getType(), use));
        }
        return new ParquetColumn(schema, values);
    }

    /**
     * Creates a column whose values are written as JSON, whatever their meaning.
     *
     * @param zone time zone of timestamps without an offset
     * @return the column, or {@code null} if it has no scalar values
     */
    public static @Nullable ParquetColumn ofAnyType(SchemaElement schema, ZoneId zone) {
        if (!isPlain(schema)) {
            return null;
        }
        ParquetValues values = ParquetValues.of(schema, zone);
        return values.isWritten() ? new ParquetColumn(schema, values) : null;
    }

    private static boolean isPlain(SchemaElement schema) {
        return schema.isSetType() && schema.getRepetition_type() != FieldRepetitionType.REPEATED;
    }

    public String name() {
        return descriptor.getPath()[0];
    }

    /** Returns whether values are stored as a physical type. */
    public boolean isStoredAs(Type type) {
        return type == stored;
    }

    /** Returns whether values are timestamps stored as 64-bit integers. */
    boolean isTimestamp() {
        return values instanceof ParquetValues.Timestamp;
    }

    /** Moves before the first row of a row group. */
    public void open(ParquetFile file, ColumnMetaData column) {
        reader = new ColumnReaderImpl(descriptor, new ParquetPages(file, column), NO_CONVERTER, null);
        atFirstRow = true;
    }

    /** Moves to the next row, skipping the value of the current one if it was not read. */
    public void next() {
        if (atFirstRow) {
            atFirstRow = false;
            return;
        }
        if (!isNull()) {
            reader().skip();
        }
        reader().consume();
    }

    /** Returns whether the value is null or equivalent to null: blank text or NaN. */
    public boolean isEmpty() {
        return isNull() || values.isBlank(reader());
    }

    /**
     * Returns a time in milliseconds since the epoch.
     *
     * @throws DateTimeException if the value is not a time in the years 0 to 9999
     */
    public long timeMillis() {
        return values.timeMillis(reader());
    }

    /** Converts a stored value of a timestamp column to milliseconds since the epoch. */
    public long toMillis(long stored) {
        return values.toMillis(stored);
    }

    /**
     * Returns a number, which may be infinite.
     *
     * @throws NumberFormatException if the value is not a number
     */
    public double number() {
        return values.number(reader());
    }

    /**
     * Returns an id: the value if it is a 64-bit integer, otherwise a hash of it.
     *
     * @throws NumberFormatException if the value cannot distinguish trips
     */
    public long id() {
        return values.id(reader());
    }

    /** Returns the value as text for the user. */
    public String shown() {
        return values.shown(reader());
    }

    /** Writes the value as JSON, in the JSON type closest to that of the column. */
    public void write(JsonGenerator out) throws IOException {
        if (isNull()) {
            out.writeNull();
        } else {
            values.write(reader(), out);
        }
    }

    private static String advice(Type stored, Use use) {
        return stored == Type.INT96
                ? "write timestamps as TIMESTAMP_MICROS (in Spark with"
                        + " spark.sql.parquet.outputTimestampType=TIMESTAMP_MICROS)"
                : use.accepted() + "; convert the column and rewrite the file";
    }

    private static PrimitiveTypeName physical(Type stored) {
        return switch (stored) {
            case BOOLEAN -> PrimitiveTypeName.BOOLEAN;
            case INT32 -> PrimitiveTypeName.INT32;
            case INT64 -> PrimitiveTypeName.INT64;
            case INT96 -> PrimitiveTypeName.INT96;
            case FLOAT -> PrimitiveTypeName.FLOAT;
            case DOUBLE -> PrimitiveTypeName.DOUBLE;
            case BYTE_ARRAY -> PrimitiveTypeName.BINARY;
            case FIXED_LEN_BYTE_ARRAY -> PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY;
        };
    }

    private ColumnReader reader() {
        return requireNonNull(reader, "a row group is opened before its rows are read");
    }

    private boolean isNull() {
        return reader().getCurrentDefinitionLevel() < descriptor.getMaxDefinitionLevel();
    }
}
