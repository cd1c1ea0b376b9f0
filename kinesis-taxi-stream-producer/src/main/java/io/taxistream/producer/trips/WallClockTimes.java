package io.taxistream.producer.trips;

import io.taxistream.events.DateTimes;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;

/**
 * Turns the wall-clock times of a zone into instants, without garbage for texts in the TLC's form.
 *
 * <p>A time that occurs twice, when the clocks go back, is read as its first; a time that does not occur, when they go
 * forward, as later by the length of the gap: both as {@code java.time} does. A text that brings its own offset is taken
 * at its word. Not safe for use by several threads at a time.
 */
final class WallClockTimes {

    private final ZoneRules rules;

    /** The local seconds in which {@link #offsetSeconds} holds. */
    private long validFrom;

    private long validTo;
    private int offsetSeconds;

    WallClockTimes(ZoneId zone) {
        this.rules = zone.getRules();
    }

    /**
     * Milliseconds since the epoch of the time at {@code text[offset..offset+length)}: {@code yyyy-MM-dd HH:mm:ss}, or any
     * other form of ISO-8601 with or without an offset, with a space for the {@code T} if you like.
     *
     * @throws DateTimeException if the text is not a time of the years 0 to 9999
     */
    long parseMillis(char[] text, int offset, int length) {
        long millis = length == DateTimes.DATE_TIME_LENGTH
                ? toMillis(DateTimes.parseLocalSeconds(text, offset))
                : parseOtherForm(new String(text, offset, length));
        if (millis < DateTimes.MIN_MILLIS || millis > DateTimes.MAX_MILLIS) {
            throw new DateTimeException(
                    "not a time in the years 0 to 9999: '" + new String(text, offset, length) + "'");
        }
        return millis;
    }

    /**
     * Milliseconds since the epoch of a wall-clock time.
     *
     * @param localMillis milliseconds since {@code 1970-01-01 00:00:00} of the wall clock
     * @throws DateTimeException if it is not a time of the years 0 to 9999
     */
    long toInstantMillis(long localMillis) {
        long seconds = Math.floorDiv(checked(localMillis), 1_000L);
        return checked(toMillis(seconds) + (localMillis - seconds * 1_000L));
    }

    /**
     * The same milliseconds since the epoch.
     *
     * @throws DateTimeException if they are not in the years 0 to 9999
     */
    static long checked(long millis) {
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
        // The offset holds at least from the end of the transition before to the beginning of the one after.
        Instant instant = Instant.ofEpochSecond(localSeconds - offsetSeconds);
        ZoneOffsetTransition before = rules.previousTransition(instant.plusSeconds(1));
        ZoneOffsetTransition after = rules.nextTransition(instant);
        validFrom = before == null ? Long.MIN_VALUE : later(before);
        validTo = after == null ? Long.MAX_VALUE : earlier(after);
        if (localSeconds < validFrom || localSeconds >= validTo) {
            // A time that occurs twice or never: its offset holds for no range.
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

    private long parseOtherForm(String text) {
        if (text.length() < 11) {
            throw new DateTimeException("not a date and time: '" + text + "'");
        }
        String iso = text.substring(0, 10) + 'T' + text.substring(11).replace(" ", "");
        char last = iso.charAt(iso.length() - 1);
        boolean withOffset = last == 'Z' || iso.indexOf('+', 11) >= 0 || iso.indexOf('-', 11) >= 0;
        if (withOffset) {
            return OffsetDateTime.parse(iso).toInstant().toEpochMilli();
        }
        LocalDateTime local = LocalDateTime.parse(iso);
        return toMillis(local.toEpochSecond(ZoneOffset.UTC)) + local.get(ChronoField.MILLI_OF_SECOND);
    }
}
