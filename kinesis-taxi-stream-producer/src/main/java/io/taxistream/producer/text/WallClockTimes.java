package io.taxistream.producer.text;

import io.taxistream.events.DateTimes;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;

/**
 * Converts the wall-clock times of a zone to instants, without allocation for texts in the TLC's format.
 *
 * <p>As in {@code java.time}, a time that occurs twice, when clocks go back, is read as the first, and a time that is
 * skipped, when clocks go forward, is moved forward by the length of the gap. An offset in the text takes precedence.
 * Not thread-safe.
 */
public final class WallClockTimes {

    private final ZoneRules rules;

    /** Range of local seconds in which {@link #offsetSeconds} applies. */
    private long validFrom;

    private long validTo;
    private int offsetSeconds;

    private final DateTimeForm form = new DateTimeForm();

    /** Whether a date so far shows that dates with slashes begin with the month. */
    private boolean monthFirst;

    /** Whether a date so far shows that dates with slashes begin with the day. */
    private boolean dayFirst;

    public WallClockTimes(ZoneId zone) {
        this.rules = zone.getRules();
    }

    /**
     * Parses the time at {@code text[offset..offset+length)} to milliseconds since the epoch: {@code yyyy-MM-dd
     * HH:mm:ss}, or one of the forms of {@link DateTimeForm}. A date of the form 3/4/2017 is accepted only after another
     * date, such as 3/25/2017, has shown that the month comes first, or with AM or PM, as long as no date such as
     * 25/3/2017 has shown that the day comes first.
     *
     * @throws DateTimeException if the text is not a time in the years 0 to 9999
     */
    public long parseMillis(char[] text, int offset, int length) {
        boolean tlc = length == DateTimes.DATE_TIME_LENGTH
                && text[offset + 4] == '-'
                && (text[offset + 10] == ' ' || text[offset + 10] == 'T');
        long millis = tlc ? toMillis(DateTimes.parseLocalSeconds(text, offset)) : parseOtherForm(text, offset, length);
        if (millis < DateTimes.MIN_MILLIS || millis > DateTimes.MAX_MILLIS) {
            throw new DateTimeException(
                    "not a time in the years 0 to 9999: '" + new String(text, offset, length) + "'");
        }
        return millis;
    }

    /**
     * Converts a wall-clock time to milliseconds since the epoch.
     *
     * @param localMillis milliseconds since {@code 1970-01-01 00:00:00} of the wall clock
     * @throws DateTimeException if the result is outside the years 0 to 9999
     */
    public long toInstantMillis(long localMillis) {
        long seconds = Math.floorDiv(checked(localMillis), 1_000L);
        return checked(toMillis(seconds) + (localMillis - seconds * 1_000L));
    }

    /**
     * Returns the argument.
     *
     * @throws DateTimeException if it is outside the years 0 to 9999
     */
    public static long checked(long millis) {
        if (millis < DateTimes.MIN_MILLIS || millis > DateTimes.MAX_MILLIS) {
            throw new DateTimeException("not a time in the years 0 to 9999");
        }
        return millis;
    }

    private long toMillis(long localSeconds) {
        if (localSeconds < validFrom || localSeconds >= validTo) {
            lookUp(localSeconds);
        }
        return (localSeconds - offsetSeconds) * 1_000L;
    }

    private void lookUp(long localSeconds) {
        LocalDateTime local = LocalDateTime.ofEpochSecond(localSeconds, 0, ZoneOffset.UTC);
        offsetSeconds = rules.getOffset(local).getTotalSeconds();
        // The offset holds at least from the end of the previous transition to the beginning of the next.
        Instant instant = Instant.ofEpochSecond(localSeconds - offsetSeconds);
        ZoneOffsetTransition before = rules.previousTransition(instant.plusSeconds(1));
        ZoneOffsetTransition after = rules.nextTransition(instant);
        validFrom = before == null ? Long.MIN_VALUE : later(before);
        validTo = after == null ? Long.MAX_VALUE : earlier(after);
        if (localSeconds < validFrom || localSeconds >= validTo) {
            // The time occurs twice or is skipped: its offset is not valid for a range.
            validFrom = 0;
            validTo = 0;
        }
    }

    private static long later(ZoneOffsetTransition transition) {
        return Math.max(
                transition.getDateTimeBefore().toEpochSecond(ZoneOffset.UTC),
                transition.getDateTimeAfter().toEpochSecond(ZoneOffset.UTC));
    }

    private static long earlier(ZoneOffsetTransition transition) {
        return Math.min(
                transition.getDateTimeBefore().toEpochSecond(ZoneOffset.UTC),
                transition.getDateTimeAfter().toEpochSecond(ZoneOffset.UTC));
    }

    private long parseOtherForm(char[] text, int offset, int length) {
        try {
            form.parse(text, offset, length);
        } finally {
            dayFirst |= form.provesDayFirst();
        }
        if (!monthFirst && form.assumesMonthFirst() && (dayFirst || form.isAmbiguous())) {
            throw new DateTimeException("day and month are ambiguous: '" + new String(text, offset, length) + "'");
        }
        monthFirst |= form.provesMonthFirst();
        long localSeconds = form.localSeconds();
        long seconds =
                form.hasOffset() ? localSeconds - form.offsetSeconds() : Math.floorDiv(toMillis(localSeconds), 1_000L);
        return seconds * 1_000L + form.millis();
    }
}
