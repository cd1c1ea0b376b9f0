package io.taxistream.eventtime.source;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A subscription to a shard, possibly not yet established. Thread-safe. */
interface ShardSubscription {

    /** Requests one more event. */
    void request();

    /** Cancels the subscription. Events may still be delivered until this takes effect. */
    void cancel();

    /** Receives the events of a subscription, on one thread at a time, which must not block. */
    interface Subscriber {

        /** Receives the next event. */
        void event(Event event);

        /** Called when the subscription has failed or could not be established. */
        void failed(KinesisProxyException e);

        /** Called when the subscription has expired, which happens after five minutes. */
        void ended();
    }

    /**
     * An event of a subscription.
     *
     * @param continuation sequence number after which to resubscribe; null at the end of the shard
     * @param millisBehindLatest age of the last record relative to the tip of the shard; 0 for a subscriber that has caught up
     * @param childShards ids of the shard's children; empty except at its end
     */
    record Event(
            List<KinesisProxy.KinesisRecord> records,
            @Nullable String continuation,
            long millisBehindLatest,
            List<String> childShards) {}
}
