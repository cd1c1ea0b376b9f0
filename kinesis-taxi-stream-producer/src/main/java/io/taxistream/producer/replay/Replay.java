package io.taxistream.producer.replay;

import io.taxistream.eventtime.Part;
import io.taxistream.producer.events.EventForm;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Sends the events of a source to a sink, each when its time has come, until there is none left or it is told to stop.
 *
 * @param <E> type of the events
 */
public final class Replay<E> {

    /** How long a wait may last before it is looked whether to stop. */
    private static final long MAX_SLEEP_NANOS = 50_000_000L;

    /** A wait shorter than this is not worth a system call. */
    private static final long MIN_SLEEP_NANOS = 500_000L;

    private final Supplier<E> events;
    private final EventForm<E> form;
    private final EventSink<E> sink;
    private final Settings settings;
    private final TimeSource time;
    private final Consumer<String> messages;

    private volatile boolean stopped;
    private volatile long eventTimeMillis = Long.MIN_VALUE;
    private volatile long lagNanos;
    private final AtomicLong othersEvents = new AtomicLong();

    /**
     * How to replay.
     *
     * @param speedup event time per wall-clock time; 0 for as fast as the sink takes it
     * @param adaptTime what the events' times become
     * @param maxGap the longest gap in event time that is waited for; longer ones are jumped over
     * @param part whose events are sent; those of others are read and passed over
     */
    public record Settings(double speedup, AdaptTime adaptTime, Duration maxGap, Part part) {}

    /**
     * @param events in the order of their time; {@code null} after the last
     * @param messages takes a line for every gap that is jumped over
     */
    public Replay(
            Supplier<E> events,
            EventForm<E> form,
            EventSink<E> sink,
            Settings settings,
            TimeSource time,
            Consumer<String> messages) {
        this.events = events;
        this.form = form;
        this.sink = sink;
        this.settings = settings;
        this.time = time;
        this.messages = messages;
    }

    /**
     * Sends the events and sees them arrive.
     *
     * @throws io.taxistream.producer.input.InputFailedException if the events cannot be read
     * @throws StreamFailedException if the sink gives up
     */
    public void run() {
        Part part = settings.part();
        var clock = new ReplayClock(settings.speedup(), settings.maxGap().toMillis());
        long invocationMillis = time.millis();
        long shiftMillis = 0;
        long lastMillis = Long.MIN_VALUE;
        long lastSourceMillis = Long.MIN_VALUE;
        E event;
        while (!stopped && (event = events.get()) != null) {
            if (stopped) {
                // Told to stop while it was waiting for this one, which may not be the earliest: sorting broke off.
                break;
            }
            long sourceMillis = form.timeMillis(event);
            if (lastSourceMillis == Long.MIN_VALUE) {
                shiftMillis = settings.adaptTime() == AdaptTime.INVOCATION
                        ? form.shiftOfAtLeast(invocationMillis - sourceMillis)
                        : 0;
            } else if (clock.paced()
                    && sourceMillis - lastSourceMillis > settings.maxGap().toMillis()) {
                messages.accept("no events between " + Instant.ofEpochMilli(lastSourceMillis) + " and "
                        + Instant.ofEpochMilli(sourceMillis) + ": the gap is jumped over (-maxGap)");
            }
            lastSourceMillis = sourceMillis;
            if (clock.paced()) {
                long due = clock.dueNanos(sourceMillis, time.nanoTime());
                if (due - time.nanoTime() > MIN_SLEEP_NANOS) {
                    sink.advanceTo(
                            settings.adaptTime() == AdaptTime.INGESTION
                                    ? Math.max(lastMillis, time.millis())
                                    : sourceMillis + shiftMillis);
                    sink.beforeWait();
                    if (!awaitTime(due)) {
                        break;
                    }
                }
                lagNanos = Math.max(0, time.nanoTime() - due);
            }
            if (settings.adaptTime() == AdaptTime.INGESTION) {
                // the clock of a machine may be set back, event time may not
                shiftMillis = form.shiftOfAtLeast(Math.max(lastMillis, time.millis()) - sourceMillis);
            }
            lastMillis = sourceMillis + shiftMillis;
            if (part.isOnly() || part.owns(form.id(event))) {
                sink.send(shiftMillis == 0 ? event : form.shifted(event, shiftMillis), sourceMillis);
            } else {
                othersEvents.lazySet(othersEvents.get() + 1);
                sink.advanceTo(lastMillis);
            }
            eventTimeMillis = lastMillis;
        }
        sink.finish(!stopped);
    }

    /** Makes {@link #run} send no more events, see the ones on their way arrive, and return. */
    public void stop() {
        stopped = true;
    }

    /** Whether it was told to stop. */
    public boolean stopped() {
        return stopped;
    }

    /** Event time of the last event sent, milliseconds since the epoch; {@link Long#MIN_VALUE} before the first. */
    public long eventTimeMillis() {
        return eventTimeMillis;
    }

    /** Number of events that were passed over because they belong to other parts. */
    public long othersEvents() {
        return othersEvents.get();
    }

    /** How long after its time the last event was sent. */
    public Duration lag() {
        return Duration.ofNanos(lagNanos);
    }

    /** Waits until a time; {@code false} if told to stop meanwhile. */
    private boolean awaitTime(long dueNanos) {
        try {
            long left = dueNanos - time.nanoTime();
            while (left > 0) {
                if (stopped) {
                    return false;
                }
                time.sleep(Math.min(left, MAX_SLEEP_NANOS));
                left = dueNanos - time.nanoTime();
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopped = true;
            return false;
        }
    }
}
