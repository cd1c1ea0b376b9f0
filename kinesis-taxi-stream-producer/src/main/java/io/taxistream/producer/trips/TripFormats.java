package io.taxistream.producer.trips;

import io.taxistream.events.TripEvent;
import io.taxistream.producer.archives.Contents.Text;
import io.taxistream.producer.input.InputObject;
import io.taxistream.producer.reading.ReadContext;
import io.taxistream.producer.reading.RecordFormats;
import io.taxistream.producer.reading.RecordReader;
import io.taxistream.producer.text.LineReader;
import io.taxistream.producer.trips.TripLayout.Column;
import java.io.IOException;
import java.time.ZoneId;

/**
 * Reads trips from all file formats in which they are published or exported.
 *
 * @param zone time zone of timestamps without an offset
 */
public record TripFormats(ZoneId zone) implements RecordFormats<TripEvent> {

    @Override
    public RecordReader<TripEvent> parquet(InputObject object, long bytesCounted, ReadContext context)
            throws IOException {
        var reader = new ParquetTripReader(
                object, bytesCounted, zone, context.range(), context.statistics(), context.rejects());
        reportMissingAmounts(reader.layout(), object.key(), context);
        return reader;
    }

    @Override
    public RecordReader<TripEvent> json(Text text, byte[] head, ReadContext context) throws IOException {
        return JsonForm.of(head, text.key()) == JsonForm.LINES
                ? new JsonTripReader(
                        text.content(), zone, context.range(), text.key(), context.statistics(), context.rejects())
                : new JsonSequenceReader(
                        text.content(), zone, context.range(), text.key(), context.statistics(), context.rejects());
    }

    @Override
    public RecordReader<TripEvent> table(Text text, LineReader lines, String header, byte[] head, ReadContext context) {
        CsvHeader parsed = CsvHeader.of(header, text.key());
        reportMissingAmounts(parsed.layout(), text.key(), context);
        return new CsvTripReader(
                text.content(),
                lines,
                parsed,
                zone,
                context.range(),
                text.key(),
                context.statistics(),
                context.rejects());
    }

    private static void reportMissingAmounts(TripLayout layout, String object, ReadContext context) {
        if (layout.indexOf(Column.TOTAL_AMOUNT) < 0) {
            context.messages()
                    .accept(object + " has no column with amounts (" + Column.TOTAL_AMOUNT.accepted()
                            + "); all its trips are sent with an amount of 0");
        }
    }
}
