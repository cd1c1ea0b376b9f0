package io.taxistream.events;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;

/**
 * Parses and formats the fixed-length dates and times of trips without allocation; any other form is left to {@code
 * java.time}.
 */
public final class DateTimes {

    /** The first instant with a year of four digits, {@code 0000-01-01T00:00:00Z}. */
    public static final long MIN_MILLIS = LocalDate.of(0, 1, 1).toEpochDay() * 86_400_000L;

    /** The last instant with a year of four digits, {@code 9999-12-31T23:59:59.999Z}. */
    public static final long MAX_MILLIS = (LocalDate.of(9999, 12, 31).toEpochDay() + 1) * 86_400_000L - 1;

    /** Length of {@code 2016-01-01T05:12:30}. */
    public static final int DATE_TIME_LENGTH = 19;

    /** Length of the longest text that {@link #writeUtc} writes, {@code 2016-01-01T05:12:30.999Z}. */
    public static final int MAX_UTC_LENGTH = 24;

    private static final int[] DAYS_IN_MONTH = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    private DateTimes() {}

    /**
     * Returns the seconds since {@code 1970-01-01 00:00:00} of the wall-clock time at {@code text[offset..offset+19)}, in the form
     * {@code yyyy-MM-dd HH:mm:ss} with any one character between date and time.
     *
     * @throws DateTimeException if the text has another form or is not a valid date and time
     */
    public static long parseLocalSeconds(char[] text, int offset) {
        if (text[offset + 4] != '-'
                || text[offset + 7] != '-'
                || text[offset + 13] != ':'
                || text[offset + 16] != ':') {
            throw invalid(text, offset, DATE_TIME_LENGTH);
        }
        int year = twoDigits(text, offset) * 100 + twoDigits(text, offset + 2);
        int month = twoDigits(text, offset + 5);
        int day = twoDigits(text, offset + 8);
        int hour = twoDigits(text, offset + 11);
        int minute = twoDigits(text, offset + 14);
        int second = twoDigits(text, offset + 17);
        if (month < 1
                || month > 12
                || day < 1
                || day > daysInMonth(year, month)
                || hour > 23
                || minute > 59
                || second > 59) {
            throw invalid(text, offset, DATE_TIME_LENGTH);
        }
        return epochDay(year, month, day) * 86_400L + hour * 3_600L + minute * 60L + second;
    }

    /**
     * Returns the milliseconds since the epoch of an ISO-8601 time with a zone or offset, such as {@code 2016-01-01T05:12:30Z},
     * {@code 2016-01-01T05:12:30.999Z} or {@code 2016-01-01T00:12:30-05:00}; fractions of a millisecond are truncated.
     *
     * @throws DateTimeException if the text is not such a time, or is outside the years 0 to 9999
     */
    public static long parseInstantMillis(char[] text, int offset, int length) {
        char separator = length > DATE_TIME_LENGTH ? text[offset + 10] : 0;
        if (separator == 'T' && text[offset + length - 1] == 'Z') {
            if (length == DATE_TIME_LENGTH + 1) {
                return parseLocalSeconds(text, offset) * 1_000L;
            }
            if (length == MAX_UTC_LENGTH && text[offset + DATE_TIME_LENGTH] == '.') {
                int millis = digit(text, offset + 20) * 100 + twoDigits(text, offset + 21);
                return parseLocalSeconds(text, offset) * 1_000L + millis;
            }
        }
        return toMillis(OffsetDateTime.parse(new String(text, offset, length)).toInstant());
    }

    /**
     * Returns the milliseconds since the epoch of an instant; fractions of a millisecond are truncated.
     *
     * @throws DateTimeException if it is outside the years 0 to 9999; {@link Instant#toEpochMilli} overflows for some of these
     */
    public static long toMillis(Instant instant) {
        long seconds = instant.getEpochSecond();
        if (seconds < MIN_MILLIS / 1_000 || seconds > MAX_MILLIS / 1_000) {
            throw new DateTimeException("not a time in the years 0 to 9999: " + instant);
        }
        return seconds * 1_000L + instant.getNano() / 1_000_000;
    }

    /**
     * Writes a time as {@code 2016-01-01T05:12:30Z}, or as {@code 2016-01-01T05:12:30.999Z} if it has milliseconds,
     * to {@code text} from index 0.
     *
     * @param text at least {@link #MAX_UTC_LENGTH} long
     * @return the number of characters written
     * @throws IllegalArgumentException if the time is outside the years 0 to 9999
     */
    public static int writeUtc(long epochMillis, char[] text) {
        requireFourDigitYear("time", epochMillis);
        long seconds = Math.floorDiv(epochMillis, 1_000L);
        int millis = (int) (epochMillis - seconds * 1_000L);
        long day = Math.floorDiv(seconds, 86_400L);
        int secondOfDay = (int) (seconds - day * 86_400L);
        writeDate(day, text);
        text[10] = 'T';
        writeTwoDigits(secondOfDay / 3_600, text, 11);
        text[13] = ':';
        writeTwoDigits(secondOfDay / 60 % 60, text, 14);
        text[16] = ':';
        writeTwoDigits(secondOfDay % 60, text, 17);
        if (millis == 0) {
            text[19] = 'Z';
            return DATE_TIME_LENGTH + 1;
        }
        text[19] = '.';
        text[20] = (char) ('0' + millis / 100);
        writeTwoDigits(millis % 100, text, 21);
        text[23] = 'Z';
        return MAX_UTC_LENGTH;
    }

    static boolean hasFourDigitYear(long epochMillis) {
        return epochMillis >= MIN_MILLIS && epochMillis <= MAX_MILLIS;
    }

    static void requireFourDigitYear(String name, long epochMillis) {
        if (!hasFourDigitYear(epochMillis)) {
            throw new IllegalArgumentException(
                    name + " must be in the years 0 to 9999, but is " + epochMillis + " ms since the epoch");
        }
    }

    /** Days since 1970-01-01 of a date of the proleptic Gregorian calendar, after Hinnant, "chrono-compatible low-level date algorithms". */
    private static long epochDay(int year, int month, int day) {
        int y = month <= 2 ? year - 1 : year;
        int era = Math.floorDiv(y, 400);
        int yearOfEra = y - era * 400;
        int dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * 146_097L + dayOfEra - 719_468L;
    }

    /** The inverse of {@link #epochDay}, written as {@code yyyy-MM-dd}. */
    private static void writeDate(long epochDay, char[] text) {
        long shifted = epochDay + 719_468L;
        long era = Math.floorDiv(shifted, 146_097L);
        int dayOfEra = (int) (shifted - era * 146_097L);
        int yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int shiftedMonth = (5 * dayOfYear + 2) / 153;
        int day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1;
        int month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
        int year = (int) (yearOfEra + era * 400) + (month <= 2 ? 1 : 0);
        writeTwoDigits(year / 100, text, 0);
        writeTwoDigits(year % 100, text, 2);
        text[4] = '-';
        writeTwoDigits(month, text, 5);
        text[7] = '-';
        writeTwoDigits(day, text, 8);
    }

    private static int daysInMonth(int year, int month) {
        boolean leapYear = (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0);
        return month == 2 && leapYear ? 29 : DAYS_IN_MONTH[month - 1];
    }

    private static int twoDigits(char[] text, int offset) {
        return digit(text, offset) * 10 + digit(text, offset + 1);
    }

    private static int digit(char[] text, int offset) {
        int digit = text[offset] - '0';
        if (digit < 0 || digit > 9) {
            throw new DateTimeException("expected a digit, but found '" + text[offset] + "'");
        }
        return digit;
    }

    private static void writeTwoDigits(int value, char[] text, int offset) {
        text[offset] = (char) ('0' + value / 10);
        text[offset + 1] = (char) ('0' + value % 10);
    }

    private static DateTimeException invalid(char[] text, int offset, int length) {
        return new DateTimeException("not a date and time: '" + new String(text, offset, length) + "'");
    }
}
