package io.taxistream.producer.trips;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.ZoneId;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReaderImpl;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.TimeUnit;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type.Repetition;

/**
 * A column of a Parquet file, read row by row: {@link #open} with each row group, then {@link #next} for each row, and
 * whichever value is wanted. What cannot be read ends in a runtime exception.
 */
final class ParquetColumn {

    /** Nobody converts whole records here. */
    private static final PrimitiveConverter NO_CONVERTER = new PrimitiveConverter() {};

    private final ColumnDescriptor descriptor;
    private final WallClockTimes times;
    private final boolean wallClock;
    private final long unitsASecond;

    private ColumnReader reader;
    private boolean atFirstRow;

    /**
     * @param schema of the column itself
     * @param zone the zone of times that bring none
     * @throws IllegalArgumentException if it is of a type that no trip needs; the message names it
     */
    ParquetColumn(SchemaElement schema, ZoneId zone) {
        PrimitiveTypeName type = switch (schema.getType()) {
            case INT32 -> PrimitiveTypeName.INT32;
            case INT64 -> PrimitiveTypeName.INT64;
            case FLOAT -> PrimitiveTypeName.FLOAT;
            case DOUBLE -> PrimitiveTypeName.DOUBLE;
            case BYTE_ARRAY -> PrimitiveTypeName.BINARY;
            default -> throw new IllegalArgumentException("is of type " + schema.getType());
        };
        if (schema.getRepetition_type() == FieldRepetitionType.REPEATED) {
            throw new IllegalArgumentException("is a list");
        }
        boolean nullable = schema.getRepetition_type() == FieldRepetitionType.OPTIONAL;
        var primitive = new PrimitiveType(nullable ? Repetition.OPTIONAL : Repetition.REQUIRED, type, schema.getName());
        this.descriptor = new ColumnDescriptor(new String[] {schema.getName()}, primitive, 0, nullable ? 1 : 0);
        this.times = new WallClockTimes(zone);
        this.unitsASecond = unitsASecond(schema);
        // Without the newer annotation a timestamp is an instant.
        this.wallClock = schema.isSetLogicalType()
                && schema.getLogicalType().isSetTIMESTAMP()
                && !schema.getLogicalType().getTIMESTAMP().isIsAdjustedToUTC();
    }

    /** Whether its values are timestamps or texts. */
    boolean holdsTimes() {
        return unitsASecond > 0 || isText();
    }

    /** Whether its values are numbers. */
    boolean holdsNumbers() {
        return unitsASecond == 0 && !isText();
    }

    /** Goes before the first row of a row group. */
    void open(ParquetFile file, ColumnMetaData column) {
        reader = new ColumnReaderImpl(descriptor, new ParquetPages(file, column), NO_CONVERTER, null);
        atFirstRow = true;
    }

    /** Goes to the next row; whatever was not read of the one before is skipped. */
    void next() {
        if (atFirstRow) {
            atFirstRow = false;
            return;
        }
        if (!isNull()) {
            reader.skip();
        }
        reader.consume();
    }

    boolean isNull() {
        return reader.getCurrentDefinitionLevel() < descriptor.getMaxDefinitionLevel();
    }

    /**
     * A time, milliseconds since the epoch.
     *
     * @throws DateTimeException if the value is not a time of the years 0 to 9999
     */
    long timeMillis() {
        if (isText()) {
            char[] text = text().strip().toCharArray();
            return times.parseMillis(text, 0, text.length);
        }
        return toMillis(reader.getLong());
    }

    /** The milliseconds since the epoch that a value of the column stands for, as it is stored. */
    long toMillis(long stored) {
        // Parts of a millisecond are cut off.
        long millis = unitsASecond == 1_000 ? stored : Math.floorDiv(stored, unitsASecond / 1_000);
        return wallClock ? times.toInstantMillis(millis) : WallClockTimes.checked(millis);
    }

    double number() {
        return switch (descriptor.getPrimitiveType().getPrimitiveTypeName()) {
            case INT32 -> reader.getInteger();
            case INT64 -> reader.getLong();
            case FLOAT -> reader.getFloat();
            default -> reader.getDouble();
        };
    }

    /** A whole number; numbers with a fraction or beyond 64 bits become the nearest one. */
    long integer() {
        return switch (descriptor.getPrimitiveType().getPrimitiveTypeName()) {
            case INT32 -> reader.getInteger();
            case INT64 -> reader.getLong();
            default -> Math.round(number());
        };
    }

    /** The value as a person would write it. */
    String shown() {
        if (isNull()) {
            return "";
        }
        if (isText()) {
            return text();
        }
        double number = number();
        return number == Math.rint(number) && Math.abs(number) < 1e15
                ? Long.toString((long) number)
                : Double.toString(number);
    }

    private boolean isText() {
        return descriptor.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY;
    }

    private String text() {
        return new String(reader.getBinary().getBytes(), StandardCharsets.ISO_8859_1);
    }

    private static long unitsASecond(SchemaElement schema) {
        if (schema.isSetLogicalType() && schema.getLogicalType().isSetTIMESTAMP()) {
            TimeUnit unit = schema.getLogicalType().getTIMESTAMP().getUnit();
            return unit.isSetMILLIS() ? 1_000 : unit.isSetMICROS() ? 1_000_000 : 1_000_000_000;
        }
        if (schema.isSetConverted_type()) {
            return switch (schema.getConverted_type()) {
                case TIMESTAMP_MILLIS -> 1_000;
                case TIMESTAMP_MICROS -> 1_000_000;
                default -> 0;
            };
        }
        return 0;
    }
}
