package io.taxistream.producer.trips;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.taxistream.events.DateTimes;
import io.taxistream.events.TripEvent;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.input.RecordIds;
import io.taxistream.producer.input.RejectListener;
import io.taxistream.producer.input.RejectReason;
import io.taxistream.producer.input.TimeRange;
import io.taxistream.producer.reading.RecordReader;
import io.taxistream.producer.text.LineReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads trips from JSON lines; blank lines are ignored. For a line outside the time range only the drop-off is parsed,
 * if it can be located without parsing the whole line.
 */
final class JsonTripReader implements RecordReader<TripEvent> {

    private static final byte[] DROPOFF_TIME = "\"dropoff_datetime\"".getBytes(StandardCharsets.US_ASCII);

    private final InputStream in;
    private final LineReader lines;
    private final TripFields fields;
    private final JsonRecords records;
    private final RecordIds ids;
    private final String object;
    private final TimeRange range;
    private final InputStatistics statistics;
    private final RejectListener rejects;
    private final char[] time = new char[64];

    JsonTripReader(
            InputStream in,
            ZoneId zone,
            TimeRange range,
            String object,
            InputStatistics statistics,
            RejectListener rejects) {
        this.in = in;
        this.lines = new LineReader(in, LineReader.MAX_RECORD_BYTES);
        this.fields = new TripFields(zone, false, false);
        this.records = new JsonRecords(fields);
        this.ids = new RecordIds(object);
        this.range = range;
        this.object = object;
        this.statistics = statistics;
        this.rejects = rejects;
    }

    @Override
    public @Nullable TripEvent next() throws IOException {
        while (lines.next()) {
            if (lines.tooLong()) {
                reject(RejectReason.TOO_LONG, "the line is longer than " + LineReader.MAX_RECORD_BYTES + " bytes");
            } else if (!lines.isBlank()) {
                TripEvent trip = !range.isAll() && isOutsideRange() ? null : read();
                if (trip != null) {
                    return trip;
                }
            }
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private @Nullable TripEvent read() {
        fields.begin(ids.id(lines.line()));
        try (JsonParser parser = JsonRecords.JSON.createParser(lines.buffer(), lines.start(), lines.length())) {
            if (parser.nextToken() == JsonToken.START_OBJECT) {
                records.read(parser);
                if (parser.nextToken() != null) {
                    fields.reject(RejectReason.NOT_JSON, "more than one JSON object in a line");
                }
            } else {
                fields.reject(RejectReason.NOT_JSON, "not a JSON object");
            }
        } catch (IOException e) {
            reject(RejectReason.NOT_JSON, "not JSON: " + JsonRecords.message(e));
            return null;
        }
        if (!range.isAll() && fields.isOutside(range)) {
            statistics.countSkipped();
            return null;
        }
        TripEvent trip = fields.trip();
        if (trip == null) {
            reject(fields.reason(), fields.message());
        }
        return trip;
    }

    /**
     * Returns whether the drop-off time can be located without parsing and is outside the range; such a line is
     * counted.
     */
    private boolean isOutsideRange() {
        byte[] line = lines.buffer();
        int end = lines.start() + lines.length();
        int name = find(line, lines.start(), end);
        if (name < 0 || find(line, name + 1, end) >= 0) {
            return false;
        }
        int at = skipSpaces(line, name + DROPOFF_TIME.length, end);
        if (at == end || line[at] != ':') {
            return false;
        }
        at = skipSpaces(line, at + 1, end);
        if (at == end || line[at] != '"') {
            return false;
        }
        int length = 0;
        for (at++; at < end && line[at] != '"' && length < time.length; at++) {
            time[length++] = (char) (line[at] & 0xff);
        }
        if (at == end || line[at] != '"') {
            return false;
        }
        try {
            if (range.contains(DateTimes.parseInstantMillis(time, 0, length))) {
                return false;
            }
        } catch (DateTimeException e) {
            // Reported when the whole line is read.
            return false;
        }
        statistics.countSkipped();
        return true;
    }

    private static int find(byte[] line, int from, int end) {
        int last = end - DROPOFF_TIME.length;
        for (int at = from; at <= last; at++) {
            if (line[at] == '"'
                    && Arrays.equals(line, at, at + DROPOFF_TIME.length, DROPOFF_TIME, 0, DROPOFF_TIME.length)) {
                return at;
            }
        }
        return -1;
    }

    private static int skipSpaces(byte[] line, int from, int end) {
        int at = from;
        while (at < end && (line[at] == ' ' || line[at] == '\t')) {
            at++;
        }
        return at;
    }

    private void reject(RejectReason reason, String message) {
        rejects.rejected(object, lines.line(), reason, message);
    }
}
