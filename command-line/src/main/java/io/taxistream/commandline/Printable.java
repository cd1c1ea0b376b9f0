package io.taxistream.commandline;

/**
 * Makes text safe to print as part of one line: names of files, values of options and messages of other programs may
 * contain characters that control a terminal, break a line or reorder its text.
 */
public final class Printable {

    private Printable() {}

    /**
     * Returns the text with each control character, line separator and bidirectional control as its Unicode escape, such
     * as {@code \}{@code u001b}.
     */
    public static String of(String text) {
        int first = 0;
        while (first < text.length() && isPrintable(text.charAt(first))) {
            first++;
        }
        if (first == text.length()) {
            return text;
        }
        var printable = new StringBuilder(text.length() + 16).append(text, 0, first);
        for (int i = first; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isPrintable(c)) {
                printable.append(c);
            } else {
                printable.append("\\u%04x".formatted((int) c));
            }
        }
        return printable.toString();
    }

    private static boolean isPrintable(char c) {
        return !Character.isISOControl(c)
                && !(c >= '\u2028' && c <= '\u202e')
                && !(c >= '\u2066' && c <= '\u2069')
                && c != '\u200e'
                && c != '\u200f'
                && c != '\u061c';
    }
}
