package io.taxistream.producer;

import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads the values of options; a {@link UsageException} names the option, the value and what is accepted. */
final class OptionValues {

    private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999Z");
    private static final int MAX_PORT = 65_535;

    private OptionValues() {}

    /** @param unit what is counted, for the message, such as {@code milliseconds} */
    static long wholeNumber(String option, String text, long min, long max, String unit) {
        try {
            long value = new BigDecimal(text).longValueExact();
            if (value >= min && value <= max) {
                return value;
            }
        } catch (ArithmeticException | NumberFormatException e) {
            throw notANumber(option, text, min, max, unit, e);
        }
        throw notANumber(option, text, min, max, unit, null);
    }

    private static UsageException notANumber(
            String option, String text, long min, long max, String unit, @Nullable RuntimeException cause) {
        return new UsageException(
                option + " is '" + text + "'; it must be a whole number of " + unit + " from " + min + " to " + max,
                cause);
    }

    /** @param accepted what the number must be, for the message */
    static double number(String option, String text, double min, double max, String accepted) {
        try {
            double value = Double.parseDouble(text);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new UsageException(option + " is '" + text + "'; it must be " + accepted, e);
        }
        throw new UsageException(option + " is '" + text + "'; it must be " + accepted);
    }

    /** A file or folder; {@code null} if the option is not given. */
    static @Nullable Path path(String option, @Nullable String text) {
        if (text == null) {
            return null;
        }
        if (text.isBlank()) {
            throw new UsageException(option + " is empty; name a file");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new UsageException(
                    option + " is '" + text + "', which the locale has no characters for; run with LC_ALL=C.UTF-8", e);
        }
    }

    /** Milliseconds since the epoch, or {@code notGiven} if the option is not given. */
    static long timeMillis(String option, @Nullable String text, @Nullable ZoneId zone, long notGiven) {
        return text == null ? notGiven : time(option, text, zone).toEpochMilli();
    }

    private static Instant time(String option, String text, @Nullable ZoneId zone) {
        try {
            TemporalAccessor parsed = DateTimeFormatter.ISO_DATE_TIME.parseBest(
                    text.toUpperCase(Locale.ROOT), ZonedDateTime::from, LocalDateTime::from);
            if (parsed instanceof LocalDateTime && zone == null) {
                throw new UsageException(
                        option + " is '" + text + "', which has no offset; add one, such as Z, or name its -timezone");
            }
            Instant time = parsed instanceof LocalDateTime local && zone != null
                    ? local.atZone(zone).toInstant()
                    : Instant.from(parsed);
            if (!time.isBefore(FIRST) && !time.isAfter(LAST)) {
                return time;
            }
        } catch (DateTimeException e) {
            throw notATime(option, text, e);
        }
        throw notATime(option, text, null);
    }

    private static UsageException notATime(String option, String text, @Nullable RuntimeException cause) {
        return new UsageException(
                option + " is '" + text
                        + "'; it must be an ISO-8601 date and time in the years 0000 to 9999, such as 2015-12-01T08:00:00Z",
                cause);
    }

    /** The address of a service; {@code null} if the option is not given. */
    static @Nullable URI endpoint(String option, @Nullable String text) {
        if (text == null) {
            return null;
        }
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw notAnEndpoint(option, text, e);
        }
        if (uri.getRawUserInfo() != null) {
            // The value is not repeated: what is printed may be kept.
            throw new UsageException(option + " must not contain credentials; set them in the environment");
        }
        boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        String path = uri.getRawPath();
        if (!http
                || uri.getHost() == null
                || uri.getPort() == 0
                || uri.getPort() > MAX_PORT
                || uri.getRawQuery() != null
                || uri.getRawFragment() != null
                || !(path == null || path.isEmpty() || path.equals("/"))) {
            throw notAnEndpoint(option, text, null);
        }
        return uri;
    }

    private static UsageException notAnEndpoint(String option, String text, @Nullable Exception cause) {
        return new UsageException(
                option + " is '" + text + "'; it must be a URL of a host, such as https://localhost:4567", cause);
    }
}
