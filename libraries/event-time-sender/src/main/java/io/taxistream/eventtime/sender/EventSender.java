package io.taxistream.eventtime.sender;

import static io.taxistream.eventtime.PartWatermarks.NO_WATERMARK;

import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.WatermarkRecord;
import io.taxistream.eventtime.sender.WatermarkBroadcaster.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Sends events into a Kinesis stream until they have arrived, and watermarks after them into every open shard.
 *
 * <pre>{@code
 * try (EventSender sender = EventSender.builder().stream("readings").region("eu-west-1").build()) {
 *     sender.send(bytes, eventTimeMillis, sensorId);
 *     sender.advanceTo(eventTimeMillis);
 * }
 * }</pre>
 *
 * <p>A watermark says that no event with a time up to and including it will follow. It is sent when {@link #advanceTo} has promised
 * that and all events sent before the promise are acknowledged; so it holds whatever fails, is sent again or is resharded. A record that
 * Kinesis refuses is sent again, and holds the watermark back, until it arrives or the sender gives up: then {@link #send}, {@link
 * #flush}, {@link #end} and {@link #close} throw a {@link SenderFailedException}. Nothing is lost without one. An event may
 * arrive twice.
 *
 * <p>Several senders, in processes of their own, can send one stream's events between them: each is a {@link Part}, and event
 * time is as far as the part behind all others. May be used by several threads.
 */
public final class EventSender implements AutoCloseable {

    private static final long POLL_NANOS = 1_000_000L;
    private static final Duration UPKEEP_INTERVAL = Duration.ofMillis(25);
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

    /** The most that counts as a wait between two upkeeps. */
    private static final Duration LONGEST_STEP = Duration.ofSeconds(1);

    /** For how long after an interruption of the record sender receipts may get lost. */
    private static final Duration INTERRUPTION = Duration.ofSeconds(2);

    /** How long receipts of records sent before or in an interruption are waited for. */
    private static final Duration RECEIPT_PATIENCE = Duration.ofSeconds(10);

    private final RecordSender sender;
    private final StreamClient client;
    private final ShardReader reader;
    private final WatermarkBroadcaster broadcaster;
    private final Settings settings;
    private final TimeSource time;
    private final InFlightEvents inFlight;
    private final Stopwatch standstill;

    /** The events in flight, by ticket. */
    private final AtomicReferenceArray<Outstanding> outstanding;

    /** Given up by the record sender and not looked at yet. */
    private final Queue<Outstanding> failed = new ConcurrentLinkedQueue<>();

    /** Waiting to be sent again; only {@link #upkeep} touches it. */
    private final Queue<Outstanding> backingOff = new ArrayDeque<>();

    private final AtomicLong retried = new AtomicLong();
    private final AtomicReference<SenderFailedException> failure = new AtomicReference<>();
    private volatile boolean progressed;
    private volatile String lastError = "";
    private volatile boolean ended;
    private volatile boolean reported;
    private volatile boolean closed;
    private volatile @Nullable ScheduledExecutorService executor;

    // Of upkeep alone.
    private int interruptionsSeen;
    private long interruptedNanos;

    /** Grows when the receipts of an interruption may no longer get lost. */
    private final AtomicInteger epoch = new AtomicInteger();

    private boolean epochDue;
    private boolean receiptsDue;

    /**
     * How to send.
     *
     * @param stream the stream's name, for messages
     * @param maxInFlight number of events that may be on their way, a power of two
     * @param giveUpAfter how long nothing may arrive before the sender fails
     */
    record Settings(
            String stream, Part part, boolean watermarks, boolean aggregate, int maxInFlight, Duration giveUpAfter) {}

    EventSender(RecordSender sender, StreamClient client, ShardReader reader, Settings settings, TimeSource time) {
        this.sender = sender;
        this.client = client;
        this.reader = reader;
        this.broadcaster = new WatermarkBroadcaster(client, settings.part(), time);
        this.settings = settings;
        this.time = time;
        this.inFlight = new InFlightEvents(settings.maxInFlight());
        this.outstanding = new AtomicReferenceArray<>(settings.maxInFlight());
        this.standstill = new Stopwatch(LONGEST_STEP, time.nanoTime());
    }

    /** Options of a sender. */
    public static EventSenderBuilder builder() {
        return new EventSenderBuilder();
    }

    /** Starts the thread that does the {@link #upkeep}. */
    void start() {
        ScheduledExecutorService upkeepThread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "event-sender");
            thread.setDaemon(true);
            return thread;
        });
        executor = upkeepThread;
        var unused =
                upkeepThread.scheduleWithFixedDelay(this::upkeep, 0, UPKEEP_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Sends an event, to the shard that its key hashes to; waits while too many are unacknowledged.
     *
     * @param event bytes of the event, at most 1 MiB; not to be changed afterwards
     * @param eventTimeMillis the event's time, milliseconds since the epoch; not before the time last advanced to
     * @param key the record's partition key, 1 to 256 characters, such as the event's id; which shard it is is of no account if
     *     events are aggregated
     * @throws SenderFailedException if the stream has failed
     */
    public void send(byte[] event, long eventTimeMillis, String key) {
        send(event, eventTimeMillis, key, null);
    }

    /**
     * Sends an event to the shard that holds a hash key; see {@link #send(byte[], long, String)}.
     *
     * @param explicitHashKey a decimal number from 0 to 2^128 - 1, or {@code null}
     * @throws IllegalArgumentException if there is such a key and events are aggregated, which go where their pack goes
     */
    public void send(byte[] event, long eventTimeMillis, String key, @Nullable String explicitHashKey) {
        if (explicitHashKey != null && settings.aggregate()) {
            throw new IllegalArgumentException("an explicit hash key cannot be kept where events are aggregated");
        }
        requireOpen();
        throwIfFailed();
        long ticket;
        while ((ticket = inFlight.add(eventTimeMillis)) == InFlightEvents.FULL) {
            pause();
        }
        Outstanding each = new Outstanding(ticket, key, explicitHashKey, event);
        outstanding.lazySet(slot(ticket), each);
        each.send();
    }

    /**
     * Promises that no event with a time before this one will be sent by this sender. Once all events sent so far are acknowledged, a
     * watermark says so to every open shard.
     *
     * @param timeMillis milliseconds since the epoch; not before the time advanced to before
     */
    public void advanceTo(long timeMillis) {
        if (timeMillis < WatermarkRecord.MIN_MILLIS || timeMillis - 1 > WatermarkRecord.MAX_MILLIS) {
            throw new IllegalArgumentException("time " + timeMillis + " ms lies outside the years 0 to 9999");
        }
        inFlight.advanceTo(timeMillis);
    }

    /**
     * Waits until all events sent so far are acknowledged, and the watermark that holds then has arrived in every open shard.
     *
     * @throws SenderFailedException if they do not arrive
     */
    public void flush() {
        requireOpen();
        await();
    }

    /**
     * Flushes, and then says that this part sends no more, so that the stream's event time no longer waits for it. No event can be sent
     * afterwards.
     *
     * @throws SenderFailedException if the end does not arrive in every open shard
     * @throws IllegalStateException if the sender sends no watermarks
     */
    public void end() {
        requireOpen();
        if (!settings.watermarks()) {
            throw new IllegalStateException("a sender without watermarks has no end to send");
        }
        await();
        ended = true;
        await();
    }

    /**
     * The watermark after which this part goes on in the place of one that broke off, milliseconds since the epoch: none of its events up to
     * that time is missing. Empty if the stream holds no watermark of the part.
     *
     * @throws SenderFailedException if the stream cannot be read
     */
    public OptionalLong lastWatermark() {
        requireOpen();
        return new LastWatermark(reader, settings.stream(), settings.part(), time).find();
    }

    /** How far the sender has come. */
    public SenderStatistics statistics() {
        long watermarkMillis = broadcaster.arrivedMillis();
        synchronized (inFlight) {
            return new SenderStatistics(inFlight.added(), inFlight.size(), retried.get(), watermarkMillis);
        }
    }

    /**
     * Flushes, unless the sender has failed, and releases everything.
     *
     * @throws SenderFailedException if events that were sent do not arrive, and no other method has thrown one
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        try {
            if (failure.get() == null || !reported) {
                await();
            }
        } finally {
            closed = true;
            if (executor != null) {
                executor.shutdownNow();
            }
            sender.close();
            client.close();
        }
    }

    /**
     * Sends again what was given up, sends watermarks that are due, and sees whether there is a point in going on. To be called every
     * few dozen milliseconds.
     */
    void upkeep() {
        try {
            keepUp();
        } catch (Throwable e) {
            // Nobody waits for this thread's result: whoever sends has to learn of it.
            fail(new SenderFailedException("sending to stream " + settings.stream() + " failed: " + e, e));
        }
    }

    private void keepUp() {
        long now = time.nanoTime();
        findLostReceipts(now);
        for (Outstanding each = failed.poll(); each != null; each = failed.poll()) {
            backingOff.add(each);
        }
        boolean again = false;
        for (int i = backingOff.size(); i > 0; i--) {
            Outstanding each = backingOff.remove();
            if (now - each.notBeforeNanos >= 0) {
                each.sendAgain();
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
            broadcaster.tick(promise());
        }
        giveUpIfPointless(now);
    }

    /** Sends again what the record sender has forgotten in an interruption. */
    private void findLostReceipts(long now) {
        int interruptions = sender.interruptions();
        if (interruptions != interruptionsSeen) {
            interruptionsSeen = interruptions;
            interruptedNanos = now;
            epochDue = true;
        }
        if (epochDue && now - interruptedNanos >= INTERRUPTION.toNanos()) {
            epochDue = false;
            epoch.incrementAndGet();
            receiptsDue = true;
        }
        if (receiptsDue && now - interruptedNanos >= RECEIPT_PATIENCE.toNanos()) {
            receiptsDue = false;
            for (int slot = 0; slot < settings.maxInFlight(); slot++) {
                Outstanding each = outstanding.get(slot);
                if (each != null && each.isForgotten()) {
                    each.failed("forgotten by the Kinesis Producer Library", 1, false);
                }
            }
        }
    }

    private Promise promise() {
        // Read before the watermark: once it is set, nothing follows.
        boolean end = ended;
        long watermark = inFlight.watermarkMillis();
        if (end) {
            // As an end it holds whatever it says.
            return new Promise(Math.max(watermark, WatermarkRecord.MIN_MILLIS), true);
        }
        return watermark < WatermarkRecord.MIN_MILLIS ? Promise.NONE : new Promise(watermark, false);
    }

    private void giveUpIfPointless(long now) {
        if (failure.get() != null) {
            return;
        }
        SenderFailedException fatal = broadcaster.failure();
        if (fatal != null) {
            fail(fatal);
            return;
        }
        if (progressed || inFlight.isEmpty()) {
            progressed = false;
            standstill.reset(now);
        }
        Duration limit = settings.giveUpAfter();
        if (standstill.look(now).compareTo(limit) > 0) {
            fail(new SenderFailedException("stream " + settings.stream() + " has taken no event for "
                    + limit.toSeconds() + " s" + (lastError.isEmpty() ? "" : " (" + lastError + ")")));
        } else if (settings.watermarks() && broadcaster.troubled().compareTo(limit) > 0) {
            fail(new SenderFailedException("watermarks have not reached all shards of stream " + settings.stream()
                    + " for " + limit.toSeconds() + " s (" + broadcaster.lastError() + ")"));
        }
    }

    private void await() {
        sender.flush();
        while (!inFlight.isEmpty()) {
            pause();
        }
        Promise last = promise();
        if (settings.watermarks() && last.watermarkMillis() != NO_WATERMARK) {
            while (!broadcaster.isSettled(last)) {
                pause();
            }
        }
        throwIfFailed();
    }

    private void pause() {
        throwIfFailed();
        try {
            time.sleep(POLL_NANOS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SenderFailedException("interrupted while events were on their way", e);
        }
    }

    private void requireOpen() {
        if (closed || ended) {
            throw new IllegalStateException(closed ? "the sender is closed" : "the part has ended");
        }
    }

    private void fail(SenderFailedException reason) {
        failure.compareAndSet(null, reason);
    }

    private void throwIfFailed() {
        SenderFailedException current = failure.get();
        if (current != null) {
            reported = true;
            // Each caller gets one of its own: an exception cannot be suppressed by itself, as close would have it.
            throw new SenderFailedException(String.valueOf(current.getMessage()), current);
        }
    }

    private int slot(long ticket) {
        return (int) ticket & (settings.maxInFlight() - 1);
    }

    /** An event on its way. */
    private final class Outstanding implements RecordSender.Receipt {

        private final long ticket;
        private final String key;
        private final @Nullable String explicitHashKey;
        private final byte[] event;
        private int givenUp;
        private long notBeforeNanos;

        /** Whether the record sender has it; guarded by this. */
        private boolean withSender = true;

        /** The {@link EventSender#epoch} in which it was sent last; guarded by this. */
        private int sentEpoch = epoch.get();

        Outstanding(long ticket, String key, @Nullable String explicitHashKey, byte[] event) {
            this.ticket = ticket;
            this.key = key;
            this.explicitHashKey = explicitHashKey;
            this.event = event;
        }

        void send() {
            sender.send(key, explicitHashKey, event, this);
        }

        void sendAgain() {
            synchronized (this) {
                withSender = true;
                sentEpoch = epoch.get();
            }
            send();
        }

        synchronized boolean isForgotten() {
            return withSender && sentEpoch < epoch.get();
        }

        @Override
        public void acknowledged(int failedAttempts) {
            if (failedAttempts > 0) {
                retried.addAndGet(failedAttempts);
            }
            progressed = true;
            outstanding.compareAndSet(slot(ticket), this, null);
            inFlight.acknowledge(ticket);
        }

        @Override
        public void failed(String reason, int failedAttempts, boolean hopeless) {
            retried.addAndGet(failedAttempts);
            lastError = reason;
            if (hopeless) {
                fail(new SenderFailedException("stream " + settings.stream() + " takes no events: " + reason));
            }
            synchronized (this) {
                if (!withSender) {
                    // The failure of an attempt that was taken for forgotten.
                    return;
                }
                withSender = false;
                notBeforeNanos = time.nanoTime() + BACKOFF.nanos(givenUp++);
            }
            failed.add(this);
        }
    }
}
