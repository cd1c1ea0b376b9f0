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
 * Metrics of a reader in the group {@code kinesis}, in addition to Flink's standard source metrics. The counters are
 * thread-safe.
 */
final class ReadMetrics {

    private final MetricGroup group;

    /** Metric groups of the shards being read; used by the task's thread only. */
    private final Map<String, MetricGroup> ofShards = new HashMap<>();

    /** Watermarks of each shard being read; written by the task's thread, read by any thread. */
    private final Map<String, Supplier<PartWatermarks>> partWatermarks = new ConcurrentHashMap<>();

    /** Part counts that have occurred; used by the task's thread only. */
    private final Set<Integer> partCounts = new HashSet<>();

    /** Parts whose metrics are registered; used by the task's thread only. */
    private final Set<Part> registeredParts = new HashSet<>();

    /** Reads that Kinesis throttled. */
    final Counter throttledReads;

    /** Calls that failed and were retried, excluding throttled ones. */
    final Counter failedReads;

    /** Expired shard iterators. */
    final Counter expiredIterators;

    /** Calls for a subscription to a shard, including renewals and failures. */
    final Counter subscriptions;

    /** Shards that expired before they were read to their end; their remaining records are lost. */
    final Counter expiredShards;

    /** Watermarks ignored because a correct sender would not have sent them. */
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

    /** Registers the lag of a shard behind its tip, in milliseconds. */
    void registerShard(String shardId, LongSupplier millisBehindLatest) {
        register(shardId, "millisBehindLatest", millisBehindLatest);
    }

    /**
     * Registers the last watermark of a shard, in milliseconds since the epoch. {@link Long#MIN_VALUE} means none yet, {@link
     * Long#MAX_VALUE} means that the shard was read to its end.
     */
    void registerWatermark(String shardId, LongSupplier watermarkMillis) {
        register(shardId, "watermark", watermarkMillis);
    }

    /** Registers the time for which a shard has been waiting for others, in milliseconds; 0 if it is not waiting. */
    void registerHeldBack(String shardId, LongSupplier heldBackMillis) {
        register(shardId, "heldBackMillis", heldBackMillis);
    }

    /** Includes a shard in the metrics of the parts. */
    void registerParts(String shardId, Supplier<PartWatermarks> watermarks) {
        partWatermarks.put(shardId, watermarks);
        watermarks.get().latest().forEach(each -> registerParts(each.part().count()));
    }

    /**
     * Registers the watermark of each of several parts, unless already registered: the minimum over the shards being read, in
     * milliseconds since the epoch. {@link Long#MIN_VALUE} means that a shard has not received a watermark of the part, {@link
     * Long#MAX_VALUE} that the part has ended.
     *
     * <p>Part 1 of 1 has no metric unless another count occurs, which is a mistake of a sender.
     */
    void registerParts(int count) {
        if (!partCounts.add(count) || partCounts.equals(Set.of(1))) {
            return;
        }
        partCounts.forEach(this::registerPartsOf);
    }

    private void registerPartsOf(int count) {
        for (int index = 1; index <= count; index++) {
            Part part = new Part(index, count);
            if (registeredParts.add(part)) {
                group.addGroup("part", part.toString()).gauge("watermark", (Gauge<Long>) () -> smallestWatermark(part));
            }
        }
    }

    private long smallestWatermark(Part part) {
        return partWatermarks.values().stream()
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
        partWatermarks.remove(shardId);
        // not possible through Flink's interface, but supported by all of its metric groups
        if (ofShards.remove(shardId) instanceof AbstractMetricGroup<?> ofShard) {
            ofShard.close();
        }
    }
}
