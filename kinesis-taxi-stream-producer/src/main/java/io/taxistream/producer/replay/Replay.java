package io.taxistream.producer.replay;

import io.taxistream.events.TripEvent;
import io.taxistream.producer.trips.TripSource;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/** Sends the trips of a source to a sink, each when its time has come, until there is none left or it is told to stop. */
public final class Replay {

    /** How long a wait may last before it is looked whether to stop. */
    private static final long MAX_SLEEP_NANOS = 50_000_000L;

    /** A wait shorter than this is not worth a system call. */
    private static final long MIN_SLEEP_NANOS = 500_000L;

    private final TripSource trips;
    private final TripSink sink;
    private final Settings settings;
    private final TimeSource time;
    private final Consumer<String> messages;

    private volatile boolean stopped;
    private volatile long eventTimeMillis = Long.MIN_VALUE;
    private volatile long lagNanos;

    /**
     * How to replay.
     *
     * @param speedup event time per wall-clock time; 0 for as fast as the sink takes it
     * @param adaptTime what the trips' times become
     * @param maxGap the longest gap in event time that is waited for; longer ones are jumped over
     */
    public record Settings(double speedup, AdaptTime adaptTime, Duration maxGap) {}

    /**
     * @param trips in the order of their event time
     * @param messages takes a line for every gap that is jumped over
     */
    public Replay(TripSource trips, TripSink sink, Settings settings, TimeSource time, Consumer<String> messages) {
        this.trips = trips;
        this.sink = sink;
        this.settings = settings;
        this.time = time;
        this.messages = messages;
    }

    /**
     * Sends the trips and sees them arrive.
     *
     * @throws io.taxistream.producer.trips.InputFailedException if the trips cannot be read
     * @throws StreamFailedException if the sink gives up
     */
    public void run() {
        var clock = new ReplayClock(settings.speedup(), settings.maxGap().toMillis());
        long invocationMillis = time.millis();
        long shiftMillis = 0;
        long lastMillis = Long.MIN_VALUE;
        long lastSourceMillis = Long.MIN_VALUE;
        TripEvent trip;
        while (!stopped && (trip = trips.next()) != null) {
            if (stopped) {
                // Told to stop while it was waiting for this one, which may not be the earliest: sorting broke off.
                break;
            }
            long sourceMillis = trip.timestampMillis();
            if (lastSourceMillis == Long.MIN_VALUE) {
                shiftMillis = settings.adaptTime() == AdaptTime.INVOCATION ? invocationMillis - sourceMillis : 0;
            } else if (clock.paced()
                    && sourceMillis - lastSourceMillis > settings.maxGap().toMillis()) {
                messages.accept("no trips between " + Instant.ofEpochMilli(lastSourceMillis) + " and "
                        + Instant.ofEpochMilli(sourceMillis) + ": the gap is jumped over (-maxGap)");
            }
            lastSourceMillis = sourceMillis;
            if (clock.paced()) {
                long due = clock.dueNanos(sourceMillis, time.nanoTime());
                if (due - time.nanoTime() > MIN_SLEEP_NANOS) {
                    sink.announce(
                            settings.adaptTime() == AdaptTime.INGESTION
                                    ? Math.max(lastMillis, time.millis())
                                    : sourceMillis + shiftMillis);
                    if (!awaitTime(due)) {
                        break;
                    }
                }
                lagNanos = Math.max(0, time.nanoTime() - due);
            }
            if (settings.adaptTime() == AdaptTime.INGESTION) {
                // the clock of a machine may be set back, event time may not
                shiftMillis = Math.max(lastMillis, time.millis()) - sourceMillis;
            }
            TripEvent shifted = shifted(trip, shiftMillis);
            sink.send(shifted, sourceMillis);
            lastMillis = shifted.timestampMillis();
            eventTimeMillis = lastMillis;
        }
        sink.finish(!stopped);
    }

    /** Makes {@link #run} send no more trips, see the ones on their way arrive, and return. */
    public void stop() {
        stopped = true;
    }

    /** Whether it was told to stop. */
    public boolean stopped() {
        return stopped;
    }

    /** Event time of the last trip sent, milliseconds since the epoch; {@link Long#MIN_VALUE} before the first. */
    public long eventTimeMillis() {
        return eventTimeMillis;
    }

    /** How long after its time the last trip was sent. */
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

    private static TripEvent shifted(TripEvent trip, long millis) {
        if (millis == 0) {
            return trip;
        }
        return new TripEvent(
                trip.tripId(),
                trip.pickupMillis() + millis,
                trip.dropoffMillis() + millis,
                trip.pickupLat(),
                trip.pickupLon(),
                trip.dropoffLat(),
                trip.dropoffLon(),
                trip.totalAmount());
    }
}
