package io.taxistream.producer.kinesis;

import io.taxistream.events.Event;
import io.taxistream.events.EventReader;
import io.taxistream.events.MalformedEventException;
import io.taxistream.events.WatermarkEvent;
import io.taxistream.producer.kinesis.ShardReader.ArrivedRecord;
import io.taxistream.producer.kinesis.ShardReader.Page;
import io.taxistream.producer.kinesis.ShardReader.ReadableShard;
import io.taxistream.producer.replay.StreamFailedException;
import io.taxistream.producer.replay.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Finds the watermark behind which a replay that broke off goes on: the largest of the last ones in its shards.
 *
 * <p>Why the largest, although the shards disagree: a watermark W is put into any shard only after the trips up to W were
 * acknowledged by all of them. So whichever shard holds it, nothing up to W is missing anywhere. A smaller one would do for
 * that as well, but trips would be sent again behind larger watermarks, where they are late.
 *
 * <p>Kinesis cannot be read backwards. So time is searched: back from now in steps that grow until there is a watermark
 * behind one, then in halves for where they end; what lies there is read. A shard without any, such as a new child, is
 * answered for by its parents. The search ends after {@link #LIMIT}.
 */
final class LastWatermark {

    static final Duration LIMIT = Duration.ofMinutes(5);

    /** The clocks of this machine and of the stream may differ by less than this. */
    private static final Duration FIRST_STEP = Duration.ofMinutes(1);

    private static final int STEP_GROWTH = 10;
    private static final Duration LONGEST_RETENTION = Duration.ofDays(366);

    /** A span of time to read through rather than to halve; watermarks come four times a second. */
    private static final Duration SHORT = Duration.ofSeconds(10);

    private static final Duration FIRST_BACKOFF = Duration.ofMillis(200);
    private static final Duration LAST_BACKOFF = Duration.ofSeconds(2);

    private final ShardReader stream;
    private final String name;
    private final TimeSource time;
    private final long deadlineNanos;
    private final EventReader events = new EventReader();

    /** What the shards asked so far hold; a shard may be parent to two. */
    private final Map<String, Optional<Seen>> known = new HashMap<>();

    /** When the last watermark of the shard before arrived: those of the others are not far. */
    private Instant hint;

    /** A watermark, and when it arrived. */
    private record Seen(long watermarkMillis, Instant arrival) {}

    /** @param name the stream's, for messages */
    LastWatermark(ShardReader stream, String name, TimeSource time) {
        this.stream = stream;
        this.name = name;
        this.time = time;
        this.deadlineNanos = time.nanoTime() + LIMIT.toNanos();
    }

    /**
     * The watermark, milliseconds since the epoch; empty if the stream holds none.
     *
     * @throws StreamFailedException if the stream cannot be read, or the search takes too long
     */
    OptionalLong find() {
        Map<String, ReadableShard> shards =
                retried(stream::shards).stream().collect(Collectors.toMap(ReadableShard::id, shard -> shard));
        return shards.values().stream()
                .filter(ReadableShard::open)
                .flatMapToLong(shard -> lastOfFamily(shard, shards).stream())
                .max();
    }

    /** The last watermark of a shard or, if it has none, the largest of its parents. */
    private OptionalLong lastOfFamily(ReadableShard shard, Map<String, ReadableShard> shards) {
        Optional<Seen> own = known.computeIfAbsent(shard.id(), this::last);
        if (own.isPresent()) {
            return OptionalLong.of(own.get().watermarkMillis());
        }
        return shard.parents().stream()
                .filter(shards::containsKey)
                .flatMapToLong(parent -> lastOfFamily(shards.get(parent), shards).stream())
                .max();
    }

    private Optional<Seen> last(String shard) {
        // From this time on there are none; null if that is not known of any time.
        Instant noneFrom = null;
        Optional<Seen> seen = Optional.empty();
        if (hint != null) {
            seen = firstFrom(shard, hint.minus(SHORT), null);
        }
        Instant now = Instant.ofEpochMilli(time.millis());
        for (Duration step = FIRST_STEP; seen.isEmpty(); step = step.multipliedBy(STEP_GROWTH)) {
            boolean everything = step.compareTo(LONGEST_RETENTION) > 0;
            Instant from = everything ? null : now.minus(step);
            seen = firstFrom(shard, from, noneFrom);
            if (seen.isEmpty()) {
                if (everything) {
                    return Optional.empty();
                }
                noneFrom = from;
            }
        }
        while (noneFrom != null
                && Duration.between(seen.get().arrival(), noneFrom).compareTo(SHORT) > 0) {
            Instant from = seen.get().arrival();
            Instant middle = from.plus(Duration.between(from, noneFrom).dividedBy(2));
            Optional<Seen> later = firstFrom(shard, middle, noneFrom);
            if (later.isPresent()) {
                seen = later;
            } else {
                noneFrom = middle;
            }
        }
        Seen last = lastFrom(shard, seen.get(), noneFrom);
        hint = last.arrival();
        return Optional.of(last);
    }

    /** The first watermark that arrived in a span of time; the ends may be {@code null} for open. */
    private Optional<Seen> firstFrom(String shard, Instant from, Instant to) {
        return search(shard, from, to, true);
    }

    /** The last watermark from one on. */
    private Seen lastFrom(String shard, Seen first, Instant to) {
        return search(shard, first.arrival(), to, false).orElse(first);
    }

    private Optional<Seen> search(String shard, Instant from, Instant to, boolean firstOnly) {
        Optional<Seen> last = Optional.empty();
        String iterator = retried(() -> stream.iterator(shard, from));
        while (iterator != null) {
            String at = iterator;
            Page page = retried(() -> stream.read(at));
            for (ArrivedRecord record : page.records()) {
                if (to != null && !record.arrival().isBefore(to)) {
                    return last;
                }
                if (watermark(record) instanceof WatermarkEvent watermark) {
                    last = Optional.of(new Seen(watermark.timestampMillis(), record.arrival()));
                    if (firstOnly) {
                        return last;
                    }
                }
            }
            iterator = page.caughtUp() ? null : page.next();
        }
        return last;
    }

    /** The event of a record that may be anything, packed trips for instance; {@code null} if it is none. */
    private Event watermark(ArrivedRecord record) {
        if (record.data().length == 0 || record.data()[0] != '{') {
            return null;
        }
        try {
            return events.read(record.data());
        } catch (MalformedEventException e) {
            // Somebody else's record.
            return null;
        }
    }

    private <T> T retried(Supplier<T> call) {
        Duration backoff = FIRST_BACKOFF;
        String trouble = "";
        while (true) {
            if (time.nanoTime() - deadlineNanos > 0) {
                throw new StreamFailedException("the last watermarks of stream " + name + " were not found within "
                        + LIMIT.toMinutes() + " minutes" + trouble + "; say with -seek where to go on");
            }
            try {
                return call.get();
            } catch (StreamFailedException e) {
                throw e;
            } catch (RuntimeException e) {
                trouble = " (" + e.getMessage() + ")";
            }
            try {
                time.sleep(backoff.toNanos());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StreamFailedException("interrupted while stream " + name + " was read", e);
            }
            backoff = backoff.compareTo(LAST_BACKOFF) < 0 ? backoff.multipliedBy(2) : LAST_BACKOFF;
        }
    }
}
