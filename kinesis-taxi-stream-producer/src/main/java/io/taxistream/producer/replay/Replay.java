package io.taxistream.producer.replay;

import io.taxistream.eventtime.Part;
import io.taxistream.producer.events.EventForm;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Sends the events of a source to a sink, each at its time, until the source is exhausted or a stop is requested.
 *
 * @param <E> type of the events
 */
public final class Replay<E> {

    /** Longest sleep before checking for a stop request. */
    private static final long MAX_SLEEP_NANOS = 50_000_000L;

    /** Shorter waits are not worth a system call. */
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
    private final AtomicLong eventsOfOtherParts = new AtomicLong();

    /**
     * Settings of a replay.
     *
     * @param speedup ratio of event time to wall-clock time; 0 for as fast as the sink accepts events
     * @param adaptTime how the times of events are adapted
     * @param maxGap longest gap in event time to wait for; longer gaps are skipped
     * @param part part to be sent; events of other parts are read and skipped
     */
    public record Settings(double speedup, AdaptTime adaptTime, Duration maxGap, Part part) {}

    /**
     * @param events supplies the events in the order of their time, then {@code null}
     * @param messages receives a line for each gap that is skipped
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
     * Sends the events and waits for their arrival.
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
                // Stopped while waiting for this event, which may not be the earliest because sorting was cut short.
                break;
            }
            long sourceMillis = form.timeMillis(event);
            if (lastSourceMillis == Long.MIN_VALUE) {
                shiftMillis = settings.adaptTime() == AdaptTime.INVOCATION
                        ? form.smallestShift(invocationMillis - sourceMillis)
                        : 0;
            } else if (clock.paced()
                    && sourceMillis - lastSourceMillis > settings.maxGap().toMillis()) {
                messages.accept("no events between " + Instant.ofEpochMilli(lastSourceMillis) + " and "
                        + Instant.ofEpochMilli(sourceMillis) + "; skipping the gap (-maxGap)");
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
                // the machine's clock may be set back, event time may not
                shiftMillis = form.smallestShift(Math.max(lastMillis, time.millis()) - sourceMillis);
            }
            lastMillis = sourceMillis + shiftMillis;
            if (part.isOnly() || part.owns(form.id(event))) {
                sink.send(shiftMillis == 0 ? event : form.shifted(event, shiftMillis), sourceMillis);
            } else {
                eventsOfOtherParts.lazySet(eventsOfOtherParts.get() + 1);
                sink.advanceTo(lastMillis);
            }
            eventTimeMillis = lastMillis;
        }
        sink.finish(!stopped);
    }

    /** Makes {@link #run} stop sending, wait for the arrival of in-flight events, and return. */
    public void stop() {
        stopped = true;
    }

    /** Returns whether a stop was requested. */
    public boolean stopped() {
        return stopped;
    }

    /**
     * Returns the event time of the last event sent in milliseconds since the epoch; {@link Long#MIN_VALUE} before the
     * first.
     */
    public long eventTimeMillis() {
        return eventTimeMillis;
    }

    /** Returns the number of events skipped because they belong to other parts. */
    public long eventsOfOtherParts() {
        return eventsOfOtherParts.get();
    }

    /** Returns the delay of the last event sent after its due time. */
    public Duration lag() {
        return Duration.ofNanos(lagNanos);
    }

    /** Waits until a time; returns {@code false} if a stop is requested first. */
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
