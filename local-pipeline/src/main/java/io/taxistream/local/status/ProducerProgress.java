package io.taxistream.local.status;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Progress that the producer reports.
 *
 * @param sent number of trips handed to the stream
 * @param lagSeconds wall-clock seconds by which the replay lags its schedule; negative if not reported
 * @param rejected number of input records that could not be read
 * @param read number of input records read, including unreadable ones; complete by the time the first trip is sent, since the
 *     local input is sorted first
 * @param eventTime event time of the last trip sent
 * @param nowhere number of trips that begin or end in a taxi zone without a location; they are read, but not sent
 * @param phase current phase before the first trip is sent; empty from then on
 */
public record ProducerProgress(
        OptionalLong sent,
        double lagSeconds,
        OptionalLong rejected,
        OptionalLong read,
        Optional<Instant> eventTime,
        OptionalLong nowhere,
        Optional<Phase> phase) {

    private static final String READING = "reading";
    private static final String SENDING = "sending";

    /**
     * A phase of the producer before the first trip is sent.
     *
     * @param name name, such as {@code reading} or {@code sorting}
     * @param share completed share, 0 to 1
     * @param secondsLeft estimated time left
     */
    public record Phase(String name, OptionalDouble share, OptionalLong secondsLeft) {

        /** Returns for example {@code sorting 43 %}. */
        @Override
        public String toString() {
            return share.isEmpty() ? name : name + " " + (int) Math.floor(100 * share.getAsDouble()) + " %";
        }
    }

    public static final ProducerProgress NONE = new ProducerProgress(
            OptionalLong.empty(),
            -1,
            OptionalLong.empty(),
            OptionalLong.empty(),
            Optional.empty(),
            OptionalLong.empty(),
            Optional.empty());

    /** Returns the number of trips in the input; empty while it is unknown. */
    public OptionalLong total() {
        return read.isPresent() && sent.orElse(0) > 0
                ? OptionalLong.of(read.getAsLong() - rejected.orElse(0) - nowhere.orElse(0))
                : OptionalLong.empty();
    }

    /**
     * Parses a line of the producer, such as {@code progress sent=1200 rate=600 lag=0.1}; empty if it is not a progress report.
     */
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
                    phase(values)));
        } catch (NumberFormatException | DateTimeParseException e) {
            // The line starts like a progress report but does not parse: leave it to the log.
            return Optional.empty();
        }
    }

    /**
     * Adds the trips sent by an earlier process of the same replay, which had also read those that this one skips. Trips sent
     * by both count once, as far as the number of trips in the input reveals them.
     */
    public ProducerProgress after(ProducerProgress earlier) {
        if (sent.isEmpty() || earlier.sent.isEmpty()) {
            return earlier.sent.isPresent() ? earlier : this;
        }
        OptionalLong allRead = earlier.read.orElse(0) > read.orElse(0) ? earlier.read : read;
        long allSent = earlier.sent.getAsLong() + sent.getAsLong();
        // The later process does not know which of the records that it skips are readable.
        ProducerProgress both = new ProducerProgress(
                OptionalLong.of(allSent),
                lagSeconds,
                greatest(List.of(rejected, earlier.rejected)),
                allRead,
                eventTime,
                greatest(List.of(nowhere, earlier.nowhere)),
                phase);
        return both.total().isPresent()
                ? both.withSent(Math.min(allSent, both.total().getAsLong()))
                : both;
    }

    /**
     * Combines the progress of several producers, each of which reads the whole input and sends its part of it: the numbers of
     * trips sent are added, and everything else is that of the most advanced producer.
     */
    public static ProducerProgress ofAllParts(List<ProducerProgress> parts) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        List<ProducerProgress> known =
                parts.stream().filter(part -> part.sent.isPresent()).toList();
        if (known.isEmpty()) {
            return NONE;
        }
        boolean isSending = known.stream().anyMatch(part -> part.phase.isEmpty());
        return new ProducerProgress(
                OptionalLong.of(
                        known.stream().mapToLong(part -> part.sent.orElse(0)).sum()),
                known.stream().mapToDouble(ProducerProgress::lagSeconds).max().orElse(-1),
                greatest(known.stream().map(ProducerProgress::rejected).toList()),
                greatest(known.stream().map(ProducerProgress::read).toList()),
                known.stream().flatMap(part -> part.eventTime.stream()).max(Instant::compareTo),
                greatest(known.stream().map(ProducerProgress::nowhere).toList()),
                isSending ? Optional.empty() : known.get(0).phase);
    }

    private static OptionalLong greatest(List<OptionalLong> counts) {
        return counts.stream().flatMapToLong(OptionalLong::stream).max();
    }

    /** Returns this progress with a lower bound for the trips sent, given by the number read downstream. */
    public ProducerProgress withSentAtLeast(long trips) {
        long least = total().isPresent() ? Math.min(trips, total().getAsLong()) : trips;
        return sent.isEmpty() || sent.getAsLong() >= least ? this : withSent(least);
    }

    /** Returns this progress with another number of trips sent. */
    public ProducerProgress withSent(long trips) {
        return new ProducerProgress(OptionalLong.of(trips), lagSeconds, rejected, read, eventTime, nowhere, phase);
    }

    /** Returns the phase before the first trip is sent. Some reports only contain the share of the input that has been read. */
    private static Optional<Phase> phase(Map<String, String> values) {
        boolean isReading = values.containsKey("input") && !values.containsKey("event_time");
        if (SENDING.equals(values.get("phase")) || (!values.containsKey("phase") && !isReading)) {
            return Optional.empty();
        }
        return Optional.of(new Phase(
                values.getOrDefault("phase", READING),
                percent(values.getOrDefault("done", values.get("input"))),
                seconds(values.get("left"))));
    }

    private static OptionalDouble percent(@Nullable String value) {
        return value == null
                ? OptionalDouble.empty()
                : OptionalDouble.of(Double.parseDouble(value.replace("%", "")) / 100);
    }

    private static OptionalLong seconds(@Nullable String value) {
        return value == null
                ? OptionalLong.empty()
                : OptionalLong.of(Math.round(Double.parseDouble(value.replace("s", ""))));
    }

    private static OptionalLong count(@Nullable String value) {
        return value == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(value));
    }
}
