package io.taxistream.producer.kinesis;

import io.taxistream.events.EventWriter;
import io.taxistream.events.TripEvent;
import io.taxistream.producer.replay.SinkStatus;
import io.taxistream.producer.replay.StreamFailedException;
import io.taxistream.producer.replay.TimeSource;
import io.taxistream.producer.replay.TripSink;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends trips into a Kinesis stream until they have arrived, and watermarks behind them into every shard.
 *
 * <p>A record that the Kinesis Producer Library gives up is sent again, and holds the watermark meanwhile. Trips are spread
 * over the shards by their id. Needs {@link #upkeep} to be called every few dozen milliseconds by another thread.
 */
final class KinesisTrips implements TripSink {

    private static final long POLL_NANOS = 1_000_000L;
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration LAST_BACKOFF = Duration.ofSeconds(5);

    private final RecordSender sender;
    private final Watermarks watermarks;
    private final Settings settings;
    private final TimeSource time;
    private final EventWriter writer = new EventWriter();
    private final InFlightTrips inFlight;

    /** Given up by the sender and not looked at yet. */
    private final Queue<Outstanding> failed = new ConcurrentLinkedQueue<>();

    /** Waiting to be sent again; only {@link #upkeep} touches it. */
    private final Queue<Outstanding> backingOff = new ArrayDeque<>();

    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong retried = new AtomicLong();
    private volatile long progressNanos;
    private volatile String lastError = "";
    private volatile StreamFailedException failure;

    /**
     * How to send.
     *
     * @param stream the stream's name, for messages
     * @param watermarks whether to send watermarks
     * @param maxInFlight how many trips may be on their way, a power of two
     * @param giveUpAfter how long nothing may arrive before there is no point in going on
     */
    record Settings(String stream, boolean watermarks, int maxInFlight, Duration giveUpAfter) {}

    KinesisTrips(RecordSender sender, StreamClient client, Settings settings, TimeSource time) {
        this.sender = sender;
        this.watermarks = new Watermarks(client, time);
        this.settings = settings;
        this.time = time;
        this.inFlight = new InFlightTrips(settings.maxInFlight());
        this.progressNanos = time.nanoTime();
    }

    @Override
    public void announce(long eventTimeMillis) {
        inFlight.announce(eventTimeMillis);
    }

    @Override
    public void send(TripEvent trip, long sourceTimeMillis) {
        while (inFlight.isFull()) {
            pause();
        }
        throwIfFailed();
        if (inFlight.isEmpty()) {
            progressNanos = time.nanoTime();
        }
        byte[] record = writer.write(trip);
        long ticket = inFlight.add(trip.timestampMillis(), sourceTimeMillis);
        sent.lazySet(sent.get() + 1);
        new Outstanding(ticket, Long.toUnsignedString(trip.tripId(), Character.MAX_RADIX), record).send();
    }

    @Override
    public void finish(boolean complete) {
        sender.flush();
        while (!inFlight.isEmpty()) {
            pause();
        }
        if (complete) {
            inFlight.complete();
        }
        long last = inFlight.watermarkMillis();
        if (settings.watermarks() && last != SinkStatus.NO_WATERMARK) {
            while (!watermarks.isSettled(last)) {
                pause();
            }
        }
        throwIfFailed();
    }

    @Override
    public SinkStatus status() {
        return new SinkStatus(sent.get(), inFlight.size(), retried.get(), watermarks.arrivedMillis());
    }

    @Override
    public void close() {
        sender.close();
    }

    /** Sends again what was given up, sends watermarks that are due, and sees whether there is a point in going on. */
    void upkeep() {
        try {
            keepUp();
        } catch (RuntimeException e) {
            // Nobody waits for this thread's result: whoever sends has to learn of it.
            failure = withSeek("sending trips failed unexpectedly: " + e);
        }
    }

    private void keepUp() {
        long now = time.nanoTime();
        for (Outstanding each = failed.poll(); each != null; each = failed.poll()) {
            backingOff.add(each);
        }
        boolean again = false;
        for (int i = backingOff.size(); i > 0; i--) {
            Outstanding each = backingOff.remove();
            if (now - each.notBeforeNanos >= 0) {
                each.send();
                again = true;
            } else {
                backingOff.add(each);
            }
        }
        if (again) {
            sender.flush();
        }
        sender.tick();
        if (settings.watermarks()) {
            watermarks.tick(inFlight.watermarkMillis());
        }
        if (failure == null) {
            failure = whyToGiveUp(now);
        }
    }

    private StreamFailedException whyToGiveUp(long now) {
        StreamFailedException fatal = watermarks.failure();
        if (fatal != null) {
            return withSeek(fatal.getMessage());
        }
        Duration limit = settings.giveUpAfter();
        if (!inFlight.isEmpty() && now - progressNanos > limit.toNanos()) {
            return withSeek("stream " + settings.stream() + " has taken no trip for " + limit.toSeconds() + " s"
                    + (lastError.isEmpty() ? "" : " (" + lastError + ")"));
        }
        if (settings.watermarks() && watermarks.troubled().compareTo(limit) > 0) {
            return withSeek("watermarks have not reached all shards of stream " + settings.stream() + " for "
                    + limit.toSeconds() + " s (" + watermarks.lastError() + ")");
        }
        return null;
    }

    private StreamFailedException withSeek(String message) {
        if (inFlight.isEmpty()) {
            return new StreamFailedException(message);
        }
        return new StreamFailedException(
                message + "; go on later with -seek " + Instant.ofEpochMilli(inFlight.firstSourceTimeMillis()));
    }

    private void pause() {
        throwIfFailed();
        try {
            time.sleep(POLL_NANOS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StreamFailedException("interrupted while trips were on their way", e);
        }
    }

    private void throwIfFailed() {
        StreamFailedException current = failure;
        if (current != null) {
            throw current;
        }
    }

    /** A trip on its way. */
    private final class Outstanding implements RecordSender.Receipt {

        private final long ticket;
        private final String partitionKey;
        private final byte[] record;
        private int givenUp;
        private long notBeforeNanos;

        Outstanding(long ticket, String partitionKey, byte[] record) {
            this.ticket = ticket;
            this.partitionKey = partitionKey;
            this.record = record;
        }

        void send() {
            sender.send(partitionKey, null, record, this);
        }

        @Override
        public void acknowledged(int failedAttempts) {
            retried.addAndGet(failedAttempts);
            progressNanos = time.nanoTime();
            inFlight.acknowledge(ticket);
        }

        @Override
        public void failed(String reason, int failedAttempts, boolean hopeless) {
            retried.addAndGet(failedAttempts);
            lastError = reason;
            if (hopeless && failure == null) {
                failure = withSeek("stream " + settings.stream() + " takes no trips: " + reason);
            }
            long backoff = Math.min(LAST_BACKOFF.toNanos(), FIRST_BACKOFF.toNanos() << Math.min(givenUp, 10));
            givenUp++;
            notBeforeNanos = time.nanoTime() + backoff;
            failed.add(this);
        }
    }
}
