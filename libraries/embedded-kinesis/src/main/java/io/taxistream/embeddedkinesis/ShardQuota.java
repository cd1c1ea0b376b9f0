package io.taxistream.embeddedkinesis;

import java.time.Clock;

/** Maximum number of open shards in an account; unlimited if limits are not enforced. */
final class ShardQuota {

    static final int SHARD_LIMIT = 1_000;

    private final StreamRegistry registry;
    private final Clock clock;
    private final boolean enforced;

    ShardQuota(StreamRegistry registry, Clock clock, boolean enforced) {
        this.registry = registry;
        this.clock = clock;
        this.enforced = enforced;
    }

    /** @throws KinesisException if this many additional open shards would exceed the quota */
    void require(int more) {
        if (enforced && openShards() + more > SHARD_LIMIT) {
            throw KinesisException.limitExceeded("This request would exceed the shard limit for the account "
                    + StreamRegistry.ACCOUNT_ID + ". Current shard count for the account: " + openShards()
                    + ". Limit: " + SHARD_LIMIT + ". Number of additional shards that would have resulted from this"
                    + " request: " + more + ".");
        }
    }

    /** Returns the number of open shards of all streams. */
    int openShards() {
        return registry.all().stream()
                .mapToInt(stream -> stream.view(clock.millis()).openShards().size())
                .sum();
    }
}
