package io.taxistream.producer.kinesis;

import static io.taxistream.producer.replay.SinkStatus.NO_WATERMARK;

import io.taxistream.events.EventWriter;
import io.taxistream.events.WatermarkEvent;
import io.taxistream.producer.replay.StreamFailedException;
import io.taxistream.producer.replay.TimeSource;
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

/**
 * Puts watermarks into every open shard of a stream.
 *
 * <p>One that fails is tried again and does not keep the other shards waiting. One that is on its way does, for a while:
 * after a split or merge it may land in the same shard as a newer one for a neighbour, and must not land there behind it.
 * The shards are listed again and again, and at once when a watermark lands in another shard than it was meant for, so that
 * the children of a split or merge get theirs soon.
 *
 * <p>Has no thread of its own: {@link #tick} is to be called every few dozen milliseconds.
 */
final class Watermarks {

    static final Duration INTERVAL = Duration.ofMillis(250);
    static final Duration LISTING_INTERVAL = Duration.ofSeconds(1);
    static final Duration STRAGGLER_LIMIT = Duration.ofSeconds(1);
    static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    static final Duration LAST_BACKOFF = Duration.ofSeconds(2);

    private final StreamClient client;
    private final TimeSource time;
    private final EventWriter writer = new EventWriter();

    private final Map<String, ShardState> shards = new HashMap<>();

    /** Closed shards that a watermark is still on its way to. */
    private final List<ShardState> closing = new ArrayList<>();

    /** Open shards whose last watermark failed. */
    private final Set<ShardState> failing = new HashSet<>();

    private boolean listing;
    private boolean listingWanted = true;
    private int listingFailures;
    private long nextListingNanos;
    private long settledMillis = NO_WATERMARK;
    private long troubleSinceNanos;
    private boolean trouble;
    private String lastError = "";
    private StreamFailedException failure;

    Watermarks(StreamClient client, TimeSource time) {
        this.client = client;
        this.time = time;
        this.nextListingNanos = time.nanoTime();
    }

    /** Starts whatever is due; does not wait for anything. */
    void tick(long watermarkMillis) {
        long now = time.nanoTime();
        List<ShardState> due = new ArrayList<>();
        boolean list;
        long arrivedBefore;
        synchronized (this) {
            closing.removeIf(state -> !state.pending);
            boolean listingDue = now - nextListingNanos >= 0 || (listingWanted && listingFailures == 0);
            list = listingDue && !listing;
            if (list) {
                listing = true;
                listingWanted = false;
            }
            arrivedBefore = arrivedMillis();
            boolean stragglers = Stream.concat(shards.values().stream(), closing.stream())
                    .anyMatch(state -> state.isStraggling(watermarkMillis, now));
            for (ShardState state : shards.values()) {
                if (!stragglers && state.isDue(watermarkMillis, now)) {
                    state.send(watermarkMillis, now);
                    due.add(state);
                }
            }
        }
        if (list) {
            list(arrivedBefore);
        }
        if (!due.isEmpty()) {
            put(due, watermarkMillis);
        }
    }

    /** Whether a watermark has arrived in every shard, those included that were opened meanwhile. */
    synchronized boolean isSettled(long watermarkMillis) {
        if (settledMillis < watermarkMillis && arrivedMillis() >= watermarkMillis) {
            // Only a listing that begins after the last arrival can say that there are no shards besides.
            listingWanted = true;
        }
        return settledMillis >= watermarkMillis;
    }

    /** The watermark that has arrived in every shard known. */
    synchronized long arrivedMillis() {
        if (shards.isEmpty()) {
            return NO_WATERMARK;
        }
        return shards.values().stream()
                .mapToLong(state -> state.arrivedMillis)
                .min()
                .orElseThrow();
    }

    /** How long nothing has gone well. */
    synchronized Duration troubled() {
        return trouble ? Duration.ofNanos(time.nanoTime() - troubleSinceNanos) : Duration.ZERO;
    }

    /** The last thing that went wrong, for a person; empty if nothing has. */
    synchronized String lastError() {
        return lastError;
    }

    /** Why another try is pointless, or {@code null}. */
    synchronized StreamFailedException failure() {
        return failure;
    }

    private void list(long arrivedBefore) {
        var unused = client.openShards().whenComplete((open, error) -> {
            synchronized (this) {
                listing = false;
                if (error == null) {
                    listingFailures = 0;
                    nextListingNanos = time.nanoTime() + LISTING_INTERVAL.toNanos();
                    listed(open, arrivedBefore);
                } else {
                    failed(error);
                    nextListingNanos = time.nanoTime() + backoffNanos(listingFailures++);
                }
            }
        });
    }

    /** @param arrivedBefore the watermark that had arrived in every shard known when the listing began */
    private void listed(List<Shard> open, long arrivedBefore) {
        Set<String> ids = open.stream().map(Shard::id).collect(Collectors.toSet());
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
        for (Shard shard : open) {
            shards.computeIfAbsent(shard.id(), id -> new ShardState(shard, time.nanoTime()));
        }
        if (nothingNew) {
            settledMillis = Math.max(settledMillis, arrivedBefore);
        }
        succeeded();
    }

    private void put(List<ShardState> due, long watermarkMillis) {
        List<CompletableFuture<String>> puts = client.put(
                due.stream().map(state -> state.shard.startingHashKey()).toList(),
                writer.write(new WatermarkEvent(watermarkMillis)));
        for (int i = 0; i < due.size(); i++) {
            ShardState state = due.get(i);
            var unused = puts.get(i).whenComplete((shardId, error) -> answered(state, watermarkMillis, shardId, error));
        }
    }

    private synchronized void answered(ShardState state, long watermarkMillis, String shardId, Throwable error) {
        state.pending = false;
        if (error != null) {
            // One that was closed meanwhile is not tried again, and would be trouble for ever.
            if (shards.get(state.shard.id()) == state) {
                failing.add(state);
            }
            failed(error);
            state.notBeforeNanos = time.nanoTime() + backoffNanos(state.failures++);
            return;
        }
        state.failures = 0;
        failing.remove(state);
        state.notBeforeNanos = time.nanoTime() + INTERVAL.toNanos();
        if (shardId.equals(state.shard.id())) {
            state.arrivedMillis = watermarkMillis;
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
        if (cause instanceof StreamFailedException fatal && failure == null) {
            failure = fatal;
        }
        if (!trouble) {
            trouble = true;
            troubleSinceNanos = time.nanoTime();
        }
    }

    private static long backoffNanos(int failures) {
        return Math.min(LAST_BACKOFF.toNanos(), FIRST_BACKOFF.toNanos() << Math.min(failures, 10));
    }

    /** What a shard has got. */
    private static final class ShardState {

        private final Shard shard;
        private long arrivedMillis = NO_WATERMARK;
        private boolean pending;
        private long pendingMillis;
        private long pendingSinceNanos;
        private int failures;
        private long notBeforeNanos;

        ShardState(Shard shard, long nowNanos) {
            this.shard = shard;
            this.notBeforeNanos = nowNanos;
        }

        void send(long watermarkMillis, long nowNanos) {
            pending = true;
            pendingMillis = watermarkMillis;
            pendingSinceNanos = nowNanos;
        }

        /** Whether an older watermark is on its way, and not for so long that it is likely to be lost. */
        boolean isStraggling(long watermarkMillis, long nowNanos) {
            return pending
                    && pendingMillis < watermarkMillis
                    && nowNanos - pendingSinceNanos < STRAGGLER_LIMIT.toNanos();
        }

        boolean isDue(long watermarkMillis, long nowNanos) {
            return !pending
                    && watermarkMillis != NO_WATERMARK
                    && watermarkMillis > arrivedMillis
                    && nowNanos - notBeforeNanos >= 0;
        }
    }
}
