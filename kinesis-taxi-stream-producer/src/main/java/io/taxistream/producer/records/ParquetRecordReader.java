package io.taxistream.producer.records;

import io.taxistream.producer.input.InputObject;
import io.taxistream.producer.parquet.ParquetColumn;
import io.taxistream.producer.parquet.ParquetRows;
import io.taxistream.producer.parquet.ParquetTypes;
import io.taxistream.producer.reading.ReadContext;
import io.taxistream.producer.reading.RecordReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.format.SchemaElement;
import org.jspecify.annotations.Nullable;

/**
 * Reads records from the rows of a Parquet file, converted to JSON objects with the names and types of its columns.
 * Columns with several values per row are left out with a message.
 */
final class ParquetRecordReader implements RecordReader<TimedRecord> {

    private final ParquetRows rows;
    private final List<ParquetColumn> columns = new ArrayList<>();
    private final JsonObjects objects;
    private final JsonRow json = new JsonRow();
    private final JsonRow.Writer writer;
    private final ParquetRows.RowReader<TimedRecord> reader = this::readRow;

    /**
     * Reads the footer.
     *
     * @throws io.taxistream.producer.input.InputFailedException if a required field is missing
     * @throws IOException if the footer cannot be read
     */
    ParquetRecordReader(
            InputObject object, long bytesCounted, RecordFields fields, JsonObjects objects, ReadContext context)
            throws IOException {
        this.rows = new ParquetRows(object, bytesCounted, context.statistics());
        this.objects = objects;
        ZoneId zone = fields.zone() == null ? ZoneOffset.UTC : fields.zone();
        for (SchemaElement column : rows.schema()) {
            ParquetColumn readable = ParquetColumn.ofAnyType(column, zone);
            if (readable != null) {
                columns.add(readable);
            } else {
                context.messages()
                        .accept(object.key() + ": column " + column.getName() + " of type " + ParquetTypes.shown(column)
                                + " is omitted from the records, because its values are nested or of an unsupported"
                                + " type");
            }
        }
        List<String> names = columns.stream().map(ParquetColumn::name).toList();
        FieldNames.require(fields.names(), names, "its columns are '" + String.join(",", names) + "'", object.key());
        rows.select(columns, columns.get(names.indexOf(fields.time())), context.range(), zone);
        this.writer = out -> {
            out.writeStartObject();
            for (ParquetColumn column : columns) {
                out.writeFieldName(column.name());
                column.write(out);
            }
            out.writeEndObject();
        };
    }

    @Override
    public @Nullable TimedRecord next() throws IOException {
        return rows.next(reader);
    }

    @Override
    public void close() {
        // nothing stays open between two ranges
    }

    private @Nullable TimedRecord readRow() {
        try {
            json.write(writer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return objects.read(json.bytes(), 0, json.length(), rows.row());
    }
}
