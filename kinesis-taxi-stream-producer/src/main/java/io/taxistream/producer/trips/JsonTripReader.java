package io.taxistream.producer.trips;

import io.taxistream.events.DateTimes;
import io.taxistream.events.EventReader;
import io.taxistream.events.MalformedEventException;
import io.taxistream.events.TripEvent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.util.Arrays;

/**
 * Reads trips from JSON lines, one object a line; blank lines are none. Of a line whose drop-off lies outside the time range
 * only the drop-off is looked at, where it can be told without reading all of the line.
 */
final class JsonTripReader implements TripReader {

    private static final byte[] DROPOFF_TIME = "\"dropoff_datetime\"".getBytes(StandardCharsets.US_ASCII);

    private final InputStream in;
    private final LineReader lines;
    private final EventReader events = new EventReader();
    private final TripIds ids;
    private final String object;
    private final TimeRange range;
    private final InputStatistics statistics;
    private final RejectListener rejects;
    private final long linesBefore;
    private final char[] time = new char[64];

    /** @param linesBefore lines of the object that were skipped before */
    JsonTripReader(
            InputStream in,
            TimeRange range,
            String object,
            InputStatistics statistics,
            RejectListener rejects,
            long linesBefore) {
        this.in = in;
        this.lines = new LineReader(in, LineReader.MAX_RECORD_BYTES);
        this.ids = new TripIds(object);
        this.range = range;
        this.object = object;
        this.statistics = statistics;
        this.rejects = rejects;
        this.linesBefore = linesBefore;
    }

    @Override
    public TripEvent next() throws IOException {
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

    private TripEvent read() {
        try {
            TripEvent trip = events.readTrip(lines.buffer(), lines.start(), lines.length(), ids.id(line()));
            if (range.contains(trip.timestampMillis())) {
                return trip;
            }
            statistics.countSkipped();
        } catch (MalformedEventException e) {
            reject(reasonOf(e), e.getMessage());
        }
        return null;
    }

    /** Whether the drop-off time can be told at a glance, and lies outside the range; the line is counted then. */
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
            // Told when the line is read in full.
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
        rejects.rejected(object, line(), reason, message);
    }

    private long line() {
        return linesBefore + lines.line();
    }

    private static RejectReason reasonOf(MalformedEventException e) {
        return switch (e.reason()) {
            case NOT_JSON -> RejectReason.NOT_JSON;
            case UNKNOWN_TYPE -> RejectReason.NOT_A_TRIP;
            case MISSING_FIELD -> RejectReason.MISSING_FIELD;
            case INVALID_VALUE -> RejectReason.INVALID_VALUE;
        };
    }
}
