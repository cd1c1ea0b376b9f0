package io.taxistream.embeddedkinesis;

import org.jspecify.annotations.Nullable;

/** A shard as seen by one consumer: its only live subscription and its throughput limit. Thread-safe. */
final class ConsumerShard {

    static final int MAX_CALLS_PER_SECOND = 5;
    static final int MAX_BYTES_PER_SECOND = 2 * 1024 * 1024;
    /** Time after the start of a subscription during which no other can replace it. */
    static final int KEPT_MILLIS = 5_000;

    private static final long NEVER = Long.MIN_VALUE;

    private final TokenBucket calls;
    private final TokenBucket bytes;
    private @Nullable Subscription live;
    private long subscribedMillis = NEVER;

    ConsumerShard(long nowMillis) {
        calls = new TokenBucket(MAX_CALLS_PER_SECOND, nowMillis);
        bytes = new TokenBucket(MAX_BYTES_PER_SECOND, nowMillis);
    }

    synchronized boolean admitsCall(long nowMillis) {
        return calls.tryTake(1, nowMillis);
    }

    synchronized boolean hasBytes(long nowMillis) {
        return bytes.has(1, nowMillis);
    }

    synchronized void takeBytes(long taken) {
        bytes.take(taken);
    }

    /**
     * Starts a subscription, unless another one started within the last 5 s.
     *
     * @param evenIfEnded whether that one counts even if it is no longer live
     * @return whether the subscription may start
     */
    synchronized boolean trySubscribe(long nowMillis, boolean evenIfEnded) {
        boolean isKept = subscribedMillis != NEVER
                && nowMillis - subscribedMillis < KEPT_MILLIS
                && (evenIfEnded || live != null);
        if (!isKept) {
            subscribedMillis = nowMillis;
        }
        return !isKept;
    }

    /** Replaces the current subscription and returns it if it is still live. */
    synchronized @Nullable Subscription replaceBy(Subscription next) {
        Subscription previous = live;
        live = next;
        return previous;
    }

    /** Removes a subscription that has ended. */
    synchronized void leave(Subscription ended) {
        if (live == ended) {
            live = null;
        }
    }
}
