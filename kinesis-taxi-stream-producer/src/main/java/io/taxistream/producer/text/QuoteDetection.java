package io.taxistream.producer.text;

/**
 * Determines incrementally whether the quotes of a CSV record are closed, which distinguishes a record with a line
 * break in a field from a line with a stray quote. A quote opens a field only at its beginning; inside, it is doubled.
 */
final class QuoteDetection {

    /** State of the scan. */
    private enum State {
        FIELD_START,
        UNQUOTED,
        QUOTED,
        /** After a quote in a quoted field: either the end of the field or the first of two quotes. */
        QUOTE,
        /** In white space after a quoted field. */
        CLOSED,
        /** After other characters that follow a quoted field. */
        INVALID
    }

    private final char separator;
    private State state = State.FIELD_START;

    QuoteDetection(char separator) {
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

    /** Returns whether the bytes end within a quoted field. */
    boolean isOpen() {
        return state == State.QUOTED;
    }

    /** Returns whether anything but white space follows a quoted field before the separator. */
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
