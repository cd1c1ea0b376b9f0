package io.taxistream.producer.text;

/**
 * Tells whether the quotes of a CSV record are closed, byte by byte, so that a record with a line end in a field is told
 * from a line with a stray quote. A quote opens a field only at its beginning; inside, it is doubled.
 */
final class QuoteScan {

    /** Where a scan has got to. */
    private enum State {
        FIELD_START,
        UNQUOTED,
        QUOTED,
        /** After a quote in a quoted field: the end of the field, or the first of two. */
        QUOTE,
        /** In white space after a quoted field. */
        CLOSED,
        /** After something else behind a quoted field. */
        INVALID
    }

    private final char separator;
    private State state = State.FIELD_START;

    QuoteScan(char separator) {
        this.separator = separator;
    }

    void begin() {
        state = State.FIELD_START;
    }

    /** Scans the next bytes of the record. */
    void scan(byte[] bytes, int start, int end) {
        for (int i = start; i < end && state != State.INVALID; i++) {
            state = next((char) (bytes[i] & 0xff));
        }
    }

    /** Whether the bytes end within a quoted field. */
    boolean isOpen() {
        return state == State.QUOTED;
    }

    /** Whether there is something else than white space between a quoted field and the separator. */
    boolean isInvalid() {
        return state == State.INVALID;
    }

    private State next(char c) {
        if (state == State.QUOTED) {
            return c == '"' ? State.QUOTE : State.QUOTED;
        }
        if (c == separator) {
            return State.FIELD_START;
        }
        boolean padding = c <= ' ';
        return switch (state) {
            case FIELD_START -> c == '"' ? State.QUOTED : padding ? State.FIELD_START : State.UNQUOTED;
            case QUOTE -> c == '"' ? State.QUOTED : padding ? State.CLOSED : State.INVALID;
            case CLOSED -> padding ? State.CLOSED : State.INVALID;
            default -> State.UNQUOTED;
        };
    }
}
