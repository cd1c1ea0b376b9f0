package io.taxistream.eventtime.source;

import java.util.function.LongSupplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;

/**
 * What the source counts in the group {@code kinesis} of its reader, beside Flink's standard source metrics. The counters
 * may be used by several threads.
 */
final class ReadMetrics {

    private final MetricGroup group;

    /** Reads that Kinesis refused because of its limits. */
    final Counter throttledReads;

    /** Calls that failed and were tried again, throttled ones not included. */
    final Counter failedReads;

    /** Shard iterators that were too old to be used. */
    final Counter expiredIterators;

    /** Shards whose retention passed before they were read to their end: what was left in them is lost. */
    final Counter expiredShards;

    ReadMetrics(MetricGroup readerGroup) {
        group = readerGroup.addGroup("kinesis");
        throttledReads = group.counter("throttledReads", new ThreadSafeSimpleCounter());
        failedReads = group.counter("failedReads", new ThreadSafeSimpleCounter());
        expiredIterators = group.counter("expiredIterators", new ThreadSafeSimpleCounter());
        expiredShards = group.counter("expiredShards", new ThreadSafeSimpleCounter());
    }

    /** Registers how far behind its end a shard is read, in milliseconds. */
    void registerShard(String shardId, LongSupplier millisBehindLatest) {
        group.addGroup("shardId", shardId).gauge("millisBehindLatest", (Gauge<Long>) millisBehindLatest::getAsLong);
    }

    /**
     * Registers how far event time has come in a shard: its last watermark, milliseconds since the epoch. {@link
     * Long#MIN_VALUE} stands for none yet, {@link Long#MAX_VALUE} for a shard that was read to its end.
     */
    void registerWatermark(String shardId, LongSupplier watermarkMillis) {
        group.addGroup("shardId", shardId).gauge("watermark", (Gauge<Long>) watermarkMillis::getAsLong);
    }
}
