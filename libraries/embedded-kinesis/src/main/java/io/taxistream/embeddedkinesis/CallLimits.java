package io.taxistream.embeddedkinesis;

import java.util.EnumMap;
import java.util.Map;

/** Rate limits of the service per operation and account. Thread-safe. */
final class CallLimits {

    private final Map<KinesisOperation, TokenBucket> buckets = new EnumMap<>(KinesisOperation.class);

    synchronized boolean admits(KinesisOperation operation, long nowMillis) {
        return !operation.isLimitedByAccount()
                || buckets.computeIfAbsent(operation, key -> new TokenBucket(key.callsPerSecond(), nowMillis))
                        .tryTake(1, nowMillis);
    }
}
