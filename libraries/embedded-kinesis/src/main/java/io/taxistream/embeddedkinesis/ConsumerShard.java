package io.taxistream.embeddedkinesis;

import org.jspecify.annotations.Nullable;

/** One shard as one consumer has it: its only live subscription, and what it takes a second. Thread-safe. */
final class ConsumerShard {

    static final int MAX_CALLS_PER_SECOND = 5;
    static final int MAX_BYTES_PER_SECOND = 2 * 1024 * 1024;
    /** For so long after a subscription has begun, no other can take its place. */
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
     * Notes a subscription, unless one has begun within the last 5 s.
     *
     * @param evenIfEnded whether that one counts when it is no longer live
     * @return whether it may begin
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

    /** Puts a subscription in the place of the one before, which is returned if it is still live. */
    synchronized @Nullable Subscription replaceBy(Subscription next) {
        Subscription previous = live;
        live = next;
        return previous;
    }

    /** Gives the place of a subscription free that has ended. */
    synchronized void leave(Subscription ended) {
        if (live == ended) {
            live = null;
        }
    }
}
