package io.taxistream.eventtime.sender;

import static io.taxistream.eventtime.PartWatermarks.NO_WATERMARK;

import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.WatermarkRecord;
import io.taxistream.eventtime.sender.WatermarkBroadcaster.BroadcastWatermark;
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
 * Sends events to a Kinesis stream with at-least-once delivery, followed by watermarks to every open shard.
 *
 * <pre>{@code
 * try (EventSender sender = EventSender.builder().stream("readings").region("eu-west-1").build()) {
 *     sender.send(bytes, eventTimeMillis, sensorId);
 *     sender.advanceTo(eventTimeMillis);
 * }
 * }</pre>
 *
 * <p>A watermark promises that no event with a timestamp at or before it will follow. It is sent once {@link #advanceTo} has
 * made that promise and all events sent before the promise are acknowledged, so it holds across failures, retries and reshards.
 * A record that Kinesis rejects is sent again and holds back the watermark until it arrives or the sender gives up. After that,
 * {@link #send}, {@link #flush}, {@link #end} and {@link #close} throw a {@link SenderFailedException}; no event is lost
 * without one. An event may arrive more than once.
 *
 * <p>Several senders in separate processes can share the events of a stream. Each of them is a {@link Part}, and event time
 * follows the slowest part. This class is thread-safe.
 */
public final class EventSender implements AutoCloseable {

    private static final long POLL_NANOS = 1_000_000L;
    private static final Duration UPKEEP_INTERVAL = Duration.ofMillis(25);
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

    /** Longest time that counts between two calls of {@link #upkeep}. */
    private static final Duration MAX_TICK_GAP = Duration.ofSeconds(1);

    /** Time after an interruption of the record sender during which receipts may be lost. */
    private static final Duration INTERRUPTION_WINDOW = Duration.ofSeconds(2);

    /** Longest wait for the receipts of records sent before or during an interruption. */
    private static final Duration RECEIPT_TIMEOUT = Duration.ofSeconds(10);

    private final RecordSender sender;
    private final StreamClient client;
    private final ShardReader reader;
    private final WatermarkBroadcaster broadcaster;
    private final Settings settings;
    private final TimeSource time;
    private final InFlightEvents inFlight;
    private final ObservedDuration stallTimer;

    /** Events in flight, by ticket. */
    private final AtomicReferenceArray<PendingEvent> pendingEvents;

    /** Events that the record sender has given up and {@link #upkeep} has not processed yet. */
    private final Queue<PendingEvent> failed = new ConcurrentLinkedQueue<>();

    /** Events waiting for a retry; accessed by {@link #upkeep} only. */
    private final Queue<PendingEvent> backingOff = new ArrayDeque<>();

    private final AtomicLong retried = new AtomicLong();
    private final AtomicReference<SenderFailedException> failure = new AtomicReference<>();
    private volatile boolean progressed;
    private volatile String lastError = "";
    private volatile boolean ended;
    private volatile boolean reported;
    private volatile boolean closed;
    private volatile @Nullable ScheduledExecutorService executor;

    // accessed by upkeep only
    private int interruptionsSeen;
    private long interruptedNanos;

    /** Incremented when the receipts of an interruption can no longer be lost. */
    private final AtomicInteger epoch = new AtomicInteger();

    private boolean epochDue;
    private boolean receiptsDue;

    /**
     * Settings of a sender.
     *
     * @param stream name of the stream, for messages
     * @param maxInFlight maximum number of events in flight, a power of two
     * @param giveUpAfter longest time without an acknowledgement before the sender fails
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
        this.pendingEvents = new AtomicReferenceArray<>(settings.maxInFlight());
        this.stallTimer = new ObservedDuration(MAX_TICK_GAP, time.nanoTime());
    }

    /** Returns a builder of senders. */
    public static EventSenderBuilder builder() {
        return new EventSenderBuilder();
    }

    /** Starts the thread that runs {@link #upkeep}. */
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
     * Sends an event to the shard that its key hashes to. Blocks while too many events are unacknowledged.
     *
     * @param event bytes of the event, at most 1 MiB; must not be modified afterwards
     * @param eventTimeMillis timestamp of the event in milliseconds since the epoch; not before the time of the last {@link
     *     #advanceTo}
     * @param key partition key of the record, 1 to 256 characters, such as the id of the event; does not select the shard if
     *     events are aggregated
     * @throws SenderFailedException if the sender has failed
     */
    public void send(byte[] event, long eventTimeMillis, String key) {
        send(event, eventTimeMillis, key, null);
    }

    /**
     * Sends an event to the shard that holds a hash key; see {@link #send(byte[], long, String)}.
     *
     * @param explicitHashKey a decimal number from 0 to 2^128 - 1, or {@code null}
     * @throws IllegalArgumentException if a hash key is given and events are aggregated, because the hash key of the aggregate
     *     selects the shard
     */
    public void send(byte[] event, long eventTimeMillis, String key, @Nullable String explicitHashKey) {
        if (explicitHashKey != null && settings.aggregate()) {
            throw new IllegalArgumentException("explicit hash keys cannot be combined with aggregation");
        }
        requireOpen();
        throwIfFailed();
        long ticket;
        while ((ticket = inFlight.add(eventTimeMillis)) == InFlightEvents.FULL) {
            pause();
        }
        PendingEvent each = new PendingEvent(ticket, key, explicitHashKey, event);
        pendingEvents.lazySet(slot(ticket), each);
        each.send();
    }

    /**
     * Promises that this sender will not send another event with an earlier timestamp. Once all events sent so far are
     * acknowledged, every open shard receives a watermark.
     *
     * @param timeMillis milliseconds since the epoch; not before the time of the previous call
     */
    public void advanceTo(long timeMillis) {
        if (timeMillis < WatermarkRecord.MIN_MILLIS || timeMillis - 1 > WatermarkRecord.MAX_MILLIS) {
            throw new IllegalArgumentException("time " + timeMillis + " ms is outside the years 0 to 9999");
        }
        inFlight.advanceTo(timeMillis);
    }

    /**
     * Waits until all events sent so far are acknowledged and the resulting watermark has arrived in every open shard.
     *
     * @throws SenderFailedException if they do not arrive
     */
    public void flush() {
        requireOpen();
        await();
    }

    /**
     * Flushes and marks this part as ended, so that the event time of the stream no longer waits for it. No event can be sent
     * afterwards. A sender that has promised nothing, such as one that ends the part of another process, {@linkplain #resume
     * resumes} first, because shards ignore an end that precedes the watermark they have.
     *
     * @throws SenderFailedException if the end does not arrive in every open shard, or if the stream cannot be read
     * @throws IllegalStateException if the sender sends no watermarks
     */
    public void end() {
        requireOpen();
        if (!settings.watermarks()) {
            throw new IllegalStateException("a sender without watermarks cannot end its part");
        }
        await();
        if (inFlight.watermarkMillis() == NO_WATERMARK) {
            resume();
        }
        ended = true;
        await();
    }

    /**
     * Continues an interrupted part after its last watermark: no event of the part at or before it is missing, so the events to
     * send are those after it. Every open shard receives this watermark, because the interrupted process may have sent it to some
     * shards only. To be called before the first event is sent.
     *
     * @return the watermark in milliseconds since the epoch; empty if the stream contains no watermark of the part
     * @throws SenderFailedException if the stream cannot be read
     */
    public OptionalLong resume() {
        requireOpen();
        OptionalLong last = new LastWatermark(reader, settings.stream(), settings.part(), time).find();
        last.ifPresent(watermarkMillis -> advanceTo(watermarkMillis + 1));
        return last;
    }

    /** Returns the current progress of the sender. */
    public SenderStatistics statistics() {
        long watermarkMillis = broadcaster.arrivedMillis();
        synchronized (inFlight) {
            return new SenderStatistics(inFlight.added(), inFlight.size(), retried.get(), watermarkMillis);
        }
    }

    /**
     * Flushes, unless the sender has failed, and releases all resources.
     *
     * @throws SenderFailedException if events do not arrive and no other method has reported it
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
     * Retries failed events, sends watermarks that are due, and checks whether the sender has failed for good. Must be called
     * every few dozen milliseconds.
     */
    void upkeep() {
        try {
            runUpkeep();
        } catch (Throwable e) {
            // The result of this thread is never read, so the failure is reported by the next call of send.
            fail(new SenderFailedException("sending to stream " + settings.stream() + " failed: " + e, e));
        }
    }

    private void runUpkeep() {
        long now = time.nanoTime();
        retryLostReceipts(now);
        for (PendingEvent each = failed.poll(); each != null; each = failed.poll()) {
            backingOff.add(each);
        }
        boolean again = false;
        for (int i = backingOff.size(); i > 0; i--) {
            PendingEvent each = backingOff.remove();
            if (now - each.nextAttemptNanos >= 0) {
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
            broadcaster.tick(currentWatermark());
        }
        failIfUnrecoverable(now);
    }

    /** Retries events whose receipts the record sender lost in an interruption. */
    private void retryLostReceipts(long now) {
        int interruptions = sender.interruptions();
        if (interruptions != interruptionsSeen) {
            interruptionsSeen = interruptions;
            interruptedNanos = now;
            epochDue = true;
        }
        if (epochDue && now - interruptedNanos >= INTERRUPTION_WINDOW.toNanos()) {
            epochDue = false;
            epoch.incrementAndGet();
            receiptsDue = true;
        }
        if (receiptsDue && now - interruptedNanos >= RECEIPT_TIMEOUT.toNanos()) {
            receiptsDue = false;
            for (int slot = 0; slot < settings.maxInFlight(); slot++) {
                PendingEvent each = pendingEvents.get(slot);
                if (each != null && each.isForgotten()) {
                    each.failed("lost by the Kinesis Producer Library", 1, false);
                }
            }
        }
    }

    private BroadcastWatermark currentWatermark() {
        // Read before the watermark: nothing follows once it is set.
        boolean end = ended;
        long watermark = inFlight.watermarkMillis();
        if (end) {
            // The end is valid whatever its watermark.
            return new BroadcastWatermark(Math.max(watermark, WatermarkRecord.MIN_MILLIS), true);
        }
        return watermark < WatermarkRecord.MIN_MILLIS
                ? BroadcastWatermark.NONE
                : new BroadcastWatermark(watermark, false);
    }

    private void failIfUnrecoverable(long now) {
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
            stallTimer.reset(now);
        }
        Duration limit = settings.giveUpAfter();
        if (stallTimer.advance(now).compareTo(limit) > 0) {
            fail(new SenderFailedException("stream " + settings.stream() + " has accepted no event for "
                    + limit.toSeconds() + " s" + (lastError.isEmpty() ? "" : " (" + lastError + ")")));
        } else if (settings.watermarks() && broadcaster.outageDuration().compareTo(limit) > 0) {
            fail(new SenderFailedException("watermarks have not reached all shards of stream " + settings.stream()
                    + " for " + limit.toSeconds() + " s (" + broadcaster.lastError() + ")"));
        }
    }

    private void await() {
        sender.flush();
        while (!inFlight.isEmpty()) {
            pause();
        }
        BroadcastWatermark last = currentWatermark();
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
            throw new SenderFailedException("interrupted while events were in flight", e);
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
            // Each caller gets a new exception: close would otherwise add one to itself as suppressed.
            throw new SenderFailedException(String.valueOf(current.getMessage()), current);
        }
    }

    private int slot(long ticket) {
        return (int) ticket & (settings.maxInFlight() - 1);
    }

    /** An event in flight. */
    private final class PendingEvent implements RecordSender.Receipt {

        private final long ticket;
        private final String key;
        private final @Nullable String explicitHashKey;
        private final byte[] event;
        private int failures;
        private long nextAttemptNanos;

        /** Whether the record sender holds the event; guarded by this. */
        private boolean heldBySender = true;

        /** Value of {@link EventSender#epoch} at the last attempt; guarded by this. */
        private int sentEpoch = epoch.get();

        PendingEvent(long ticket, String key, @Nullable String explicitHashKey, byte[] event) {
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
                heldBySender = true;
                sentEpoch = epoch.get();
            }
            send();
        }

        synchronized boolean isForgotten() {
            return heldBySender && sentEpoch < epoch.get();
        }

        @Override
        public void acknowledged(int failedAttempts) {
            if (failedAttempts > 0) {
                retried.addAndGet(failedAttempts);
            }
            progressed = true;
            pendingEvents.compareAndSet(slot(ticket), this, null);
            inFlight.acknowledge(ticket);
        }

        @Override
        public void failed(String reason, int failedAttempts, boolean permanent) {
            retried.addAndGet(failedAttempts);
            lastError = reason;
            if (permanent) {
                fail(new SenderFailedException("stream " + settings.stream() + " rejects events: " + reason));
            }
            synchronized (this) {
                if (!heldBySender) {
                    // The failure of an attempt whose receipt was considered lost.
                    return;
                }
                heldBySender = false;
                nextAttemptNanos = time.nanoTime() + BACKOFF.nanos(failures++);
            }
            failed.add(this);
        }
    }
}
