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
 * How far the producer says that it has come.
 *
 * @param sent trips handed to the stream
 * @param lagSeconds how far the replay is behind its own clock, seconds of wall-clock time; negative if not told
 * @param rejected records of the input that could not be read
 * @param read records of the input that were read, those that could not be included; all of them by the time the first
 *     trip is sent, since the local input is sorted first
 * @param eventTime of the trip that was sent last
 * @param nowhere trips that begin or end in a taxi zone without a place; they are read, but not sent
 * @param phase what it does before the first trip is sent; empty once trips are being sent
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
     * What a producer does before the first trip is sent.
     *
     * @param name such as {@code reading} or {@code sorting}
     * @param share that is done, 0 to 1
     * @param secondsLeft until it is done
     */
    public record Phase(String name, OptionalDouble share, OptionalLong secondsLeft) {

        /** Such as {@code sorting 43 %}. */
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
                    phase(values)));
        } catch (NumberFormatException | DateTimeParseException e) {
            // The line begins like progress but holds something else: a person may know what.
            return Optional.empty();
        }
    }

    /**
     * This, with the trips that an earlier process of the same replay had sent; it had also read those that this one skips.
     * Trips that both have sent count once, as far as the number of trips of the input tells.
     */
    public ProducerProgress after(ProducerProgress earlier) {
        if (sent.isEmpty() || earlier.sent.isEmpty()) {
            return earlier.sent.isPresent() ? earlier : this;
        }
        OptionalLong allRead = earlier.read.orElse(0) > read.orElse(0) ? earlier.read : read;
        long allSent = earlier.sent.getAsLong() + sent.getAsLong();
        // Of what it skips, the later process does not know whether it can be read.
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
     * The progress of several producers together, each of which reads the whole input and sends its part of it: the trips
     * sent add up, and the rest is that of the producer that is furthest.
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

    /** The same with so many trips sent at least, since so many have been read at the other end. */
    public ProducerProgress withSentAtLeast(long trips) {
        long least = total().isPresent() ? Math.min(trips, total().getAsLong()) : trips;
        return sent.isEmpty() || sent.getAsLong() >= least ? this : withSent(least);
    }

    /** The same with so many trips sent. */
    public ProducerProgress withSent(long trips) {
        return new ProducerProgress(OptionalLong.of(trips), lagSeconds, rejected, read, eventTime, nowhere, phase);
    }

    /** Producers say what they do before the first trip is sent, or only how much of the input they have read. */
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
