package io.taxistream.eventtime.sender;

import static io.taxistream.eventtime.PartWatermarks.NO_WATERMARK;

import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.WatermarkRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes the watermarks of a part, and finally its end, to every open shard of a stream.
 *
 * <p>A failed write is retried and does not delay the other shards. A write in flight does delay them for a limited time: after
 * a split or merge it may land in the same shard as a newer watermark meant for a neighbour, and must not arrive after that
 * one. Shards are listed periodically, and immediately when a watermark lands in an unexpected shard, so that the children of a
 * split or merge soon receive theirs.
 *
 * <p>This class has no thread: {@link #tick} must be called every few dozen milliseconds.
 */
final class WatermarkBroadcaster {

    static final Duration INTERVAL = Duration.ofMillis(250);
    static final Duration LISTING_INTERVAL = Duration.ofSeconds(1);
    static final Duration STRAGGLER_LIMIT = Duration.ofSeconds(1);
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));

    /** Longest time between two ticks that counts as an outage. */
    private static final Duration LONGEST_STEP = Duration.ofSeconds(1);

    private final StreamClient client;
    private final TimeSource time;
    private final Part part;
    private final Stopwatch troubleTime;

    private final Map<String, ShardState> shards = new HashMap<>();

    /** Closed shards with a watermark still in flight. */
    private final List<ShardState> closing = new ArrayList<>();

    /** Open shards whose last watermark failed. */
    private final Set<ShardState> failing = new HashSet<>();

    private boolean listing;
    private boolean listingWanted = true;
    private int listingFailures;
    private long nextListingNanos;
    private Promise settled = Promise.NONE;
    private boolean trouble;
    private Duration troubled = Duration.ZERO;
    private String lastError = "";
    private @Nullable SenderFailedException failure;

    WatermarkBroadcaster(StreamClient client, Part part, TimeSource time) {
        this.client = client;
        this.part = part;
        this.time = time;
        this.nextListingNanos = time.nanoTime();
        this.troubleTime = new Stopwatch(LONGEST_STEP, time.nanoTime());
    }

    /** Content of a watermark record: the watermark, and whether the part has ended. */
    record Promise(long watermarkMillis, boolean ended) {

        static final Promise NONE = new Promise(NO_WATERMARK, false);

        boolean isAfter(Promise other) {
            return watermarkMillis > other.watermarkMillis
                    || (watermarkMillis == other.watermarkMillis && ended && !other.ended);
        }
    }

    /**
     * Starts all calls that are due, without blocking.
     *
     * @param promise not before the previous one
     */
    void tick(Promise promise) {
        long now = time.nanoTime();
        List<ShardState> due = new ArrayList<>();
        boolean list;
        Promise arrivedBefore;
        synchronized (this) {
            closing.removeIf(state -> state.pending == null);
            if (trouble) {
                troubled = troubleTime.look(now);
            }
            boolean listingDue = now - nextListingNanos >= 0 || (listingWanted && listingFailures == 0);
            list = listingDue && !listing;
            if (list) {
                listing = true;
                listingWanted = false;
            }
            arrivedBefore = arrived();
            boolean stragglers = Stream.concat(shards.values().stream(), closing.stream())
                    .anyMatch(state -> state.isStraggling(promise, now));
            for (ShardState state : shards.values()) {
                if (!stragglers && state.isDue(promise, now)) {
                    state.send(promise, now);
                    due.add(state);
                }
            }
        }
        if (list) {
            list(arrivedBefore);
        }
        if (!due.isEmpty()) {
            put(due, promise);
        }
    }

    /** Returns whether a watermark has arrived in every shard, including shards opened since. */
    synchronized boolean isSettled(Promise promise) {
        if (promise.isAfter(settled) && !promise.isAfter(arrived())) {
            // Only a listing started after the last arrival can show that there are no other shards.
            listingWanted = true;
        }
        return !promise.isAfter(settled);
    }

    /** Returns the watermark that has arrived in every known shard; {@code NO_WATERMARK} if there is none. */
    synchronized long arrivedMillis() {
        return arrived().watermarkMillis();
    }

    private Promise arrived() {
        return shards.values().stream()
                .map(state -> state.arrived)
                .reduce((a, b) -> a.isAfter(b) ? b : a)
                .orElse(Promise.NONE);
    }

    /** Returns the time without any success. */
    synchronized Duration troubled() {
        return trouble ? troubled : Duration.ZERO;
    }

    /** Returns the last error for display; empty if there was none. */
    synchronized String lastError() {
        return lastError;
    }

    /** Returns why retrying is pointless, or {@code null}. */
    synchronized @Nullable SenderFailedException failure() {
        return failure;
    }

    private void list(Promise arrivedBefore) {
        var unused = client.openShards().whenComplete((open, error) -> {
            synchronized (this) {
                listing = false;
                if (error == null) {
                    listingFailures = 0;
                    nextListingNanos = time.nanoTime() + LISTING_INTERVAL.toNanos();
                    listed(open, arrivedBefore);
                } else {
                    failed(error);
                    nextListingNanos = time.nanoTime() + BACKOFF.nanos(listingFailures++);
                }
            }
        });
    }

    /** @param arrivedBefore watermark that had arrived in every known shard when the listing began */
    private void listed(List<OpenShard> open, Promise arrivedBefore) {
        Set<String> ids = open.stream().map(OpenShard::id).collect(Collectors.toSet());
        boolean nothingNew = shards.keySet().containsAll(ids);
        Iterator<ShardState> known = shards.values().iterator();
        while (known.hasNext()) {
            ShardState state = known.next();
            if (!ids.contains(state.shard.id())) {
                known.remove();
                failing.remove(state);
                closing.add(state);
            }
        }
        for (OpenShard shard : open) {
            shards.computeIfAbsent(shard.id(), id -> new ShardState(shard, time.nanoTime()));
        }
        if (nothingNew) {
            settled = arrivedBefore.isAfter(settled) ? arrivedBefore : settled;
        }
        succeeded();
    }

    private void put(List<ShardState> due, Promise promise) {
        List<CompletableFuture<String>> puts = client.put(
                due.stream().map(state -> state.shard.startingHashKey()).toList(),
                new WatermarkRecord(promise.watermarkMillis(), part, promise.ended()).toBytes());
        for (int i = 0; i < due.size(); i++) {
            ShardState state = due.get(i);
            var unused = puts.get(i).whenComplete((shardId, error) -> answered(state, promise, shardId, error));
        }
    }

    private synchronized void answered(ShardState state, Promise promise, String shardId, @Nullable Throwable error) {
        state.pending = null;
        if (error != null) {
            // A shard closed in the meantime is not retried and would count as failing indefinitely.
            if (shards.get(state.shard.id()) == state) {
                failing.add(state);
            }
            failed(error);
            state.notBeforeNanos = time.nanoTime() + BACKOFF.nanos(state.failures++);
            return;
        }
        state.failures = 0;
        failing.remove(state);
        state.notBeforeNanos = time.nanoTime() + INTERVAL.toNanos();
        if (shardId.equals(state.shard.id())) {
            state.arrived = promise;
            succeeded();
        } else {
            listingWanted = true;
        }
    }

    private void succeeded() {
        if (listingFailures == 0 && failing.isEmpty()) {
            trouble = false;
        }
    }

    private void failed(Throwable error) {
        Throwable cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        lastError = String.valueOf(cause.getMessage());
        if (failure == null && cause instanceof SenderFailedException fatal) {
            failure = fatal;
        } else if (failure == null && cause instanceof Error) {
            failure = new SenderFailedException("sending watermarks failed: " + cause, cause);
        }
        if (!trouble) {
            trouble = true;
            troubled = Duration.ZERO;
            troubleTime.reset(time.nanoTime());
        }
    }

    /** Watermarks sent to a shard. */
    private static final class ShardState {

        private final OpenShard shard;
        private Promise arrived = Promise.NONE;

        /** Watermark in flight, or {@code null}. */
        private @Nullable Promise pending;

        private long pendingSinceNanos;
        private int failures;
        private long notBeforeNanos;

        ShardState(OpenShard shard, long nowNanos) {
            this.shard = shard;
            this.notBeforeNanos = nowNanos;
        }

        void send(Promise promise, long nowNanos) {
            pending = promise;
            pendingSinceNanos = nowNanos;
        }

        /** Returns whether an older watermark is in flight and not yet considered lost. */
        boolean isStraggling(Promise promise, long nowNanos) {
            return pending != null
                    && promise.isAfter(pending)
                    && nowNanos - pendingSinceNanos < STRAGGLER_LIMIT.toNanos();
        }

        boolean isDue(Promise promise, long nowNanos) {
            return pending == null
                    && promise.watermarkMillis() != NO_WATERMARK
                    && promise.isAfter(arrived)
                    && nowNanos - notBeforeNanos >= 0;
        }
    }
}
