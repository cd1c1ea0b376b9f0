package io.taxistream.eventtime.source;

import java.io.Serializable;
import java.time.Duration;

/**
 * Timing of subscriptions.
 *
 * @param renewal maximum age of a subscription; Kinesis ends it after five minutes
 * @param renewalSpread maximum time by which a renewal is advanced at random, so that the shards do not renew simultaneously
 * @param between minimum time between two calls for a shard; Kinesis allows one per second
 * @param firstRetry delay after a failure
 * @param maxRetry delay after many consecutive failures
 */
record SubscriptionTiming(
        Duration renewal, Duration renewalSpread, Duration between, Duration firstRetry, Duration maxRetry)
        implements Serializable {

    static final SubscriptionTiming DEFAULT = new SubscriptionTiming(
            Duration.ofSeconds(285),
            Duration.ofSeconds(60),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(10));
}
