package io.taxistream.local.launcher;

import static java.util.Objects.requireNonNull;

import io.taxistream.local.services.LocalPipelineException;
import io.taxistream.local.status.Messages;
import java.lang.Thread.UncaughtExceptionHandler;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.flink.util.MutableURLClassLoader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Central handler of fatal errors of a run, from any thread of any part. The first error ends the run: it interrupts the thread
 * that executes the run, which then reads the error here. Thread-safe.
 *
 * <p>Until it is closed, this is the default handler of uncaught exceptions, which also covers threads that the run does not
 * watch. Exceptions that are not errors are logged and do not end the run.
 */
final class FatalErrors implements UncaughtExceptionHandler, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FatalErrors.class);

    private static final int RESERVED_BYTES = 4 << 20;

    /** Time that a run may take to end after the first error. */
    private static final Duration END_TIMEOUT = Duration.ofSeconds(60);

    private final Consumer<String> onEndTimeout;
    private final MemoryWatch memory;

    /** Freed on the first error, so that there is enough memory to end the run. */
    @SuppressWarnings("unused")
    private byte @Nullable [] reserve = new byte[RESERVED_BYTES];

    private final CountDownLatch arrived = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private Optional<String> first = Optional.empty();
    private @Nullable Thread runThread;
    private @Nullable UncaughtExceptionHandler before;
    private boolean closed;

    /**
     * Creates a handler.
     *
     * @param onEndTimeout receives the line about the first error if the run has not ended within a minute after it
     */
    FatalErrors(Consumer<String> onEndTimeout) {
        this.onEndTimeout = onEndTimeout;
        this.memory = new MemoryWatch(() -> report("out of memory", new OutOfMemoryError("Java heap space")));
    }

    /** Handles the errors of all threads from now on, and interrupts the calling thread on the first one. */
    void takeOver() {
        runThread = Thread.currentThread();
        before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler(this);
        memory.start();
        // Started in advance, because it may be impossible to start threads after an error.
        Thread watchdog = new Thread(this::watchEnd, "end-of-run");
        watchdog.setDaemon(true);
        watchdog.start();
    }

    private void watchEnd() {
        try {
            arrived.await();
            if (!ended.await(END_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                first().ifPresent(onEndTimeout);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void uncaughtException(Thread thread, Throwable failure) {
        if (failure instanceof Error && !isOfEndedJob(thread, failure)) {
            report("thread " + thread.getName() + " failed", failure);
        } else {
            LOG.error("Thread {} ended with an exception", thread.getName(), failure);
        }
    }

    /**
     * Returns whether a thread of a job failed because the job's class loader had been closed: when a task manager is killed, its
     * threads may run for a moment longer. A class that a running job lacks also fails its tasks.
     */
    private static boolean isOfEndedJob(Thread thread, Throwable failure) {
        return failure instanceof LinkageError && thread.getContextClassLoader() instanceof MutableURLClassLoader;
    }

    /**
     * Handles an error; all but the first are only logged.
     *
     * @param what description of the event
     */
    void report(String what, Throwable failure) {
        synchronized (this) {
            reserve = null;
            if (closed || first.isPresent()) {
                return;
            }
            first = Optional.of(line(what, failure));
            requireNonNull(runThread, "nothing is reported before this takes over")
                    .interrupt();
        }
        arrived.countDown();
        LOG.error("The run failed: {}", what, failure);
    }

    /** Returns the first error, on one line; empty if there is none. */
    synchronized Optional<String> first() {
        return first;
    }

    /**
     * Throws the first error, if there is one.
     *
     * @throws LocalPipelineException if an error has occurred
     */
    void throwIfAny() throws LocalPipelineException {
        Optional<String> line = first();
        if (line.isPresent()) {
            throw new LocalPipelineException(line.get());
        }
    }

    /** Returns the error and its remedy, on one line. */
    static String line(String what, Throwable failure) {
        return ExhaustedResources.line(failure)
                .orElseGet(() -> "internal error: " + what + ": "
                        + failure.getClass().getSimpleName() + ": " + Messages.ofRootCause(failure));
    }

    /** Restores the previous default handler, and clears the interrupt of this run's thread. */
    @Override
    public void close() {
        memory.close();
        synchronized (this) {
            closed = true;
            if (first.isPresent()) {
                Thread.interrupted();
            }
        }
        Thread.setDefaultUncaughtExceptionHandler(before);
        ended.countDown();
        arrived.countDown();
    }
}
