package io.taxistream.eventtime.source;

import io.taxistream.eventtime.source.KinesisProxyException.Kind;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts and logs failed reads of a shard and decides how to proceed: temporary failures are retried for as long as they last.
 */
final class ReadFailures {

    /** Decision on a failed read. */
    sealed interface Outcome {

        /** Retry after a delay. */
        record Retry(long delayMillis) implements Outcome {}

        /** Treat the shard as read to its end; its remaining records are lost. */
        record Expired() implements Outcome {}

        /** Fail the job. */
        record GiveUp(KinesisProxyException cause) implements Outcome {}
    }

    private static final Logger LOG = LoggerFactory.getLogger(ReadFailures.class);

    /** Occasional throttling is normal on a shared shard; this many throttled reads in a row are worth a warning. */
    private static final int THROTTLED_WARNING_COUNT = 8;

    private final KinesisProxy proxy;
    private final ReadMetrics metrics;
    private final Clock clock;
    private final Backoff backoff;

    ReadFailures(
            KinesisProxy proxy,
            ReadMetrics metrics,
            Clock clock,
            Duration firstRetry,
            Duration maxRetry,
            RandomGenerator random) {
        this.proxy = proxy;
        this.metrics = metrics;
        this.clock = clock;
        this.backoff = new Backoff(firstRetry, maxRetry, random);
    }

    /**
     * Decides how to proceed after a failure; may call Kinesis to list the shards.
     *
     * @param position position of the failed read
     * @param atPosition whether the failed call named that position rather than an iterator
     * @param failuresInARow number of consecutive failures, including this one
     */
    Outcome outcome(
            KinesisProxyException e, String shardId, ShardPosition position, boolean atPosition, int failuresInARow) {
        return switch (e.kind()) {
            case THROTTLED -> {
                metrics.throttledReads.inc();
                yield retry(e, shardId, failuresInARow, failuresInARow >= THROTTLED_WARNING_COUNT);
            }
            case IN_USE -> {
                metrics.failedReads.inc();
                yield retry(e, shardId, failuresInARow, failuresInARow >= THROTTLED_WARNING_COUNT);
            }
            case TEMPORARY -> {
                metrics.failedReads.inc();
                yield retry(e, shardId, failuresInARow, true);
            }
            case ITERATOR_EXPIRED -> {
                metrics.expiredIterators.inc();
                yield retry(e, shardId, failuresInARow, failuresInARow > 1);
            }
            case INVALID_ARGUMENT -> invalidArgument(e, shardId, position, atPosition, failuresInARow);
            case NOT_FOUND -> notFound(e, shardId, position, failuresInARow);
            case FATAL -> new Outcome.GiveUp(e);
        };
    }

    private Outcome retry(KinesisProxyException e, String shardId, int failuresInARow, boolean warn) {
        long delayMillis = backoff.delayMillis(failuresInARow);
        // at 1, 2, 4, 8... failures, so that a long outage does not flood the log
        if (warn && Integer.bitCount(failuresInARow) == 1) {
            LOG.warn(
                    "Reading shard {} failed {} times in a row, retrying: {}", shardId, failuresInARow, e.getMessage());
        } else {
            LOG.debug("Retrying to read shard {} in {} ms", shardId, delayMillis, e);
        }
        return new Outcome.Retry(delayMillis);
    }

    private Outcome invalidArgument(
            KinesisProxyException e, String shardId, ShardPosition position, boolean atPosition, int failuresInARow) {
        // Kinesis rejects timestamps that are in the future by its own clock
        boolean future = position instanceof ShardPosition.AtTimestamp at
                && at.timestamp().isAfter(clock.instant().minus(KinesisSource.MAX_CLOCK_SKEW));
        if (!atPosition || future) {
            metrics.failedReads.inc();
            return retry(e, shardId, failuresInARow, true);
        }
        return new Outcome.GiveUp(new KinesisProxyException(
                Kind.FATAL,
                "Shard " + shardId + " has no position " + position + ", so the job's state belongs to another stream;"
                        + " start the job without state, or restore a savepoint of this stream: "
                        + e.getMessage(),
                e));
    }

    /** Distinguishes an expired shard, which has ended, from a deleted stream, which is an error. */
    private Outcome notFound(KinesisProxyException e, String shardId, ShardPosition position, int failuresInARow) {
        List<ShardInfo> listing;
        try {
            listing = proxy.listShards(null);
        } catch (KinesisProxyException listingFailed) {
            return switch (listingFailed.kind()) {
                case NOT_FOUND, FATAL, INVALID_ARGUMENT -> new Outcome.GiveUp(listingFailed);
                case THROTTLED, TEMPORARY, IN_USE, ITERATOR_EXPIRED -> {
                    metrics.failedReads.inc();
                    yield retry(listingFailed, shardId, failuresInARow, true);
                }
            };
        }
        if (listing.stream().anyMatch(shard -> shard.shardId().equals(shardId))) {
            metrics.failedReads.inc();
            return retry(e, shardId, failuresInARow, true);
        }
        metrics.expiredShards.inc();
        LOG.warn(
                "Shard {} expired at {}: its remaining records are lost, because they were not read within the stream's"
                        + " retention period",
                shardId,
                position);
        return new Outcome.Expired();
    }
}
