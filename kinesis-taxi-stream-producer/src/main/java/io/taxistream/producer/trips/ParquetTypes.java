package io.taxistream.producer.trips;

import java.util.Locale;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.TimeUnit;
import org.apache.parquet.schema.DecimalMetadata;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.OriginalType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;

/** Turns schema elements, as footers store them, into the library's types: the old annotations become the new ones. */
final class ParquetTypes {

    private ParquetTypes() {}

    /**
     * The type of a column.
     *
     * @throws IllegalArgumentException if the column is nested or repeated, or its annotation is unknown or does not fit its
     *     physical type; the message says so
     */
    static PrimitiveType of(SchemaElement column) {
        if (!column.isSetType() || column.getRepetition_type() == FieldRepetitionType.REPEATED) {
            throw new IllegalArgumentException(
                    "holds several values a row, which is not read; write a single value a row");
        }
        Repetition repetition = Repetition.valueOf(column.getRepetition_type().name());
        var type = Types.primitive(physical(column), repetition);
        try {
            return type.length(column.getType_length()).as(annotation(column)).named(column.getName());
        } catch (IllegalStateException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "is not read, because its annotation does not fit (" + e.getMessage()
                            + "); convert the column and write the file again",
                    e);
        }
    }

    /** The type of a column in the words of the format, such as {@code INT64 TIMESTAMP(MICROS,true)} or {@code LIST}. */
    static String shown(SchemaElement column) {
        StringBuilder shown = new StringBuilder();
        if (column.getRepetition_type() == FieldRepetitionType.REPEATED) {
            shown.append("REPEATED ");
        }
        shown.append(column.isSetType() ? column.getType().name() : "GROUP");
        if (column.isSetType_length()) {
            shown.append('(').append(column.getType_length()).append(')');
        }
        String annotation = shownAnnotation(column);
        return annotation.isEmpty() ? shown.toString() : shown + " " + annotation;
    }

    private static String shownAnnotation(SchemaElement column) {
        try {
            LogicalTypeAnnotation annotation = annotation(column);
            return annotation == null ? "" : annotation.toString();
        } catch (IllegalArgumentException e) {
            return column.isSetLogicalType() && column.getLogicalType().getSetField() != null
                    ? column.getLogicalType().getSetField().name()
                    : "";
        }
    }

    private static PrimitiveTypeName physical(SchemaElement column) {
        return switch (column.getType()) {
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

    private static LogicalTypeAnnotation annotation(SchemaElement column) {
        LogicalType type = column.getLogicalType();
        if (type == null || type.getSetField() == null) {
            // An annotation that is newer than this code has no field either; writers add the old one for such readers.
            return converted(column);
        }
        return switch (type.getSetField()) {
            case STRING -> LogicalTypeAnnotation.stringType();
            case ENUM -> LogicalTypeAnnotation.enumType();
            case JSON -> LogicalTypeAnnotation.jsonType();
            case BSON -> LogicalTypeAnnotation.bsonType();
            case UUID -> LogicalTypeAnnotation.uuidType();
            case FLOAT16 -> LogicalTypeAnnotation.float16Type();
            case DATE -> LogicalTypeAnnotation.dateType();
            case UNKNOWN -> LogicalTypeAnnotation.unknownType();
            case LIST -> LogicalTypeAnnotation.listType();
            case MAP -> LogicalTypeAnnotation.mapType();
            case INTEGER ->
                LogicalTypeAnnotation.intType(
                        type.getINTEGER().getBitWidth(), type.getINTEGER().isIsSigned());
            case DECIMAL ->
                LogicalTypeAnnotation.decimalType(
                        type.getDECIMAL().getScale(), type.getDECIMAL().getPrecision());
            case TIME ->
                LogicalTypeAnnotation.timeType(
                        type.getTIME().isIsAdjustedToUTC(), unit(type.getTIME().getUnit()));
            case TIMESTAMP ->
                LogicalTypeAnnotation.timestampType(
                        type.getTIMESTAMP().isIsAdjustedToUTC(),
                        unit(type.getTIMESTAMP().getUnit()));
            case VARIANT, GEOMETRY, GEOGRAPHY ->
                throw new IllegalArgumentException(
                        type.getSetField().name().toLowerCase(Locale.ROOT) + " is none that a trip needs");
        };
    }

    @SuppressWarnings("deprecation") // as the old annotations are that this reads
    private static LogicalTypeAnnotation converted(SchemaElement column) {
        ConvertedType type = column.getConverted_type();
        if (type == null) {
            if (column.isSetLogicalType()) {
                throw new IllegalArgumentException("it is newer than this program");
            }
            return null;
        }
        return LogicalTypeAnnotation.fromOriginalType(
                OriginalType.valueOf(type.name()), new DecimalMetadata(column.getPrecision(), column.getScale()));
    }

    private static LogicalTypeAnnotation.TimeUnit unit(TimeUnit unit) {
        return LogicalTypeAnnotation.TimeUnit.valueOf(unit.getSetField().name());
    }
}
