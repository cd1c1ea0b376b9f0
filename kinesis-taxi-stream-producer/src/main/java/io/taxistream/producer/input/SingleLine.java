package io.taxistream.producer.input;

import io.taxistream.commandline.Printable;

/** Sanitises text from the input for display on one terminal line. */
public final class SingleLine {

    private static final int MAX_LENGTH = 400;

    private SingleLine() {}

    /** Returns the text with control characters escaped, truncated if it is long. */
    public static String of(String text) {
        return Printable.of(text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "...");
    }
}
