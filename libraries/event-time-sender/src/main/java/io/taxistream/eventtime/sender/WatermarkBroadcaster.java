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
    private static final Duration MAX_TICK_GAP = Duration.ofSeconds(1);

    private final StreamClient client;
    private final TimeSource time;
    private final Part part;
    private final ObservedDuration outageTimer;

    private final Map<String, ShardState> shards = new HashMap<>();

    /** Closed shards with a watermark still in flight. */
    private final List<ShardState> closing = new ArrayList<>();

    /** Open shards whose last watermark failed. */
    private final Set<ShardState> failing = new HashSet<>();

    private boolean listing;
    private boolean listingWanted = true;
    private int listingFailures;
    private long nextListingNanos;
    private BroadcastWatermark settled = BroadcastWatermark.NONE;
    private boolean outage;
    private Duration outageDuration = Duration.ZERO;
    private String lastError = "";
    private @Nullable SenderFailedException failure;

    WatermarkBroadcaster(StreamClient client, Part part, TimeSource time) {
        this.client = client;
        this.part = part;
        this.time = time;
        this.nextListingNanos = time.nanoTime();
        this.outageTimer = new ObservedDuration(MAX_TICK_GAP, time.nanoTime());
    }

    /** Content of a watermark record: the watermark, and whether the part has ended. */
    record BroadcastWatermark(long watermarkMillis, boolean ended) {

        static final BroadcastWatermark NONE = new BroadcastWatermark(NO_WATERMARK, false);

        boolean isAfter(BroadcastWatermark other) {
            return watermarkMillis > other.watermarkMillis
                    || (watermarkMillis == other.watermarkMillis && ended && !other.ended);
        }
    }

    /**
     * Starts all calls that are due, without blocking.
     *
     * @param watermark not before the previous one
     */
    void tick(BroadcastWatermark watermark) {
        long now = time.nanoTime();
        List<ShardState> due = new ArrayList<>();
        boolean list;
        BroadcastWatermark arrivedBefore;
        synchronized (this) {
            closing.removeIf(state -> state.pending == null);
            if (outage) {
                outageDuration = outageTimer.advance(now);
            }
            boolean listingDue = now - nextListingNanos >= 0 || (listingWanted && listingFailures == 0);
            list = listingDue && !listing;
            if (list) {
                listing = true;
                listingWanted = false;
            }
            arrivedBefore = arrived();
            boolean anyStraggler = Stream.concat(shards.values().stream(), closing.stream())
                    .anyMatch(state -> state.isStraggling(watermark, now));
            for (ShardState state : shards.values()) {
                if (!anyStraggler && state.isDue(watermark, now)) {
                    state.send(watermark, now);
                    due.add(state);
                }
            }
        }
        if (list) {
            list(arrivedBefore);
        }
        if (!due.isEmpty()) {
            put(due, watermark);
        }
    }

    /** Returns whether a watermark has arrived in every shard, including shards opened since. */
    synchronized boolean isSettled(BroadcastWatermark watermark) {
        if (watermark.isAfter(settled) && !watermark.isAfter(arrived())) {
            // Only a listing started after the last arrival can show that there are no other shards.
            listingWanted = true;
        }
        return !watermark.isAfter(settled);
    }

    /** Returns the watermark that has arrived in every known shard; {@code NO_WATERMARK} if there is none. */
    synchronized long arrivedMillis() {
        return arrived().watermarkMillis();
    }

    private BroadcastWatermark arrived() {
        return shards.values().stream()
                .map(state -> state.arrived)
                .reduce((a, b) -> a.isAfter(b) ? b : a)
                .orElse(BroadcastWatermark.NONE);
    }

    /** Returns the time without any success. */
    synchronized Duration outageDuration() {
        return outage ? outageDuration : Duration.ZERO;
    }

    /** Returns the last error for display; empty if there was none. */
    synchronized String lastError() {
        return lastError;
    }

    /** Returns why retrying is pointless, or {@code null}. */
    synchronized @Nullable SenderFailedException failure() {
        return failure;
    }

    private void list(BroadcastWatermark arrivedBefore) {
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
    private void listed(List<OpenShard> open, BroadcastWatermark arrivedBefore) {
        Set<String> ids = open.stream().map(OpenShard::id).collect(Collectors.toSet());
        boolean noNewShards = shards.keySet().containsAll(ids);
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
        if (noNewShards) {
            settled = arrivedBefore.isAfter(settled) ? arrivedBefore : settled;
        }
        succeeded();
    }

    private void put(List<ShardState> due, BroadcastWatermark watermark) {
        List<CompletableFuture<String>> puts = client.put(
                due.stream().map(state -> state.shard.startingHashKey()).toList(),
                new WatermarkRecord(watermark.watermarkMillis(), part, watermark.ended()).toBytes());
        for (int i = 0; i < due.size(); i++) {
            ShardState state = due.get(i);
            var unused = puts.get(i).whenComplete((shardId, error) -> answered(state, watermark, shardId, error));
        }
    }

    private synchronized void answered(
            ShardState state, BroadcastWatermark watermark, String shardId, @Nullable Throwable error) {
        state.pending = null;
        if (error != null) {
            // A shard closed in the meantime is not retried and would count as failing indefinitely.
            if (shards.get(state.shard.id()) == state) {
                failing.add(state);
            }
            failed(error);
            state.nextAttemptNanos = time.nanoTime() + BACKOFF.nanos(state.failures++);
            return;
        }
        state.failures = 0;
        failing.remove(state);
        state.nextAttemptNanos = time.nanoTime() + INTERVAL.toNanos();
        if (shardId.equals(state.shard.id())) {
            state.arrived = watermark;
            succeeded();
        } else {
            listingWanted = true;
        }
    }

    private void succeeded() {
        if (listingFailures == 0 && failing.isEmpty()) {
            outage = false;
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
        if (!outage) {
            outage = true;
            outageDuration = Duration.ZERO;
            outageTimer.reset(time.nanoTime());
        }
    }

    /** Watermarks sent to a shard. */
    private static final class ShardState {

        private final OpenShard shard;
        private BroadcastWatermark arrived = BroadcastWatermark.NONE;

        /** Watermark in flight, or {@code null}. */
        private @Nullable BroadcastWatermark pending;

        private long pendingSinceNanos;
        private int failures;
        private long nextAttemptNanos;

        ShardState(OpenShard shard, long nowNanos) {
            this.shard = shard;
            this.nextAttemptNanos = nowNanos;
        }

        void send(BroadcastWatermark watermark, long nowNanos) {
            pending = watermark;
            pendingSinceNanos = nowNanos;
        }

        /** Returns whether an older watermark is in flight and not yet considered lost. */
        boolean isStraggling(BroadcastWatermark watermark, long nowNanos) {
            return pending != null
                    && watermark.isAfter(pending)
                    && nowNanos - pendingSinceNanos < STRAGGLER_LIMIT.toNanos();
        }

        boolean isDue(BroadcastWatermark watermark, long nowNanos) {
            return pending == null
                    && watermark.watermarkMillis() != NO_WATERMARK
                    && watermark.isAfter(arrived)
                    && nowNanos - nextAttemptNanos >= 0;
        }
    }
}
