package io.taxistream.producer.trips;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.taxistream.events.TripEvent;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.input.RecordIds;
import io.taxistream.producer.input.RejectListener;
import io.taxistream.producer.input.RejectReason;
import io.taxistream.producer.input.TimeRange;
import io.taxistream.producer.reading.RecordReader;
import io.taxistream.producer.text.JsonSequence;
import java.io.IOException;
import java.io.InputStream;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * Reads trips from a JSON array of objects, or from concatenated objects on any number of lines. Line numbers in
 * messages are record numbers. Reading stops at a syntax error.
 */
final class JsonSequenceReader implements RecordReader<TripEvent> {

    private final InputStream in;
    private final JsonParser parser;
    private final JsonSequence sequence;
    private final TripFields fields;
    private final JsonRecords records;
    private final TimeRange range;
    private final RecordIds ids;
    private final String object;
    private final InputStatistics statistics;
    private final RejectListener rejects;

    private long record;

    JsonSequenceReader(
            InputStream in,
            ZoneId zone,
            TimeRange range,
            String object,
            InputStatistics statistics,
            RejectListener rejects)
            throws IOException {
        this.in = in;
        this.parser = JsonRecords.JSON.createParser(in);
        this.sequence = new JsonSequence(parser);
        this.fields = new TripFields(zone, false, false);
        this.records = new JsonRecords(fields);
        this.range = range;
        this.ids = new RecordIds(object);
        this.object = object;
        this.statistics = statistics;
        this.rejects = rejects;
    }

    @Override
    public @Nullable TripEvent next() throws IOException {
        try {
            while (sequence.next()) {
                TripEvent trip = read();
                if (trip != null) {
                    return trip;
                }
            }
            return null;
        } catch (JsonProcessingException e) {
            throw new IOException("record " + (record + 1) + " is not JSON: " + JsonRecords.message(e), e);
        }
    }

    @Override
    public void close() throws IOException {
        parser.close();
        in.close();
    }

    private @Nullable TripEvent read() throws IOException {
        long number = record + 1;
        fields.begin(ids.id(number));
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            records.read(parser);
        } else {
            fields.reject(RejectReason.NOT_JSON, "not a JSON object");
            parser.skipChildren();
        }
        record = number;
        if (!range.isAll() && fields.isOutside(range)) {
            statistics.countSkipped();
            return null;
        }
        TripEvent trip = fields.trip();
        if (trip == null) {
            rejects.rejected(object, number, fields.reason(), fields.message());
        }
        return trip;
    }
}
