package io.taxistream.producer.text;

import io.taxistream.events.DateTimes;
import java.time.DateTimeException;

/**
 * Parses dates and times in the forms that data tools write, without allocation.
 *
 * <p>The date is {@code yyyy-MM-dd}, {@code yyyy/MM/dd}, or month, day and year with slashes. A space or {@code T}
 * follows, then hours and minutes and, optionally, seconds, a fraction, AM or PM, and an offset, {@code Z} or {@code
 * UTC}. Leading zeros are optional. Anything else, such as a date without a time or a two-digit year, is rejected. Not
 * thread-safe.
 */
public final class DateTimeForm {

    /** Accepted format, for messages. */
    public static final String ACCEPTED = "yyyy-MM-dd HH:mm:ss";

    private static final int MAX_DAYS_IN_MONTH = 31;
    private static final int MONTHS = 12;

    private final char[] canonical = "yyyy-MM-dd HH:mm:ss".toCharArray();

    private char[] text = {};
    private int at;
    private int end;

    private long localSeconds;
    private int millis;
    private boolean hasOffset;
    private int offsetSeconds;
    private boolean ambiguous;
    private boolean assumesMonthFirst;
    private boolean provesMonthFirst;
    private boolean provesDayFirst;

    /**
     * Parses a text.
     *
     * @throws DateTimeException if the text has another form or is not a valid date and time
     */
    public void parse(char[] chars, int offset, int length) {
        text = chars;
        at = offset;
        end = offset + length;
        millis = 0;
        hasOffset = false;
        ambiguous = false;
        provesMonthFirst = false;
        provesDayFirst = false;
        boolean slashes = parseDate();
        require(at < end && (text[at] == ' ' || text[at] == 'T'));
        at++;
        boolean twelveHours = parseTime();
        parseOffset();
        require(at == end);
        assumesMonthFirst = slashes && !provesMonthFirst;
        ambiguous = assumesMonthFirst && !twelveHours;
        localSeconds = DateTimes.parseLocalSeconds(canonical, 0);
    }

    /** Returns the seconds since {@code 1970-01-01 00:00:00} of the wall-clock time in the text. */
    public long localSeconds() {
        return localSeconds;
    }

    /** Returns the milliseconds of the second, with smaller fractions truncated. */
    public int millis() {
        return millis;
    }

    public boolean hasOffset() {
        return hasOffset;
    }

    public int offsetSeconds() {
        return offsetSeconds;
    }

    /** Returns whether the date could be read with either the month or the day first, and has no AM or PM. */
    public boolean isAmbiguous() {
        return ambiguous;
    }

    /** Returns whether the date could be read with either the month or the day first. */
    boolean assumesMonthFirst() {
        return assumesMonthFirst;
    }

    /** Returns whether the date has slashes and its first number cannot be a month, which is then not accepted. */
    boolean provesDayFirst() {
        return provesDayFirst;
    }

    /** Returns whether the date has slashes and its second number cannot be a month. */
    boolean provesMonthFirst() {
        return provesMonthFirst;
    }

    /**
     * Returns why a text is not accepted as a time, if that is not obvious, as the end of a sentence about the accepted
     * format.
     */
    public static String explain(String text) {
        if (!text.isEmpty()
                && text.chars().allMatch(c -> (c >= '0' && c <= '9') || c == '.' || c == ',' || c == '-')
                && text.chars().filter(c -> c == '-').count() < 2) {
            boolean serial = text.matches("[1-9][0-9]{4}([.,][0-9]*)?");
            return serial
                    ? ", not a spreadsheet's serial number of a day"
                    : ", not a number, which could be UTC or local time";
        }
        if (text.matches("(.*[^0-9])?(0000|9999)[^0-9].*")) {
            return ", within the years 0 to 9999 in UTC";
        }
        return text.matches("[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}\\b.*")
                ? ", because day and month of this date are ambiguous"
                : "";
    }

    /** Parses the date; returns whether it has slashes and begins with the month. */
    private boolean parseDate() {
        int first = at;
        int number = number(4);
        int digits = at - first;
        if (digits == 4) {
            require(at < end && (text[at] == '-' || text[at] == '/'));
            char separator = text[at++];
            int month = number(2);
            skip(separator);
            date(number, month, number(2));
            return false;
        }
        require(digits <= 2);
        skip('/');
        int day = number(2);
        skip('/');
        int yearAt = at;
        int year = number(4);
        provesDayFirst = number > MONTHS && number <= MAX_DAYS_IN_MONTH && day <= MONTHS;
        require(at - yearAt == 4 && number <= MONTHS && day <= MAX_DAYS_IN_MONTH);
        provesMonthFirst = day > MONTHS;
        date(year, number, day);
        return true;
    }

    private void date(int year, int month, int day) {
        write(year / 100, 0);
        write(year % 100, 2);
        write(month, 5);
        write(day, 8);
    }

    /** Parses the time; returns whether it has AM or PM. */
    private boolean parseTime() {
        int hour = number(2);
        skip(':');
        write(fixedNumber(), 14);
        int second = 0;
        if (at < end && text[at] == ':') {
            at++;
            second = fixedNumber();
            parseFraction();
        }
        write(second, 17);
        int half = at;
        while (half < end && text[half] == ' ') {
            half++;
        }
        boolean twelveHours = half + 1 < end && isLetter(text[half], 'A', 'P') && isLetter(text[half + 1], 'M', 'M');
        if (twelveHours) {
            require(hour >= 1 && hour <= MONTHS);
            boolean afternoon = isLetter(text[half], 'P', 'P');
            hour = hour % 12 + (afternoon ? 12 : 0);
            at = half + 2;
        }
        write(hour, 11);
        return twelveHours;
    }

    private void parseFraction() {
        if (at == end || text[at] != '.') {
            return;
        }
        at++;
        int first = at;
        int scale = 100;
        while (at < end && isDigit(text[at])) {
            millis += (text[at] - '0') * scale;
            scale /= 10;
            at++;
        }
        require(at > first);
    }

    private void parseOffset() {
        while (at < end && text[at] == ' ') {
            at++;
        }
        if (at == end) {
            return;
        }
        hasOffset = true;
        offsetSeconds = 0;
        char sign = text[at];
        if (sign == 'Z' || sign == 'z') {
            at++;
        } else if (sign == '+' || sign == '-') {
            at++;
            int hours = fixedNumber();
            if (at < end && text[at] == ':') {
                at++;
                require(at < end);
            }
            int minutes = at < end ? fixedNumber() : 0;
            require(hours <= 18 && minutes <= 59);
            offsetSeconds = (hours * 60 + minutes) * 60 * (sign == '-' ? -1 : 1);
        } else {
            require(end - at == 3);
            String name = new String(text, at, 3);
            require(name.equals("UTC") || name.equals("GMT"));
            at = end;
        }
    }

    /** Parses a number of at least one digit. */
    private int number(int maxDigits) {
        int first = at;
        int number = 0;
        while (at < end && at - first < maxDigits && isDigit(text[at])) {
            number = number * 10 + text[at++] - '0';
        }
        require(at > first);
        return number;
    }

    /** Parses a number of two digits. */
    private int fixedNumber() {
        int first = at;
        int number = number(2);
        require(at - first == 2);
        return number;
    }

    private void skip(char expected) {
        require(at < end && text[at] == expected);
        at++;
    }

    private void write(int number, int index) {
        canonical[index] = (char) ('0' + number / 10);
        canonical[index + 1] = (char) ('0' + number % 10);
    }

    private void require(boolean condition) {
        if (!condition) {
            throw new DateTimeException("not a date and time");
        }
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isLetter(char c, char one, char other) {
        char upper = c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c;
        return upper == one || upper == other;
    }
}
