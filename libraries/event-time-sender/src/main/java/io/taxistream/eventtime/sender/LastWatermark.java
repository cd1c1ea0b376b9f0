package io.taxistream.eventtime.sender;

import io.taxistream.eventtime.MalformedWatermarkException;
import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.WatermarkRecord;
import io.taxistream.eventtime.sender.ShardReader.ArrivedRecord;
import io.taxistream.eventtime.sender.ShardReader.Page;
import io.taxistream.eventtime.sender.ShardReader.ReadableShard;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the watermark from which an interrupted part resumes: the maximum of its last watermarks in the shards.
 *
 * <p>Shards may disagree, and the maximum is correct: a part writes a watermark W to any shard only after all its events up to
 * W are acknowledged by their shards. If any shard contains W, no event of the part up to W is missing. A smaller watermark
 * would be safe too, but events would be sent again after greater watermarks, and would be late.
 *
 * <p>Anyone who can write to the stream can write a watermark far in the future, which would make the part skip its remaining
 * events. Watermarks beyond the clock are therefore used only if there are no others, as in a replay of future times. In a
 * replay that runs from the past into the future, this repeats events but never omits any.
 *
 * <p>Kinesis cannot be read backwards, so the search is by arrival time: an exponential search back from now until a watermark
 * is found, then a bisection for the last one; the remaining interval is read. A shard without watermarks, such as a new child,
 * is replaced by its parents. The search is limited to {@link #LIMIT}.
 */
final class LastWatermark {

    static final Duration LIMIT = Duration.ofMinutes(5);

    /** Upper bound for the clock skew between this machine and the stream. */
    private static final Duration FIRST_STEP = Duration.ofMinutes(1);

    private static final int STEP_GROWTH = 10;
    private static final Duration LONGEST_RETENTION = Duration.ofDays(366);

    /** Interval that is read rather than bisected; four watermarks are sent per second. */
    private static final Duration SHORT = Duration.ofSeconds(10);

    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(2));

    private final ShardReader stream;
    private final String name;
    private final TimeSource time;
    private final long deadlineNanos;
    private final Part part;

    /** Arrival time of the last watermark in the previous shard; those of the other shards are close to it. */
    private @Nullable Instant hint;

    /** Later watermarks are ignored. */
    private long latestMillis;

    private boolean sawLaterWatermark;

    /** A watermark and its arrival time. */
    private record Seen(long watermarkMillis, Instant arrival) {}

    /** @param name name of the stream, for messages */
    LastWatermark(ShardReader stream, String name, Part part, TimeSource time) {
        this.stream = stream;
        this.name = name;
        this.part = part;
        this.time = time;
        this.deadlineNanos = time.nanoTime() + LIMIT.toNanos();
    }

    /**
     * Returns the watermark in milliseconds since the epoch; empty if the stream contains none.
     *
     * @throws SenderFailedException if the stream cannot be read or the search takes too long
     */
    OptionalLong find() {
        latestMillis = time.millis() + FIRST_STEP.toMillis();
        OptionalLong greatest = findLatest();
        if (greatest.isEmpty() && sawLaterWatermark) {
            latestMillis = Long.MAX_VALUE;
            greatest = findLatest();
        }
        return greatest;
    }

    private OptionalLong findLatest() {
        Map<String, ReadableShard> shards =
                retried(stream::shards).stream().collect(Collectors.toMap(ReadableShard::id, shard -> shard));
        Set<ReadableShard> visited = new HashSet<>();
        Queue<ReadableShard> unreadShards = new ArrayDeque<>();
        shards.values().stream().filter(ReadableShard::open).forEach(unreadShards::add);
        OptionalLong greatest = OptionalLong.empty();
        for (ReadableShard shard = unreadShards.poll(); shard != null; shard = unreadShards.poll()) {
            // Two shards may share a parent.
            if (!visited.add(shard)) {
                continue;
            }
            Optional<Seen> last = last(shard.id());
            if (last.isPresent()) {
                greatest = OptionalLong.of(
                        Math.max(last.get().watermarkMillis(), greatest.orElse(WatermarkRecord.MIN_MILLIS)));
            } else {
                shard.parents().stream()
                        .filter(shards::containsKey)
                        .map(shards::get)
                        .forEach(unreadShards::add);
            }
        }
        return greatest;
    }

    private Optional<Seen> last(String shard) {
        // There are no watermarks from this time on; null if unknown.
        Instant emptyFrom = null;
        Optional<Seen> seen = Optional.empty();
        if (hint != null) {
            seen = firstFrom(shard, hint.minus(SHORT), null);
        }
        Instant now = Instant.ofEpochMilli(time.millis());
        for (Duration step = FIRST_STEP; seen.isEmpty(); step = step.multipliedBy(STEP_GROWTH)) {
            boolean wholeStream = step.compareTo(LONGEST_RETENTION) > 0;
            Instant from = wholeStream ? null : now.minus(step);
            seen = firstFrom(shard, from, emptyFrom);
            if (seen.isEmpty()) {
                if (wholeStream) {
                    return Optional.empty();
                }
                emptyFrom = from;
            }
        }
        while (emptyFrom != null
                && Duration.between(seen.get().arrival(), emptyFrom).compareTo(SHORT) > 0) {
            Instant from = seen.get().arrival();
            Instant middle = from.plus(Duration.between(from, emptyFrom).dividedBy(2));
            Optional<Seen> later = firstFrom(shard, middle, emptyFrom);
            if (later.isPresent()) {
                seen = later;
            } else {
                emptyFrom = middle;
            }
        }
        Seen last = lastFrom(shard, seen.get(), emptyFrom);
        hint = last.arrival();
        return Optional.of(last);
    }

    /** Returns the first watermark that arrived in an interval; {@code null} bounds are open. */
    private Optional<Seen> firstFrom(String shard, @Nullable Instant from, @Nullable Instant to) {
        return search(shard, from, to, true);
    }

    /** Returns the last watermark from a known one on. */
    private Seen lastFrom(String shard, Seen first, @Nullable Instant to) {
        return search(shard, first.arrival(), to, false).orElse(first);
    }

    private Optional<Seen> search(String shard, @Nullable Instant from, @Nullable Instant to, boolean firstOnly) {
        Optional<Seen> last = Optional.empty();
        String iterator = retried(() -> stream.iterator(shard, from));
        while (iterator != null) {
            String at = iterator;
            Page page = retried(() -> stream.read(at));
            for (ArrivedRecord record : page.records()) {
                if (to != null && !record.arrival().isBefore(to)) {
                    return last;
                }
                Optional<WatermarkRecord> watermark = watermark(record)
                        .filter(each -> each.part().equals(part))
                        .filter(this::counts);
                if (watermark.isPresent()) {
                    last = Optional.of(new Seen(watermark.get().watermarkMillis(), record.arrival()));
                    if (firstOnly) {
                        return last;
                    }
                }
            }
            iterator = page.caughtUp() ? null : page.next();
        }
        return last;
    }

    private boolean counts(WatermarkRecord watermark) {
        boolean later = watermark.watermarkMillis() > latestMillis;
        sawLaterWatermark |= later;
        return !later;
    }

    /** Parses the watermark in a record, which may be any record. */
    private static Optional<WatermarkRecord> watermark(ArrivedRecord record) {
        byte[] data = record.data();
        if (!WatermarkRecord.isWatermark(data, 0, data.length)) {
            return Optional.empty();
        }
        try {
            return Optional.of(WatermarkRecord.parse(data));
        } catch (MalformedWatermarkException e) {
            // a record of another application
            return Optional.empty();
        }
    }

    private <T> T retried(Supplier<T> call) {
        String reason = "";
        for (int failures = 0; ; failures++) {
            if (time.nanoTime() - deadlineNanos > 0) {
                throw new SenderFailedException("the last watermarks of stream " + name + " were not found within "
                        + LIMIT.toMinutes() + " minutes" + reason);
            }
            try {
                return call.get();
            } catch (SenderFailedException e) {
                throw e;
            } catch (RuntimeException e) {
                reason = " (" + e.getMessage() + ")";
            }
            try {
                time.sleep(BACKOFF.nanos(failures));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SenderFailedException("interrupted while stream " + name + " was read", e);
            }
        }
    }
}
