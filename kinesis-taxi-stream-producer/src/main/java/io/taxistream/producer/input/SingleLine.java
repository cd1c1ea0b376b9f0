package io.taxistream.producer.input;

/** Sanitises text from the input for display on one terminal line. */
public final class SingleLine {

    private static final int MAX_LENGTH = 400;

    private SingleLine() {}

    /** Returns the text with each control character replaced by {@code ?}, truncated if it is long. */
    public static String of(String text) {
        String shown = text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "...";
        StringBuilder line = new StringBuilder(shown.length());
        for (int i = 0; i < shown.length(); i++) {
            char c = shown.charAt(i);
            line.append(Character.isISOControl(c) || c == '\u2028' || c == '\u2029' ? '?' : c);
        }
        return line.toString();
    }
}
