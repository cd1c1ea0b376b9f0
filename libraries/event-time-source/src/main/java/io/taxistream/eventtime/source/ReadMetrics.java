package io.taxistream.eventtime.source;

import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.PartWatermarks;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.apache.flink.runtime.metrics.groups.AbstractMetricGroup;

/**
 * What the source counts in the group {@code kinesis} of its reader, beside Flink's standard source metrics. The counters
 * may be used by several threads.
 */
final class ReadMetrics {

    private final MetricGroup group;

    /** Of the shards that are being read; used by the task's thread alone. */
    private final Map<String, MetricGroup> ofShards = new HashMap<>();

    /** What each shard that is being read has heard; added to by the task's thread, read by any. */
    private final Map<String, Supplier<PartWatermarks>> heard = new ConcurrentHashMap<>();

    /** Counts of parts whose metrics are registered; used by the task's thread alone. */
    private final Set<Integer> partCounts = new HashSet<>();

    /** Reads that Kinesis refused because of its limits. */
    final Counter throttledReads;

    /** Calls that failed and were tried again, throttled ones not included. */
    final Counter failedReads;

    /** Shard iterators that were too old to be used. */
    final Counter expiredIterators;

    /** Calls for a subscription to a shard, renewals and failed ones included. */
    final Counter subscriptions;

    /** Shards whose retention passed before they were read to their end: what was left in them is lost. */
    final Counter expiredShards;

    /** Watermarks that were ignored because no honest sender would have sent them. */
    final Counter implausibleWatermarks;

    ReadMetrics(MetricGroup readerGroup) {
        group = readerGroup.addGroup("kinesis");
        throttledReads = group.counter("throttledReads", new ThreadSafeSimpleCounter());
        failedReads = group.counter("failedReads", new ThreadSafeSimpleCounter());
        expiredIterators = group.counter("expiredIterators", new ThreadSafeSimpleCounter());
        subscriptions = group.counter("subscriptions", new ThreadSafeSimpleCounter());
        expiredShards = group.counter("expiredShards", new ThreadSafeSimpleCounter());
        implausibleWatermarks = group.counter("implausibleWatermarks", new ThreadSafeSimpleCounter());
    }

    /** Registers how far behind its end a shard is read, in milliseconds. */
    void registerShard(String shardId, LongSupplier millisBehindLatest) {
        register(shardId, "millisBehindLatest", millisBehindLatest);
    }

    /**
     * Registers how far event time has come in a shard: its last watermark, milliseconds since the epoch. {@link
     * Long#MIN_VALUE} stands for none yet, {@link Long#MAX_VALUE} for a shard that was read to its end.
     */
    void registerWatermark(String shardId, LongSupplier watermarkMillis) {
        register(shardId, "watermark", watermarkMillis);
    }

    /** Registers for how long a shard has waited for others, in milliseconds; 0 while it does not. */
    void registerHeldBack(String shardId, LongSupplier heldBackMillis) {
        register(shardId, "heldBackMillis", heldBackMillis);
    }

    /** Includes a shard in the metrics of parts. */
    void registerParts(String shardId, Supplier<PartWatermarks> watermarks) {
        heard.put(shardId, watermarks);
        watermarks.get().latest().forEach(each -> registerParts(each.part().count()));
    }

    /**
     * Registers how far each of several parts lets event time go in the shards that are being read, unless that is done
     * already: its smallest watermark, milliseconds since the epoch. {@link Long#MIN_VALUE} stands for a part that a shard
     * has not heard, {@link Long#MAX_VALUE} for one that has ended.
     */
    void registerParts(int count) {
        if (count == 1 || !partCounts.add(count)) {
            return;
        }
        for (int index = 1; index <= count; index++) {
            Part part = new Part(index, count);
            group.addGroup("part", part.toString()).gauge("watermark", (Gauge<Long>) () -> smallestWatermark(part));
        }
    }

    private long smallestWatermark(Part part) {
        return heard.values().stream()
                .mapToLong(watermarks -> watermarks
                        .get()
                        .of(part)
                        .map(found -> found.ended() ? Long.MAX_VALUE : found.watermarkMillis())
                        .orElse(PartWatermarks.NO_WATERMARK))
                .min()
                .orElse(Long.MAX_VALUE);
    }

    private void register(String shardId, String name, LongSupplier value) {
        ofShards.computeIfAbsent(shardId, id -> group.addGroup("shardId", id))
                .gauge(name, (Gauge<Long>) value::getAsLong);
    }

    /** Removes the metrics of a shard that is no longer read. */
    void unregister(String shardId) {
        heard.remove(shardId);
        // Flink's interface cannot do it; each of its own groups can
        if (ofShards.remove(shardId) instanceof AbstractMetricGroup<?> ofShard) {
            ofShard.close();
        }
    }
}
