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
 * Notices that the heap is full: that after a collection hardly anything is free. Without it the run would crawl on for
 * minutes, because many parts catch the errors that follow and try again.
 */
final class MemoryWatch implements AutoCloseable {

    /** Share of a pool that may be in use after a collection. */
    private static final double FULL = 0.97;

    private final List<MemoryPoolMXBean> pools = ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .filter(MemoryPoolMXBean::isCollectionUsageThresholdSupported)
            // The oldest generation: the one whose collection leaves what is still needed.
            .filter(pool -> pool.getName().contains("Old") || pool.getName().contains("Tenured"))
            .filter(pool -> pool.getUsage().getMax() > 0)
            .toList();

    private final NotificationListener listener;

    /** @param onFull is run on a thread of the JVM when the heap is full */
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
            throw new IllegalStateException("the memory is watched only while the run lasts", e);
        }
    }
}
