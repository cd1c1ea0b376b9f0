package io.taxistream.producer.parquet;

import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.format.BsonType;
import org.apache.parquet.format.DateType;
import org.apache.parquet.format.DecimalType;
import org.apache.parquet.format.EnumType;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.IntType;
import org.apache.parquet.format.JsonType;
import org.apache.parquet.format.ListType;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.MapType;
import org.apache.parquet.format.MicroSeconds;
import org.apache.parquet.format.MilliSeconds;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.StringType;
import org.apache.parquet.format.TimeType;
import org.apache.parquet.format.TimeUnit;
import org.apache.parquet.format.TimestampType;

/**
 * Annotations of columns, old and new.
 *
 * <p>Avoids the library's annotation classes, which depend on a geometry library that is not in the jar.
 */
public final class ParquetTypes {

    private static final TimeUnit MILLIS = TimeUnit.MILLIS(new MilliSeconds());
    private static final TimeUnit MICROS = TimeUnit.MICROS(new MicroSeconds());

    private ParquetTypes() {}

    /**
     * Returns the annotation of a column, or {@code null} if it has none. Times and timestamps with an older annotation
     * are in UTC, as the format defines. Annotations unknown to this code, or without a newer form, have no field set.
     */
    static LogicalType annotation(SchemaElement column) {
        LogicalType type = column.getLogicalType();
        // Writers add the older annotation for readers that do not know the newer one. INTERVAL, which has no newer
        // form, is represented by UNKNOWN.
        boolean known = type != null && type.isSet() && !type.isSetUNKNOWN();
        if (known || !column.isSetConverted_type()) {
            return type;
        }
        return switch (column.getConverted_type()) {
            case UTF8 -> LogicalType.STRING(new StringType());
            case ENUM -> LogicalType.ENUM(new EnumType());
            case JSON -> LogicalType.JSON(new JsonType());
            case BSON -> LogicalType.BSON(new BsonType());
            case LIST -> LogicalType.LIST(new ListType());
            case MAP, MAP_KEY_VALUE -> LogicalType.MAP(new MapType());
            case DECIMAL -> LogicalType.DECIMAL(new DecimalType(column.getScale(), column.getPrecision()));
            case DATE -> LogicalType.DATE(new DateType());
            case TIME_MILLIS -> LogicalType.TIME(new TimeType(true, MILLIS));
            case TIME_MICROS -> LogicalType.TIME(new TimeType(true, MICROS));
            case TIMESTAMP_MILLIS -> LogicalType.TIMESTAMP(new TimestampType(true, MILLIS));
            case TIMESTAMP_MICROS -> LogicalType.TIMESTAMP(new TimestampType(true, MICROS));
            case INT_8 -> integer(8, true);
            case INT_16 -> integer(16, true);
            case INT_32 -> integer(32, true);
            case INT_64 -> integer(64, true);
            case UINT_8 -> integer(8, false);
            case UINT_16 -> integer(16, false);
            case UINT_32 -> integer(32, false);
            case UINT_64 -> integer(64, false);
            case INTERVAL -> new LogicalType();
        };
    }

    /**
     * Returns the type of a column in the notation of the format, such as {@code INT64 TIMESTAMP(MICROS,true)} or
     * {@code LIST}.
     */
    public static String shown(SchemaElement column) {
        List<String> words = new ArrayList<>();
        if (column.getRepetition_type() == FieldRepetitionType.REPEATED) {
            words.add("REPEATED");
        }
        if (column.isSetType()) {
            words.add(column.getType() + (column.getType_length() > 0 ? "(" + column.getType_length() + ")" : ""));
        }
        LogicalType annotation = annotation(column);
        if (annotation != null) {
            words.add(shown(column, annotation));
        } else if (!column.isSetType()) {
            words.add("GROUP");
        }
        return String.join(" ", words);
    }

    private static String shown(SchemaElement column, LogicalType type) {
        if (!type.isSet()) {
            return column.isSetConverted_type() ? column.getConverted_type().name() : "with an unknown annotation";
        }
        return switch (type.getSetField()) {
            case DECIMAL ->
                "DECIMAL(" + type.getDECIMAL().getPrecision() + ","
                        + type.getDECIMAL().getScale() + ")";
            case INTEGER ->
                "INTEGER(" + type.getINTEGER().getBitWidth() + ","
                        + type.getINTEGER().isIsSigned() + ")";
            case TIME ->
                "TIME(" + type.getTIME().getUnit().getSetField() + ","
                        + type.getTIME().isIsAdjustedToUTC() + ")";
            case TIMESTAMP ->
                "TIMESTAMP(" + type.getTIMESTAMP().getUnit().getSetField() + ","
                        + type.getTIMESTAMP().isIsAdjustedToUTC() + ")";
            default -> type.getSetField().name();
        };
    }

    private static LogicalType integer(int bits, boolean signed) {
        return LogicalType.INTEGER(new IntType((byte) bits, signed));
    }
}
