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
 * Puts a part's watermarks, and its end after them, into every open shard of a stream.
 *
 * <p>One that fails is tried again and does not keep the other shards waiting. One that is on its way does, for a while:
 * after a split or merge it may land in the same shard as a newer one for a neighbour, and must not land there behind it.
 * The shards are listed again and again, and at once when a watermark lands in another shard than it was meant for, so that
 * the children of a split or merge get theirs soon.
 *
 * <p>Has no thread of its own: {@link #tick} is to be called every few dozen milliseconds.
 */
final class WatermarkBroadcaster {

    static final Duration INTERVAL = Duration.ofMillis(250);
    static final Duration LISTING_INTERVAL = Duration.ofSeconds(1);
    static final Duration STRAGGLER_LIMIT = Duration.ofSeconds(1);
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));

    /** The most that counts as trouble between two ticks. */
    private static final Duration LONGEST_STEP = Duration.ofSeconds(1);

    private final StreamClient client;
    private final TimeSource time;
    private final Part part;
    private final Stopwatch troubleTime;

    private final Map<String, ShardState> shards = new HashMap<>();

    /** Closed shards that a watermark is still on its way to. */
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

    /** What a shard may be given: a watermark, and whether it is the part's end. */
    record Promise(long watermarkMillis, boolean ended) {

        static final Promise NONE = new Promise(NO_WATERMARK, false);

        boolean isAfter(Promise other) {
            return watermarkMillis > other.watermarkMillis
                    || (watermarkMillis == other.watermarkMillis && ended && !other.ended);
        }
    }

    /**
     * Starts whatever is due; does not wait for anything.
     *
     * @param promise not before one given earlier
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

    /** Whether a watermark has arrived in every shard, those included that were opened meanwhile. */
    synchronized boolean isSettled(Promise promise) {
        if (promise.isAfter(settled) && !promise.isAfter(arrived())) {
            // Only a listing that begins after the last arrival can say that there are no shards besides.
            listingWanted = true;
        }
        return !promise.isAfter(settled);
    }

    /** The watermark that has arrived in every shard known; {@code NO_WATERMARK} if there is none. */
    synchronized long arrivedMillis() {
        return arrived().watermarkMillis();
    }

    private Promise arrived() {
        return shards.values().stream()
                .map(state -> state.arrived)
                .reduce((a, b) -> a.isAfter(b) ? b : a)
                .orElse(Promise.NONE);
    }

    /** How long nothing has gone well. */
    synchronized Duration troubled() {
        return trouble ? troubled : Duration.ZERO;
    }

    /** The last thing that went wrong, for a person; empty if nothing has. */
    synchronized String lastError() {
        return lastError;
    }

    /** Why another try is pointless, or {@code null}. */
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

    /** @param arrivedBefore what had arrived in every shard known when the listing began */
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
            // One that was closed meanwhile is not tried again, and would be trouble for ever.
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

    /** What a shard has got. */
    private static final class ShardState {

        private final OpenShard shard;
        private Promise arrived = Promise.NONE;

        /** On its way, or {@code null}. */
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

        /** Whether an older watermark is on its way, and not for so long that it is likely to be lost. */
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
