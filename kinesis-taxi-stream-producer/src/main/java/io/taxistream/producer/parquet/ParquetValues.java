package io.taxistream.producer.parquet;

import com.fasterxml.jackson.core.JsonGenerator;
import io.taxistream.producer.input.RecordIds;
import io.taxistream.producer.text.MissingValues;
import io.taxistream.producer.text.Numbers;
import io.taxistream.producer.text.WallClockTimes;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.format.DecimalType;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.TimeType;
import org.apache.parquet.format.TimeUnit;
import org.apache.parquet.format.TimestampType;
import org.apache.parquet.format.Type;
import org.apache.parquet.io.api.Binary;

/**
 * Reads the values of a column as times, numbers or ids. {@link #of} determines which of these are possible from the
 * column's physical type and annotation.
 *
 * <p>Each method reads the current, non-null value of a column reader. Methods that do not match the {@link #uses} of
 * the column are never called.
 */
public abstract class ParquetValues {

    /** Purpose of a value in a trip. */
    public enum Use {
        TIME("a time must be a TIMESTAMP or text"),
        NUMBER("a number must be an integer, a floating-point number, a DECIMAL or text"),
        ID("an id must be a number, text or a UUID");

        private final String accepted;

        Use(String accepted) {
            this.accepted = accepted;
        }

        /** Returns the accepted column types, for messages. */
        String accepted() {
            return accepted;
        }
    }

    private static final long JULIAN_DAY_OF_EPOCH = 2_440_588;
    private static final long SECONDS_PER_DAY = 86_400;

    private final Set<Use> uses;

    private ParquetValues(Set<Use> uses) {
        this.uses = uses;
    }

    /**
     * Creates the reader for the values of a column.
     *
     * @param zone time zone of timestamps without an offset
     */
    static ParquetValues of(SchemaElement column, ZoneId zone) {
        Type stored = column.getType();
        LogicalType annotation = ParquetTypes.annotation(column);
        if (annotation == null) {
            return switch (stored) {
                case INT32, INT64 -> integer(stored, true);
                case FLOAT -> new Floating(ColumnReader::getFloat, 1L << 24, true);
                case DOUBLE -> new Floating(ColumnReader::getDouble, 1L << 53, false);
                case BYTE_ARRAY -> new Text(zone);
                case BOOLEAN -> new JsonOnly((reader, out) -> out.writeBoolean(reader.getBoolean()));
                case INT96 -> new JsonOnly((reader, out) -> out.writeString(int96(reader.getBinary())));
                case FIXED_LEN_BYTE_ARRAY ->
                    new JsonOnly(
                            (reader, out) -> out.writeBinary(reader.getBinary().getBytes()));
            };
        }
        if (!annotation.isSet()) {
            return new Unsupported();
        }
        return switch (annotation.getSetField()) {
            case INTEGER -> integer(stored, annotation.getINTEGER().isIsSigned());
            case DECIMAL -> decimal(stored, annotation.getDECIMAL());
            case FLOAT16 ->
                isFixed(column, Short.BYTES)
                        ? new Floating(reader -> float16(reader.getBinary()), 1L << 11, true)
                        : new Unsupported();
            case TIMESTAMP ->
                stored == Type.INT64 && annotation.getTIMESTAMP().getUnit().isSet()
                        ? new Timestamp(annotation.getTIMESTAMP(), zone)
                        : new Unsupported();
            case STRING, ENUM -> stored == Type.BYTE_ARRAY ? new Text(zone) : new Unsupported();
            case UUID -> isFixed(column, 2 * Long.BYTES) ? new Uuid() : new Unsupported();
            case UNKNOWN -> new Nulls();
            case DATE ->
                stored == Type.INT32
                        ? new JsonOnly((reader, out) -> out.writeString(
                                LocalDate.ofEpochDay(reader.getInteger()).toString()))
                        : new Unsupported();
            case TIME -> timeOfDay(stored, annotation.getTIME());
            case JSON ->
                stored == Type.BYTE_ARRAY
                        ? new JsonOnly((reader, out) -> writeText(reader.getBinary(), out))
                        : new Unsupported();
            case BSON, GEOMETRY, GEOGRAPHY ->
                stored == Type.BYTE_ARRAY
                        ? new JsonOnly((reader, out) ->
                                out.writeBinary(reader.getBinary().getBytes()))
                        : new Unsupported();
            case LIST, MAP, VARIANT -> new Unsupported();
        };
    }

    private static ParquetValues integer(Type stored, boolean signed) {
        return switch (stored) {
            case INT32 ->
                new Integers(signed ? ColumnReader::getInteger : reader -> Integer.toUnsignedLong(reader.getInteger()));
            case INT64 -> signed ? new Integers(ColumnReader::getLong) : new Unsigned();
            default -> new Unsupported();
        };
    }

    private static ParquetValues decimal(Type stored, DecimalType type) {
        int scale = type.getScale();
        if (scale < 0 || scale > type.getPrecision()) {
            return new Unsupported();
        }
        return switch (stored) {
            case INT32 -> new SmallDecimal(ColumnReader::getInteger, scale);
            case INT64 -> new SmallDecimal(ColumnReader::getLong, scale);
            case BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY -> new Decimal(scale);
            default -> new Unsupported();
        };
    }

    private static ParquetValues timeOfDay(Type stored, TimeType type) {
        if (!type.getUnit().isSet() || (stored != Type.INT32 && stored != Type.INT64)) {
            return new Unsupported();
        }
        long nanosPerUnit = 1_000_000 / unitsPerMilli(type.getUnit());
        ToLongFunction<ColumnReader> value = stored == Type.INT32 ? ColumnReader::getInteger : ColumnReader::getLong;
        return new JsonOnly((reader, out) -> {
            long nanos = value.applyAsLong(reader) * nanosPerUnit;
            out.writeString(LocalTime.ofNanoOfDay(nanos).format(DateTimeFormatter.ISO_LOCAL_TIME));
        });
    }

    private static long unitsPerMilli(TimeUnit unit) {
        return switch (unit.getSetField()) {
            case MILLIS -> 1;
            case MICROS -> 1_000;
            case NANOS -> 1_000_000;
        };
    }

    private static boolean isFixed(SchemaElement column, int length) {
        return column.getType() == Type.FIXED_LEN_BYTE_ARRAY && column.getType_length() == length;
    }

    /** Returns what the values can be read as. */
    final Set<Use> uses() {
        return uses;
    }

    /** Returns whether a non-null value is equivalent to null. */
    boolean isBlank(ColumnReader reader) {
        return false;
    }

    /**
     * Returns a time in milliseconds since the epoch.
     *
     * @throws DateTimeException if the value is not a time in the years 0 to 9999
     */
    long timeMillis(ColumnReader reader) {
        throw new UnsupportedOperationException();
    }

    /** Converts a stored 64-bit value, as found in statistics, to milliseconds since the epoch; for timestamps only. */
    long toMillis(long stored) {
        throw new UnsupportedOperationException();
    }

    /**
     * Returns a number, which may be infinite.
     *
     * @throws NumberFormatException if the value is not a number
     */
    double number(ColumnReader reader) {
        throw new UnsupportedOperationException();
    }

    /**
     * Returns an id: the value if it is a 64-bit integer, otherwise a hash of it.
     *
     * @throws NumberFormatException if the value cannot distinguish trips
     */
    long id(ColumnReader reader) {
        throw new UnsupportedOperationException();
    }

    /** Returns whether the values can be written as JSON. */
    boolean isWritten() {
        return true;
    }

    /** Writes a value as JSON, in the closest JSON type. */
    abstract void write(ColumnReader reader, JsonGenerator out) throws IOException;

    /** Returns the value as text, for messages. */
    abstract String shown(ColumnReader reader);

    /** Signed integers, and unsigned integers of up to 32 bits. */
    private static final class Integers extends ParquetValues {

        private final ToLongFunction<ColumnReader> stored;

        Integers(ToLongFunction<ColumnReader> stored) {
            super(EnumSet.of(Use.NUMBER, Use.ID));
            this.stored = stored;
        }

        @Override
        double number(ColumnReader reader) {
            return stored.applyAsLong(reader);
        }

        @Override
        long id(ColumnReader reader) {
            return stored.applyAsLong(reader);
        }

        @Override
        void write(ColumnReader reader, JsonGenerator out) throws IOException {
            out.writeNumber(stored.applyAsLong(reader));
        }

        @Override
        String shown(ColumnReader reader) {
            return Long.toString(id(reader));
        }
    }

    /** Unsigned 64-bit integers. */
    private static final class Unsigned extends ParquetValues {

        Unsigned() {
            super(EnumSet.of(Use.NUMBER, Use.ID));
        }

        @Override
        double number(ColumnReader reader) {
            long value = reader.getLong();
            return value >= 0 ? value : new BigDecimal(shown(reader)).doubleValue();
        }

        @Override
        long id(ColumnReader reader) {
            return RecordIds.ofText(shown(reader));
        }

        @Override
        void write(ColumnReader reader, JsonGenerator out) throws IOException {
            out.writeNumber(shown(reader));
        }

        @Override
        String shown(ColumnReader reader) {
            return Long.toUnsignedString(reader.getLong());
        }
    }

    private static final class Floating extends ParquetValues {

        private final ToDoubleFunction<ColumnReader> stored;
        private final long wholeNumbers;
        private final boolean single;

        /**
         * @param wholeNumbers limit below which every whole number is represented exactly
         * @param single whether the values have single precision or less
         */
        Floating(ToDoubleFunction<ColumnReader> stored, long wholeNumbers, boolean single) {
            super(EnumSet.of(Use.NUMBER, Use.ID));
            this.stored = stored;
            this.wholeNumbers = wholeNumbers;
            this.single = single;
        }

        /** Treats NaN as null, as pandas and others write it. */
        @Override
        boolean isBlank(ColumnReader reader) {
            return Double.isNaN(number(reader));
        }

        @Override
        double number(ColumnReader reader) {
            return stored.applyAsDouble(reader);
        }

        @Override
        long id(ColumnReader reader) {
            double value = number(reader);
            if (Math.abs(value) >= wholeNumbers) {
                // Several ids may have been rounded to this value.
                throw new NumberFormatException(shown(reader));
            }
            return value == Math.rint(value) ? (long) value : RecordIds.ofText(shown(reader));
        }

        @Override
        void write(ColumnReader reader, JsonGenerator out) throws IOException {
            double value = number(reader);
            if (!Double.isFinite(value)) {
                // JSON has no other representation.
                out.writeNull();
            } else if (single) {
                out.writeNumber((float) value);
            } else {
                out.writeNumber(value);
            }
        }

        @Override
        String shown(ColumnReader reader) {
            double value = number(reader);
            return value == Math.rint(value) && Math.abs(value) < 1e15
                    ? Long.toString((long) value)
                    : Double.toString(value);
        }
    }

    /** Decimals stored as integers. */
    private static final class SmallDecimal extends ParquetValues {

        /** Largest unscaled value that a double represents exactly; one division then rounds correctly. */
        private static final long MAX_EXACT = 1L << 53;

        private final ToLongFunction<ColumnReader> stored;
        private final int scale;
        private final double divisor;

        SmallDecimal(ToLongFunction<ColumnReader> stored, int scale) {
            super(EnumSet.of(Use.NUMBER, Use.ID));
            this.stored = stored;
            this.scale = scale;
            this.divisor = Math.pow(10, scale);
        }

        @Override
        double number(ColumnReader reader) {
            long unscaled = stored.applyAsLong(reader);
            return Math.abs(unscaled) <= MAX_EXACT
                    ? unscaled / divisor
                    : BigDecimal.valueOf(unscaled, scale).doubleValue();
        }

        @Override
        long id(ColumnReader reader) {
            return RecordIds.ofText(shown(reader));
        }

        @Override
        void write(ColumnReader reader, JsonGenerator out) throws IOException {
            out.writeNumber(
                    BigDecimal.valueOf(stored.applyAsLong(reader), scale).toPlainString());
        }

        @Override
        String shown(ColumnReader reader) {
            return plain(BigDecimal.valueOf(stored.applyAsLong(reader), scale));
        }
    }

    /** Decimals stored as bytes. */
    private static final class Decimal extends ParquetValues {

        private final int scale;

        Decimal(int scale) {
            super(EnumSet.of(Use.NUMBER, Use.ID));
            this.scale = scale;
        }

        @Override
        double number(ColumnReader reader) {
            return value(reader).doubleValue();
        }

        @Override
        long id(ColumnReader reader) {
            return RecordIds.ofText(plain(value(reader)));
        }

        @Override
        void write(ColumnReader reader, JsonGenerator out) throws IOException {
            out.writeNumber(value(reader).toPlainString());
        }

        @Override
        String shown(ColumnReader reader) {
            return reader.getBinary().length() == 0 ? "" : plain(value(reader));
        }

        private BigDecimal value(ColumnReader reader) {
            return new BigDecimal(new BigInteger(reader.getBinary().getBytes()), scale);
        }
    }

    /** Text, parsed like the fields of a CSV file. */
    private static final class Text extends ParquetValues {

        private final WallClockTimes times;

        /** Current text without surrounding white space, one character per byte. */
        private char[] text = new char[64];

        private int length;

        Text(ZoneId zone) {
            super(EnumSet.allOf(Use.class));
            this.times = new WallClockTimes(zone);
        }

        @Override
        boolean isBlank(ColumnReader reader) {
            load(reader);
            return MissingValues.isMissing(text, 0, length);
        }

        @Override
        long timeMillis(ColumnReader reader) {
            load(reader);
            return times.parseMillis(text, 0, length);
        }

        @Override
        double number(ColumnReader reader) {
            load(reader);
            double number = Numbers.parse(text, 0, length, false, true);
            if (Double.isNaN(number)) {
                throw new NumberFormatException(new String(text, 0, length));
            }
            return number;
        }

        @Override
        long id(ColumnReader reader) {
            return RecordIds.ofText(shown(reader));
        }

        @Override
        void write(ColumnReader reader, JsonGenerator out) throws IOException {
            writeText(reader.getBinary(), out);
        }

        @Override
        String shown(ColumnReader reader) {
            return new String(reader.getBinary().getBytes(), StandardCharsets.UTF_8).strip();
        }

        private void load(ColumnReader reader) {
            ByteBuffer bytes = reader.getBinary().toByteBuffer();
            int from = bytes.position();
            int to = bytes.limit();
            while (from < to && isPadding(bytes.get(from))) {
                from++;
            }
            while (to > from && isPadding(bytes.get(to - 1))) {
                to--;
            }
            length = to - from;
            if (length > text.length) {
                text = new char[length];
            }
            for (int i = 0; i < length; i++) {
                text[i] = (char) (bytes.get(from + i) & 0xff);
            }
        }

        private static boolean isPadding(byte b) {
            return b >= 0 && b <= ' ';
        }
    }

    static final class Timestamp extends ParquetValues {

        private final WallClockTimes times;
        private final boolean wallClock;
        private final long unitsPerMilli;

        Timestamp(TimestampType type, ZoneId zone) {
            super(EnumSet.of(Use.TIME));
            this.times = new WallClockTimes(zone);
            this.wallClock = !type.isIsAdjustedToUTC();
            this.unitsPerMilli = unitsPerMilli(type.getUnit());
        }

        @Override
        long timeMillis(ColumnReader reader) {
            return toMillis(reader.getLong());
        }

        @Override
        long toMillis(long stored) {
            // Fractions of a millisecond are truncated.
            long millis = Math.floorDiv(stored, unitsPerMilli);
            return wallClock ? times.toInstantMillis(millis) : WallClockTimes.checked(millis);
        }

        @Override
        void write(ColumnReader reader, JsonGenerator out) throws IOException {
            long value = reader.getLong();
            long seconds = Math.floorDiv(value, unitsPerMilli * 1_000);
            long nanos = Math.floorMod(value, unitsPerMilli * 1_000) * (1_000_000 / unitsPerMilli);
            out.writeString(
                    wallClock
                            ? LocalDateTime.ofEpochSecond(seconds, (int) nanos, ZoneOffset.UTC)
                                    .format(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
                            : Instant.ofEpochSecond(seconds, nanos).toString());
        }

        @Override
        String shown(ColumnReader reader) {
            return Long.toString(reader.getLong());
        }
    }

    private static final class Uuid extends ParquetValues {

        Uuid() {
            super(EnumSet.of(Use.ID));
        }

        @Override
        long id(ColumnReader reader) {
            return RecordIds.ofText(shown(reader));
        }

        @Override
        void write(ColumnReader reader, JsonGenerator out) throws IOException {
            out.writeString(shown(reader));
        }

        @Override
        String shown(ColumnReader reader) {
            ByteBuffer bytes = reader.getBinary().toByteBuffer();
            int at = bytes.position();
            return new UUID(bytes.getLong(at), bytes.getLong(at + Long.BYTES)).toString();
        }
    }

    /** Columns of nulls, for which the writer knew no type. */
    private static final class Nulls extends ParquetValues {

        Nulls() {
            super(EnumSet.allOf(Use.class));
        }

        @Override
        boolean isBlank(ColumnReader reader) {
            throw new IllegalStateException("a column of nulls has a value");
        }

        @Override
        void write(ColumnReader reader, JsonGenerator out) throws IOException {
            out.writeNull();
        }

        @Override
        String shown(ColumnReader reader) {
            return "";
        }
    }

    /** Types that can be copied to JSON but not used in a trip. */
    private static final class JsonOnly extends ParquetValues {

        /** Writes a value. */
        interface Writer {
            void write(ColumnReader reader, JsonGenerator out) throws IOException;
        }

        private final Writer writer;

        JsonOnly(Writer writer) {
            super(EnumSet.noneOf(Use.class));
            this.writer = writer;
        }

        @Override
        void write(ColumnReader reader, JsonGenerator out) throws IOException {
            writer.write(reader, out);
        }

        @Override
        String shown(ColumnReader reader) {
            return "";
        }
    }

    /** Types that cannot be used in a trip. */
    private static final class Unsupported extends ParquetValues {

        Unsupported() {
            super(EnumSet.noneOf(Use.class));
        }

        @Override
        boolean isWritten() {
            return false;
        }

        @Override
        void write(ColumnReader reader, JsonGenerator out) throws IOException {
            throw new UnsupportedOperationException();
        }

        @Override
        String shown(ColumnReader reader) {
            return "";
        }
    }

    /** Writes bytes as text if they are valid UTF-8, otherwise in base 64. */
    private static void writeText(Binary stored, JsonGenerator out) throws IOException {
        try {
            out.writeString(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(stored.toByteBuffer())
                    .toString());
        } catch (CharacterCodingException e) {
            out.writeBinary(stored.getBytes());
        }
    }

    /** Formats a timestamp of older Spark and Hive versions: nanoseconds of the day, and the Julian day. */
    private static String int96(Binary stored) {
        ByteBuffer bytes = stored.toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        int at = bytes.position();
        long day = bytes.getInt(at + Long.BYTES) - JULIAN_DAY_OF_EPOCH;
        return Instant.ofEpochSecond(day * SECONDS_PER_DAY, bytes.getLong(at)).toString();
    }

    private static String plain(BigDecimal value) {
        return value.stripTrailingZeros().toPlainString();
    }

    /** Decodes a little-endian IEEE 754 binary16. */
    private static double float16(Binary stored) {
        int bits = stored.toByteBuffer().order(ByteOrder.LITTLE_ENDIAN).getShort();
        int exponent = (bits >> 10) & 0x1f;
        int fraction = bits & 0x3ff;
        double magnitude = switch (exponent) {
            case 0 -> Math.scalb((double) fraction, -24);
            case 0x1f -> fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
            default -> Math.scalb((double) (fraction | 0x400), exponent - 25);
        };
        return bits < 0 ? -magnitude : magnitude;
    }
}
