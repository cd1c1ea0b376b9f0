package io.taxistream.local.launcher;

import static java.util.Objects.requireNonNull;

import io.taxistream.local.services.LocalPipelineException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Starts parts beside each other, each on its own thread, where it may wait for others. Closing interrupts the starts in
 * progress and waits for their end, so that nothing is started afterwards. {@link #begin} and {@link #awaitAll} are called by
 * one thread.
 */
final class ConcurrentStarts implements AutoCloseable {

    /** Longest time to wait for interrupted starts. */
    private static final Duration END_TIMEOUT = Duration.ofSeconds(15);

    /** Starts a part. */
    @FunctionalInterface
    interface Start<T> {

        T run() throws IOException, InterruptedException, LocalPipelineException;
    }

    /** A start in progress, or its result. */
    static final class Starting<T> {

        private final FutureTask<T> task;

        private Starting(FutureTask<T> task) {
            this.task = task;
        }

        /** Waits for the part; throws what its start has thrown. */
        T await() throws IOException, InterruptedException, LocalPipelineException {
            try {
                return task.get();
            } catch (ExecutionException e) {
                Throwable failure = requireNonNull(e.getCause(), "a task that failed has a cause");
                if (failure instanceof IOException io) {
                    throw io;
                } else if (failure instanceof LocalPipelineException failed) {
                    throw failed;
                } else if (failure instanceof InterruptedException interrupted) {
                    throw interrupted;
                } else if (failure instanceof RuntimeException bug) {
                    throw bug;
                } else if (failure instanceof Error error) {
                    throw error;
                }
                throw new IllegalStateException(failure);
            }
        }
    }

    private final ExecutorService threads = Executors.newCachedThreadPool(ConcurrentStarts::thread);

    /** Starts that have ended, in this order. */
    private final BlockingQueue<Starting<?>> ended = new LinkedBlockingQueue<>();

    private int begun;

    private static Thread thread(Runnable start) {
        Thread thread = new Thread(start, "start");
        thread.setDaemon(true);
        return thread;
    }

    /** Begins a start and returns without waiting. */
    <T> Starting<T> begin(Start<T> start) {
        FutureTask<T> task = new FutureTask<>(start::run);
        Starting<T> starting = new Starting<>(task);
        begun++;
        threads.execute(() -> {
            task.run();
            ended.add(starting);
        });
        return starting;
    }

    /** Waits until all starts have ended. The first one to fail ends the wait; this throws what it has thrown. */
    void awaitAll() throws IOException, InterruptedException, LocalPipelineException {
        for (; begun > 0; begun--) {
            ended.take().await();
        }
    }

    @Override
    public void close() throws IOException {
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(END_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("a part is still starting");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
