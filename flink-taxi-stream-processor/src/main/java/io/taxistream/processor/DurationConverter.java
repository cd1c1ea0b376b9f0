package io.taxistream.processor;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses a duration of a whole number and a unit, such as {@code 500ms}, {@code 30s}, {@code 10m} or {@code 6h}. */
final class DurationConverter implements ITypeConverter<Duration> {

    private static final Pattern DURATION = Pattern.compile("(\\d+)(ms|s|min|m|h)");

    private static final int MAX_DIGITS = 15;
    private static final long MORE_THAN_ALLOWED = 1_000_000_000_000_000L;

    @Override
    public Duration convert(String value) {
        Matcher matcher = DURATION.matcher(value);
        if (!matcher.matches()) {
            throw new TypeConversionException("'" + value + "' is not a duration such as 500ms, 30s, 10m or 6h");
        }
        String digits = matcher.group(1);
        // A longer number exceeds the range of every option, whose check reports it.
        long amount = digits.length() <= MAX_DIGITS ? Long.parseLong(digits) : MORE_THAN_ALLOWED;
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m", "min" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }
}
