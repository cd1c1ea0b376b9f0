package io.taxistream.producer;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Does something again and again while something else is done. */
final class Ticker {

    private Ticker() {}

    /** @param interval time between two runs of the task; it never runs if this is zero */
    static void during(Runnable work, Duration interval, Runnable task) {
        if (interval.isZero()) {
            work.run();
            return;
        }
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(run -> {
            var thread = new Thread(run, "statistics");
            thread.setDaemon(true);
            return thread;
        });
        var ticks = executor.scheduleAtFixedRate(task, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
        try {
            work.run();
        } finally {
            ticks.cancel(false);
            executor.shutdownNow();
        }
    }
}
