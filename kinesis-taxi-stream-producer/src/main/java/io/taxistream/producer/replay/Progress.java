package io.taxistream.producer.replay;

import io.taxistream.producer.input.InputStatistics;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.StringJoiner;

/**
 * Reports the progress of a replay in lines of {@code name=value} pairs, which are legible and easy to parse.
 *
 * <p>Times are ISO-8601 UTC, {@code lag} and {@code wall} are in seconds, {@code rate} is events per second of
 * wall-clock time.
 */
public final class Progress {

    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final InputStatistics input;
    private final EventSink<?> sink;
    private final Replay<?> replay;
    private final boolean sort;
    private final TimeSource time;
    private final long startNanos;

    private long lastSent;
    private long lastNanos;

    /**
     * When events were first seen to be sent, and the number done by then, from which the remaining time is estimated.
     */
    private long sendingSinceNanos;

    private long doneBefore = -1;

    /**
     * Starts measuring.
     *
     * @param sort whether all events are read and sorted before the first is sent
     */
    public Progress(InputStatistics input, EventSink<?> sink, Replay<?> replay, boolean sort, TimeSource time) {
        this.input = input;
        this.sink = sink;
        this.replay = replay;
        this.sort = sort;
        this.time = time;
        this.startNanos = time.nanoTime();
        this.lastNanos = startNanos;
    }

    /**
     * Returns a line on the current state. The rate covers the time since the previous line, {@code phase} is {@code
     * sorting} while events are read and sorted before the first is sent, and {@code left} is the estimated number of
     * seconds to the end of the phase.
     */
    public synchronized String line() {
        SinkStatus status = sink.status();
        long now = time.nanoTime();
        var line = new StringJoiner(" ", "progress ", "");
        line.add("sent=" + status.sent());
        line.add("rate=" + rate(status.sent() - lastSent, now - lastNanos));
        lastSent = status.sent();
        lastNanos = now;
        line.add("phase=" + (sort && !hasSentEvents() ? "sorting" : "sending"));
        if (hasSentEvents()) {
            line.add("event_time=" + Instant.ofEpochMilli(replay.eventTimeMillis()));
        }
        if (status.watermarkMillis() != SinkStatus.NO_WATERMARK) {
            line.add("watermark=" + Instant.ofEpochMilli(status.watermarkMillis()));
        }
        line.add("lag=" + seconds(replay.lag().toNanos()));
        if (input.totalBytes() > 0) {
            line.add("input=" + 100 * input.bytesRead() / input.totalBytes() + "%");
            line.add("read=" + (input.events() + input.rejected() + input.nowhere()));
        }
        secondsLeft(status.sent() + replay.eventsOfOtherParts(), now).ifPresent(left -> line.add("left=" + left));
        line.add("in_flight=" + status.inFlight());
        line.add("retried=" + status.retried());
        line.add("rejected=" + input.rejected());
        line.add("late=" + input.late());
        line.add("nowhere=" + input.nowhere());
        return line.toString();
    }

    /**
     * @param done number of events sent, plus those skipped because they belong to other parts
     */
    private OptionalLong secondsLeft(long done, long now) {
        if (!sort || !hasSentEvents()) {
            return secondsLeft(now - startNanos, input.bytesRead(), input.totalBytes() - input.bytesRead());
        }
        if (doneBefore < 0) {
            doneBefore = done;
            sendingSinceNanos = now;
        }
        return secondsLeft(now - sendingSinceNanos, done - doneBefore, input.events() - done);
    }

    private static OptionalLong secondsLeft(long nanos, long done, long remaining) {
        return done <= 0 || nanos <= 0
                ? OptionalLong.empty()
                : OptionalLong.of(Math.round(nanos / 1e9 * Math.max(0, remaining) / done));
    }

    /** Returns a short status: events per second since the last call, lag and event time. */
    public synchronized String shortStatus() {
        long sent = sink.status().sent();
        long now = time.nanoTime();
        String rate = String.format(Locale.ROOT, "%,d/s", rate(sent - lastSent, now - lastNanos));
        lastSent = sent;
        lastNanos = now;
        return hasSentEvents()
                ? rate + " lag " + seconds(replay.lag().toNanos()) + "s "
                        + MINUTE.format(Instant.ofEpochMilli(replay.eventTimeMillis()))
                : String.format(Locale.ROOT, "%,d read", input.events());
    }

    /** Returns the number of stored bytes read so far. */
    public long bytesRead() {
        return input.bytesRead();
    }

    /** Returns the stored size of the whole input. */
    public long totalBytes() {
        return input.totalBytes();
    }

    /** Returns the number of events read so far. */
    public long eventsRead() {
        return input.events();
    }

    /** Returns the number of events sent so far, plus those skipped because they belong to other parts. */
    public long eventsDone() {
        return sink.status().sent() + replay.eventsOfOtherParts();
    }

    /** Returns whether an event has been sent. */
    public boolean hasSentEvents() {
        return replay.eventTimeMillis() != Long.MIN_VALUE;
    }

    /** Returns the last line: the outcome of all records read. */
    public synchronized String summary() {
        SinkStatus status = sink.status();
        long nanos = time.nanoTime() - startNanos;
        var line = new StringJoiner(" ", "summary ", "");
        line.add("read=" + input.records());
        line.add("sent=" + status.sent());
        line.add("rejected=" + input.rejected());
        input.rejectedByReason().forEach((reason, count) -> line.add("rejected." + reason.label() + "=" + count));
        line.add("late=" + input.late());
        line.add("skipped=" + input.skipped());
        if (replay.eventsOfOtherParts() > 0) {
            line.add("of_other_parts=" + replay.eventsOfOtherParts());
        }
        line.add("unsent=" + (input.events() - input.late() - replay.eventsOfOtherParts() - status.sent()));
        line.add("nowhere=" + input.nowhere());
        line.add("retried=" + status.retried());
        line.add("objects=" + input.objects());
        line.add("damaged_objects=" + input.damagedObjects());
        if (hasSentEvents()) {
            line.add("event_time=" + Instant.ofEpochMilli(replay.eventTimeMillis()));
        }
        if (status.watermarkMillis() != SinkStatus.NO_WATERMARK) {
            line.add("watermark=" + Instant.ofEpochMilli(status.watermarkMillis()));
        }
        line.add("wall=" + seconds(nanos));
        line.add("rate=" + rate(status.sent(), nanos));
        return line.toString();
    }

    private static long rate(long count, long nanos) {
        return nanos <= 0 ? 0 : Math.round(count * 1e9 / nanos);
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.1f", nanos / 1e9);
    }
}
