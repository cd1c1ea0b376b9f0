package io.taxistream.eventtime.source;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A subscription to a shard, from when it is asked for; its methods may be called by any thread. */
interface ShardSubscription {

    /** Allows one more event to be sent. */
    void request();

    /** Ends the subscription; events may still be handed over until that has taken effect. */
    void cancel();

    /** Takes what a subscription brings; called by one thread at a time, which must not be blocked. */
    interface Subscriber {

        /** Takes the next event. */
        void event(Event event);

        /** The subscription has failed, or could not be made. */
        void failed(KinesisProxyException e);

        /** The subscription is over, as all are after five minutes. */
        void ended();
    }

    /**
     * What Kinesis sends.
     *
     * @param continuation after which sequence number to subscribe again; null at the end of the shard
     * @param millisBehindLatest how long ago the last record arrived, compared to the shard's end; 0 for a subscriber that
     *     has caught up
     * @param childShards ids of those that follow on the shard; empty except at its end
     */
    record Event(
            List<KinesisProxy.KinesisRecord> records,
            @Nullable String continuation,
            long millisBehindLatest,
            List<String> childShards) {}
}
