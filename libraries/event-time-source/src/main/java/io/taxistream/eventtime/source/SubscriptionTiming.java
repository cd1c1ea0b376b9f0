package io.taxistream.eventtime.source;

import java.io.Serializable;
import java.time.Duration;

/**
 * When subscriptions are made.
 *
 * @param renewal how old a subscription may be; Kinesis ends it after five minutes
 * @param renewalSpread by how much some are renewed earlier, so that those of all shards do not come at once
 * @param between the least time from one call for a shard to the next; Kinesis allows one a second
 * @param firstRetry after a failure
 * @param maxRetry after many failures in a row
 */
record SubscriptionTiming(
        Duration renewal, Duration renewalSpread, Duration between, Duration firstRetry, Duration maxRetry)
        implements Serializable {

    static final SubscriptionTiming OF_KINESIS = new SubscriptionTiming(
            Duration.ofSeconds(285),
            Duration.ofSeconds(60),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(10));
}
