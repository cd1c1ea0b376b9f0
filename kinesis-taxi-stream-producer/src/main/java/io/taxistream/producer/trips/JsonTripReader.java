package io.taxistream.producer.trips;

import io.taxistream.events.EventReader;
import io.taxistream.events.MalformedEventException;
import io.taxistream.events.TripEvent;
import java.io.IOException;
import java.io.InputStream;

/** Reads trips from JSON lines, one object a line; blank lines are none. */
final class JsonTripReader implements TripReader {

    private static final int MAX_LINE_BYTES = 1 << 20;

    private final InputStream in;
    private final LineReader lines;
    private final EventReader events = new EventReader();
    private final TripIds ids;
    private final String object;
    private final RejectListener rejects;
    private final long linesBefore;

    /** @param linesBefore lines of the object that were skipped before */
    JsonTripReader(InputStream in, String object, RejectListener rejects, long linesBefore) {
        this.in = in;
        this.lines = new LineReader(in, MAX_LINE_BYTES);
        this.ids = new TripIds(object);
        this.object = object;
        this.rejects = rejects;
        this.linesBefore = linesBefore;
    }

    @Override
    public TripEvent next() throws IOException {
        while (lines.next()) {
            if (lines.tooLong()) {
                reject(RejectReason.TOO_LONG, "the line is longer than " + MAX_LINE_BYTES + " bytes");
            } else if (!isBlank()) {
                try {
                    return events.readTrip(lines.buffer(), lines.start(), lines.length(), ids.id(line()));
                } catch (MalformedEventException e) {
                    reject(reasonOf(e), e.getMessage());
                }
            }
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private boolean isBlank() {
        int end = lines.start() + lines.length();
        for (int i = lines.start(); i < end; i++) {
            if (lines.buffer()[i] != ' ' && lines.buffer()[i] != '\t' && lines.buffer()[i] != '\r') {
                return false;
            }
        }
        return true;
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
