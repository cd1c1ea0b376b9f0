package io.taxistream.producer.records;

import io.taxistream.producer.archives.Contents;
import io.taxistream.producer.archives.Contents.Text;
import io.taxistream.producer.input.InputObject;
import io.taxistream.producer.reading.ReadContext;
import io.taxistream.producer.reading.RecordFormats;
import io.taxistream.producer.reading.RecordReader;
import io.taxistream.producer.text.LineReader;
import java.io.IOException;

/**
 * Reads records of any layout from all file formats.
 *
 * @param fields the fields that the replay uses
 */
public record TimedRecordFormats(RecordFields fields) implements RecordFormats<TimedRecord> {

    @Override
    public RecordReader<TimedRecord> parquet(InputObject object, long bytesCounted, ReadContext context)
            throws IOException {
        return new ParquetRecordReader(
                object, bytesCounted, fields, new JsonObjects(fields, object.key(), context), context);
    }

    @Override
    public RecordReader<TimedRecord> json(Text text, byte[] head, ReadContext context) throws IOException {
        var objects = new JsonObjects(fields, text.key(), context);
        return JsonHead.isJsonLines(head, fields.names(), text.key())
                ? new JsonLineReader(text.content(), objects)
                : new JsonSequenceRecordReader(text.content(), objects);
    }

    @Override
    public RecordReader<TimedRecord> table(Text text, LineReader lines, String header, byte[] head, ReadContext context)
            throws IOException {
        CsvTable table = CsvTable.of(header, head, head.length < Contents.HEAD_BYTES, fields, text.key());
        return new CsvRecordReader(text.content(), lines, table, new JsonObjects(fields, text.key(), context));
    }
}
