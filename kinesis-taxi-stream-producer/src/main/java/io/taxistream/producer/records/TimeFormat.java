package io.taxistream.producer.records;

import io.taxistream.events.DateTimes;
import io.taxistream.producer.text.DateTimeForm;
import io.taxistream.producer.text.WallClockTimes;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The format of a time field: parses it to milliseconds since the epoch, and formats a shifted time in the same way.
 *
 * <p>Local times are those of a time zone. A time that occurs twice, when clocks go back, is read as the first; a time
 * that is skipped, when clocks go forward, is moved forward by the length of the gap. Not thread-safe.
 */
abstract class TimeFormat {

    /** Name of the ISO-8601 format. */
    static final String ISO = "iso";

    private static final int MAX_NUMBER_LENGTH = 40;

    /** Maximum number of digits of the nanoseconds since the epoch in the years 0 to 9999. */
    private static final int MAX_DIGITS = 21;

    private final @Nullable WallClockTimes times;

    private TimeFormat(@Nullable ZoneId zone) {
        this.times = zone == null ? null : new WallClockTimes(zone);
    }

    /**
     * Returns the format with a name: {@code iso}, a unit since the epoch ({@code seconds}, {@code millis}, {@code
     * micros}, {@code nanos}), or a pattern of {@link DateTimeFormatter}.
     *
     * @param zone time zone of times without an offset; {@code null} if they are rejected
     * @throws IllegalArgumentException if the name is none of these; the message says why
     */
    static TimeFormat of(String name, @Nullable ZoneId zone) {
        return switch (name) {
            case ISO -> new Iso(zone);
            case "seconds" -> new Epoch(0, name);
            case "millis" -> new Epoch(3, name);
            case "micros" -> new Epoch(6, name);
            case "nanos" -> new Epoch(9, name);
            default -> new Pattern(name, zone);
        };
    }

    /**
     * Parses a time to milliseconds since the epoch, with fractions of a millisecond truncated.
     *
     * @throws DateTimeException if the text is not such a time, or is outside the years 0 to 9999
     */
    abstract long millis(char[] text, int offset, int length);

    /** Returns the accepted format for messages, with the reason why this text is not accepted unless it is obvious. */
    abstract String accepted(String text);

    /**
     * Returns a parsed text shifted by some milliseconds.
     *
     * @param byMillis a multiple of {@link #unitMillis}
     * @throws DateTimeException if the resulting time is outside the years 0 to 9999
     */
    abstract String shifted(String text, long byMillis);

    /** Returns the resolution of the format in milliseconds. */
    long unitMillis() {
        return 1;
    }

    /** Returns whether times are numbers since the epoch. */
    boolean isNumber() {
        return false;
    }

    final long millis(String text) {
        return millis(text.toCharArray(), 0, text.length());
    }

    /** Converts wall-clock milliseconds to milliseconds since the epoch. */
    final long toInstant(long localMillis) {
        if (times == null) {
            throw new DateTimeException("no time zone");
        }
        return times.toInstantMillis(localMillis);
    }

    final boolean hasZone() {
        return times != null;
    }

    private static final class Iso extends TimeFormat {

        private static final int UTC_SECONDS_LENGTH = DateTimes.DATE_TIME_LENGTH + 1;

        private final DateTimeForm form = new DateTimeForm();
        private final @Nullable ZoneId zone;

        Iso(@Nullable ZoneId zone) {
            super(zone);
            this.zone = zone;
        }

        @Override
        long millis(char[] text, int offset, int length) {
            if ((length == UTC_SECONDS_LENGTH || length == DateTimes.MAX_UTC_LENGTH)
                    && text[offset + 10] == 'T'
                    && text[offset + length - 1] == 'Z'
                    && (length == UTC_SECONDS_LENGTH || text[offset + DateTimes.DATE_TIME_LENGTH] == '.')) {
                return DateTimes.parseInstantMillis(text, offset, length);
            }
            form.parse(text, offset, length);
            if (form.isAmbiguous()) {
                throw new DateTimeException("day and month are ambiguous");
            }
            long localMillis = form.localSeconds() * 1_000L + form.millis();
            return form.hasOffset()
                    ? WallClockTimes.checked(localMillis - form.offsetSeconds() * 1_000L)
                    : toInstant(localMillis);
        }

        @Override
        String accepted(String text) {
            if (!hasZone() && isLocal(text)) {
                return "a time with an offset, such as 2016-01-01T05:12:30Z; set -timezone for times without one";
            }
            boolean number = text.matches("-?[0-9]+([.][0-9]*)?([eE][+]?[0-9]+)?");
            return "a time such as 2016-01-01T05:12:30Z"
                    + (number
                            ? ", not a number; set -timeFormat to seconds, millis or micros for numbers"
                            : "; set -timeFormat for another format");
        }

        private boolean isLocal(String text) {
            try {
                form.parse(text.toCharArray(), 0, text.length());
                return !form.hasOffset();
            } catch (DateTimeException e) {
                return false;
            }
        }

        @Override
        String shifted(String text, long byMillis) {
            long shifted = WallClockTimes.checked(millis(text) + byMillis);
            form.parse(text.toCharArray(), 0, text.length());
            int offsetSeconds = form.hasOffset() ? form.offsetSeconds() : 0;
            long localMillis = form.hasOffset() || zone == null
                    ? shifted + offsetSeconds * 1_000L
                    : LocalDateTime.ofInstant(Instant.ofEpochMilli(shifted), zone)
                            .toInstant(ZoneOffset.UTC)
                            .toEpochMilli();
            char[] written = new char[DateTimes.MAX_UTC_LENGTH];
            int length = DateTimes.writeUtc(WallClockTimes.checked(localMillis), written) - 1;
            if (text.indexOf('T') < 0) {
                written[10] = ' ';
            }
            String local = new String(written, 0, length);
            return form.hasOffset() ? local + ZoneOffset.ofTotalSeconds(offsetSeconds) : local;
        }
    }

    /** Numbers since 1970-01-01T00:00:00Z. */
    private static final class Epoch extends TimeFormat {

        private final int scale;
        private final String unit;

        /**
         * @param scale power of ten by which a second is divided to give the unit
         */
        Epoch(int scale, String unit) {
            super(null);
            this.scale = scale;
            this.unit = unit;
        }

        @Override
        long millis(char[] text, int offset, int length) {
            long value = 0;
            int at = offset;
            int end = offset + length;
            while (at < end && length <= 18 && text[at] >= '0' && text[at] <= '9') {
                value = value * 10 + text[at++] - '0';
            }
            if (at == end && length > 0) {
                return WallClockTimes.checked(scale == 0 ? inMillis(value) : value / power(scale - 3));
            }
            return number(new String(text, offset, length))
                    .movePointRight(3 - scale)
                    .setScale(0, RoundingMode.FLOOR)
                    .longValueExact();
        }

        private static long inMillis(long seconds) {
            // prevents overflow by numbers beyond the years 0 to 9999
            return seconds > DateTimes.MAX_MILLIS / 1_000 ? Long.MAX_VALUE : seconds * 1_000L;
        }

        private static long power(int exponent) {
            return exponent == 0 ? 1 : exponent == 3 ? 1_000 : 1_000_000;
        }

        private BigDecimal number(String text) {
            try {
                if (text.length() <= MAX_NUMBER_LENGTH) {
                    BigDecimal value = new BigDecimal(text);
                    // A huge exponent would need memory for as many digits.
                    if (value.signum() == 0 || Math.abs((long) value.precision() - value.scale()) <= MAX_DIGITS) {
                        long seconds = value.movePointLeft(scale)
                                .setScale(0, RoundingMode.FLOOR)
                                .longValueExact();
                        WallClockTimes.checked(Math.multiplyExact(seconds, 1_000L));
                        return value;
                    }
                }
            } catch (ArithmeticException | NumberFormatException e) {
                throw new DateTimeException("not a number of " + unit, e);
            }
            throw new DateTimeException("not a number of " + unit);
        }

        @Override
        String accepted(String text) {
            return "a number of " + unit + " since 1970 (-timeFormat), in the years 0 to 9999";
        }

        @Override
        String shifted(String text, long byMillis) {
            BigDecimal shifted = number(text).add(BigDecimal.valueOf(byMillis).movePointLeft(3 - scale));
            WallClockTimes.checked(millis(text) + byMillis);
            return (byMillis % unitMillis() == 0 && shifted.scale() > 0 && !text.contains(".")
                            ? shifted.setScale(0, RoundingMode.UNNECESSARY)
                            : shifted)
                    .toPlainString();
        }

        @Override
        long unitMillis() {
            return scale == 0 ? 1_000 : 1;
        }

        @Override
        boolean isNumber() {
            return true;
        }
    }

    private static final class Pattern extends TimeFormat {

        private static final long[] UNITS_MILLIS = {1, 1_000, 60_000};

        private final String pattern;
        private final @Nullable ZoneId zone;
        private final DateTimeFormatter formatter;
        private final long unitMillis;

        Pattern(String pattern, @Nullable ZoneId zone) {
            super(zone);
            this.pattern = pattern;
            this.zone = zone;
            this.formatter = new DateTimeFormatterBuilder()
                    .parseCaseInsensitive()
                    .appendPattern(pattern)
                    .toFormatter(Locale.ENGLISH);
            this.unitMillis = unit();
        }

        /** Returns the smallest shift that changes the text of a time. */
        private long unit() {
            OffsetDateTime some = OffsetDateTime.of(2016, 1, 2, 3, 4, 5, 0, ZoneOffset.UTC);
            try {
                String text = formatter.format(some);
                parsed(text);
                for (long unit : UNITS_MILLIS) {
                    if (!formatter.format(some.plusNanos(unit * 1_000_000)).equals(text)) {
                        return unit;
                    }
                }
            } catch (DateTimeException e) {
                throw new IllegalArgumentException("it lacks the date or the time of day", e);
            }
            throw new IllegalArgumentException("it lacks hours or minutes");
        }

        private TemporalAccessor parsed(String text) {
            return formatter.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
        }

        @Override
        long millis(char[] text, int offset, int length) {
            return toMillis(parsed(new String(text, offset, length)));
        }

        private long toMillis(TemporalAccessor time) {
            return time instanceof OffsetDateTime instant
                    ? DateTimes.toMillis(instant.toInstant())
                    : toInstant(DateTimes.toMillis(LocalDateTime.from(time).toInstant(ZoneOffset.UTC)));
        }

        @Override
        String accepted(String text) {
            try {
                toMillis(parsed(text));
            } catch (DateTimeException e) {
                if (!hasZone() && isLocal(text)) {
                    return "a time with an offset; set -timezone for times without one";
                }
            }
            return "a time in the format " + pattern + " (-timeFormat), in the years 0 to 9999";
        }

        private boolean isLocal(String text) {
            try {
                return parsed(text) instanceof LocalDateTime;
            } catch (DateTimeException e) {
                return false;
            }
        }

        @Override
        String shifted(String text, long byMillis) {
            TemporalAccessor time = parsed(text);
            Instant shifted = Instant.ofEpochMilli(WallClockTimes.checked(toMillis(time) + byMillis));
            return time instanceof OffsetDateTime offset
                    ? formatter.format(shifted.atOffset(offset.getOffset()))
                    : formatter.format(LocalDateTime.ofInstant(shifted, zone == null ? ZoneOffset.UTC : zone));
        }

        @Override
        long unitMillis() {
            return unitMillis;
        }
    }
}
