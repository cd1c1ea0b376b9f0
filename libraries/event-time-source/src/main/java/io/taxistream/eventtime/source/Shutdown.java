package io.taxistream.eventtime.source;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops threads before the job's class loader is closed. A thread that outlives the class loader can no longer load classes of
 * the job, or loads those of Flink's class path instead.
 */
final class Shutdown {

    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);

    /** Longer than the timeout of a connection attempt. */
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    private Shutdown() {}

    /**
     * Waits for the threads of an executor that was shut down, even if the task is cancelled and therefore interrupted.
     *
     * @param name name of the threads, for the log
     */
    static void await(ExecutorService executor, String name) {
        await(executor, name, DEFAULT_TIMEOUT);
    }

    static void await(ExecutorService executor, String name, Duration timeout) {
        long end = System.nanoTime() + timeout.toNanos();
        boolean interrupted = false;
        try {
            while (!executor.isTerminated() && System.nanoTime() - end < 0) {
                try {
                    var unused = executor.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        if (!executor.isTerminated()) {
            LOG.warn("Thread {} is still running {} after it was asked to stop", name, timeout);
        }
    }
}
