package io.taxistream.local.status;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How far the producer says that it has come.
 *
 * @param sent trips handed to the stream
 * @param lagSeconds how far the replay is behind its own clock, seconds of wall-clock time; negative if not told
 * @param rejected records of the input that could not be read
 * @param read records of the input that were read, those that could not be included; all of them by the time the first
 *     trip is sent, since the local input is sorted first
 * @param eventTime of the trip that was sent last
 * @param nowhere trips that begin or end in a taxi zone without a place, part of {@code read}
 * @param sorting how far reading and sorting has come; empty once trips are sent
 * @param left time to the end of sorting, or of the replay once trips are sent; empty while it is not known
 */
public record ProducerProgress(
        OptionalLong sent,
        double lagSeconds,
        OptionalLong rejected,
        OptionalLong read,
        Optional<Instant> eventTime,
        OptionalLong nowhere,
        Optional<Sorting> sorting,
        Optional<Duration> left) {

    public static final ProducerProgress NONE = new ProducerProgress(
            OptionalLong.empty(), -1, OptionalLong.empty(), OptionalLong.empty(), Optional.empty());

    /**
     * How far reading and sorting has come.
     *
     * @param percent share of the input's bytes that has been read
     * @param records records that have been read
     */
    public record Sorting(int percent, long records) {}

    /** While trips are sent, with nothing known about the time left. */
    public ProducerProgress(
            OptionalLong sent,
            double lagSeconds,
            OptionalLong rejected,
            OptionalLong read,
            Optional<Instant> eventTime) {
        this(sent, lagSeconds, rejected, read, eventTime, OptionalLong.empty(), Optional.empty(), Optional.empty());
    }

    /** Trips of the input; empty while it is not known. */
    public OptionalLong total() {
        return read.isPresent() && sent.orElse(0) > 0
                ? OptionalLong.of(read.getAsLong() - rejected.orElse(0) - nowhere.orElse(0))
                : OptionalLong.empty();
    }

    /** Reads a line of the producer, such as {@code progress sent=1200 rate=600 lag=0.1}; empty if it is another line. */
    public static Optional<ProducerProgress> parse(String line) {
        String[] words = line.strip().split(" +", -1);
        if (!words[0].equals("progress") && !words[0].equals("summary")) {
            return Optional.empty();
        }
        Map<String, String> values = new HashMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                values.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        try {
            return Optional.of(new ProducerProgress(
                    count(values.get("sent")),
                    Double.parseDouble(values.getOrDefault("lag", "-1")),
                    count(values.get("rejected")),
                    count(values.get("read")),
                    Optional.ofNullable(values.get("event_time")).map(Instant::parse),
                    count(values.get("nowhere")),
                    sorting(values),
                    Optional.ofNullable(values.get("left")).map(Long::parseLong).map(Duration::ofSeconds)));
        } catch (NumberFormatException | DateTimeParseException e) {
            // The line begins like progress but holds something else: a person may know what.
            return Optional.empty();
        }
    }

    /** This, with the trips that an earlier process of the same replay had sent; it had read those, too, that this skips. */
    public ProducerProgress after(ProducerProgress earlier) {
        return sent.isEmpty() || earlier.sent.isEmpty()
                ? this
                : new ProducerProgress(
                        OptionalLong.of(earlier.sent.getAsLong() + sent.getAsLong()),
                        lagSeconds,
                        rejected,
                        earlier.read.orElse(0) > read.orElse(0) ? earlier.read : read,
                        eventTime,
                        nowhere,
                        sorting,
                        left);
    }

    private static Optional<Sorting> sorting(Map<String, String> values) {
        if (!"sorting".equals(values.get("phase"))) {
            return Optional.empty();
        }
        // Neither is told before the input is listed.
        return Optional.of(new Sorting(
                Integer.parseInt(values.getOrDefault("input", "0").replace("%", "")),
                Long.parseLong(values.getOrDefault("read", "0"))));
    }

    private static OptionalLong count(String value) {
        return value == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(value));
    }
}
