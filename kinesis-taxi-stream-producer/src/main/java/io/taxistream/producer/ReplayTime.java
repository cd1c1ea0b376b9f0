package io.taxistream.producer;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;

/**
 * A time that the command line names, in the years 0000 to 9999.
 *
 * @param written the time as it was written
 * @param parsed a {@link ZonedDateTime}, or a {@link LocalDateTime} if it has no offset
 */
record ReplayTime(String written, TemporalAccessor parsed) {

    private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999Z");

    /** @throws DateTimeException if the text is not an ISO-8601 date and time in these years */
    static ReplayTime parse(String text) {
        ReplayTime time = new ReplayTime(
                text,
                DateTimeFormatter.ISO_DATE_TIME.parseBest(
                        text.toUpperCase(Locale.ROOT), ZonedDateTime::from, LocalDateTime::from));
        Instant instant = time.instant(ZoneOffset.UTC);
        if (instant.isBefore(FIRST) || instant.isAfter(LAST)) {
            throw new DateTimeException("not in the years 0000 to 9999");
        }
        return time;
    }

    boolean hasOffset() {
        return !(parsed instanceof LocalDateTime);
    }

    /** @param zone time zone of a time without an offset */
    long millis(ZoneId zone) {
        return instant(zone).toEpochMilli();
    }

    private Instant instant(ZoneId zone) {
        return parsed instanceof LocalDateTime local ? local.atZone(zone).toInstant() : Instant.from(parsed);
    }

    @Override
    public String toString() {
        return written;
    }
}
