package io.taxistream.local.launcher;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryNotificationInfo;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.List;
import javax.management.ListenerNotFoundException;
import javax.management.NotificationEmitter;
import javax.management.NotificationListener;

/**
 * Detects a full heap: one that is still almost full after a garbage collection. Without it the run would slow down to a crawl
 * for minutes, because many parts catch the resulting errors and retry.
 */
final class MemoryWatch implements AutoCloseable {

    /** Largest share of a pool that may be in use after a collection. */
    private static final double FULL = 0.97;

    private final List<MemoryPoolMXBean> pools = ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .filter(MemoryPoolMXBean::isCollectionUsageThresholdSupported)
            // The oldest generation: what survives its collection is still needed.
            .filter(pool -> pool.getName().contains("Old") || pool.getName().contains("Tenured"))
            .filter(pool -> pool.getUsage().getMax() > 0)
            .toList();

    private final NotificationListener listener;

    /**
     * Starts the watch.
     *
     * @param onFull called on a thread of the JVM when the heap is full
     */
    MemoryWatch(Runnable onFull) {
        listener = (notification, handback) -> {
            if (notification.getType().equals(MemoryNotificationInfo.MEMORY_COLLECTION_THRESHOLD_EXCEEDED)) {
                onFull.run();
            }
        };
    }

    void start() {
        ((NotificationEmitter) ManagementFactory.getMemoryMXBean()).addNotificationListener(listener, null, null);
        for (MemoryPoolMXBean pool : pools) {
            pool.setCollectionUsageThreshold((long) (FULL * pool.getUsage().getMax()));
        }
    }

    @Override
    public void close() {
        pools.forEach(pool -> pool.setCollectionUsageThreshold(0));
        try {
            ((NotificationEmitter) ManagementFactory.getMemoryMXBean()).removeNotificationListener(listener);
        } catch (ListenerNotFoundException e) {
            throw new IllegalStateException("memory is watched only during the run", e);
        }
    }
}
