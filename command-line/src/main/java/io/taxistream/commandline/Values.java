package io.taxistream.commandline;

import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;

/** Values as they are written on a command line, by the type of their option. */
final class Values {

    private static final Pattern DURATION = Pattern.compile("(\\d+)(ms|s|min|m|h)");
    private static final int MAX_PORT = 65_535;

    /** Replaces bytes that the charset of the locale cannot decode. */
    private static final char NOT_DECODED = '\ufffd';

    /**
     * A type of option.
     *
     * @param accepted what it accepts, to complete "it must be"
     * @param converter throws any exception for what it does not accept
     */
    record Type(String accepted, ITypeConverter<?> converter) {}

    /** Types that all programs convert alike. */
    static final Map<Class<?>, Type> TYPES = Map.of(
            int.class, new Type("a whole number", value -> new BigDecimal(value).intValueExact()),
            Integer.class, new Type("a whole number", value -> new BigDecimal(value).intValueExact()),
            Long.class, new Type("a whole number", value -> new BigDecimal(value).longValueExact()),
            double.class, new Type("a number", value -> new BigDecimal(value).doubleValue()),
            Duration.class, new Type("a duration such as 500ms, 30s, 10m or 6h", Values::duration),
            Instant.class,
                    new Type(
                            "a time such as 2016-01-01T05:00:00Z",
                            value -> OffsetDateTime.parse(value).toInstant()),
            URI.class, new Type("a URL without credentials, such as https://localhost:4567", Values::url),
            Path.class,
                    new Type(
                            "the path of a file or folder; a name that is not ASCII, also of the current folder,"
                                    + " requires a UTF-8 locale, such as LC_ALL=C.UTF-8",
                            Values::path));

    private Values() {}

    /** A value as it is written on a command line. */
    static String written(Object value) {
        if (!(value instanceof Duration duration)) {
            return value.toString();
        }
        if (duration.toMillisPart() > 0) {
            return duration.toMillis() + "ms";
        }
        if (duration.isZero() || duration.toSecondsPart() > 0) {
            return duration.toSeconds() + "s";
        }
        return duration.toMinutesPart() > 0 ? duration.toMinutes() + "m" : duration.toHours() + "h";
    }

    private static Duration duration(String value) {
        Matcher matcher = DURATION.matcher(value);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a number with a unit");
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m", "min" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }

    private static URI url(String value) {
        URI url = URI.create(value);
        boolean isHttp = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
        boolean isPort = url.getPort() == -1 || (url.getPort() > 0 && url.getPort() <= MAX_PORT);
        if (!isHttp
                || !isPort
                || url.getHost() == null
                || url.getRawUserInfo() != null
                || url.getRawQuery() != null
                || url.getRawFragment() != null) {
            throw new IllegalArgumentException("not the URL of a service");
        }
        return url;
    }

    private static Path path(String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException("not a path");
        }
        Path path = Path.of(value);
        if (!path.isAbsolute() && System.getProperty("user.dir").indexOf(NOT_DECODED) >= 0) {
            throw new IllegalArgumentException("relative to a folder that Java cannot name");
        }
        return path;
    }
}
