package io.taxistream.producer;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Runs a task periodically while some work is being done. */
final class Ticker {

    private Ticker() {}

    /**
     * @param interval time between two runs of the task; if zero, it never runs
     * @param failed receives the error of a task that throws, after which the task is not run again
     */
    static void during(Runnable work, Duration interval, Runnable task, Consumer<Throwable> failed) {
        if (interval.isZero()) {
            work.run();
            return;
        }
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(run -> {
            var thread = new Thread(run, "statistics");
            thread.setDaemon(true);
            return thread;
        });
        Runnable watched = () -> {
            try {
                task.run();
            } catch (Throwable e) {
                failed.accept(e);
                throw e;
            }
        };
        var ticks =
                executor.scheduleAtFixedRate(watched, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
        try {
            work.run();
        } finally {
            ticks.cancel(false);
            executor.shutdownNow();
        }
    }
}
