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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where errors arrive that a run cannot survive, whichever thread of whichever part they are thrown in. The
 * first one ends the run: it interrupts the thread that carries the run out, which finds it here. Thread-safe.
 *
 * <p>Threads that nobody watches hand their errors over by dying: until this is closed it is the default handler of
 * uncaught exceptions. Exceptions that are no errors are logged, and end nothing.
 */
final class FatalErrors implements UncaughtExceptionHandler, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FatalErrors.class);

    private static final int RESERVED_BYTES = 4 << 20;

    /** Time that a run may take to end after the first error. */
    private static final Duration END_TIMEOUT = Duration.ofSeconds(60);

    private final Consumer<String> onStuck;
    private final MemoryWatch memory;

    /** Given back on the first error, so that there is memory to end the run with. */
    @SuppressWarnings("unused")
    private byte @Nullable [] reserve = new byte[RESERVED_BYTES];

    private final CountDownLatch arrived = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private Optional<String> first = Optional.empty();
    private @Nullable Thread runThread;
    private @Nullable UncaughtExceptionHandler before;
    private boolean closed;

    /** @param onStuck gets the line about the first error if the run has not ended within a minute after it */
    FatalErrors(Consumer<String> onStuck) {
        this.onStuck = onStuck;
        this.memory = new MemoryWatch(() -> report("out of memory", new OutOfMemoryError("Java heap space")));
    }

    /** Takes the errors of all threads from now on; this thread is the one that carries out the run. */
    void takeOver() {
        runThread = Thread.currentThread();
        before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler(this);
        memory.start();
        // Started before it is needed, because there may be no more threads by then.
        Thread watchdog = new Thread(this::watchEnd, "end-of-run");
        watchdog.setDaemon(true);
        watchdog.start();
    }

    private void watchEnd() {
        try {
            arrived.await();
            if (!ended.await(END_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                first().ifPresent(onStuck);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void uncaughtException(Thread thread, Throwable failure) {
        if (failure instanceof Error) {
            report("thread " + thread.getName() + " failed", failure);
        } else {
            LOG.error("Thread {} ended with an exception", thread.getName(), failure);
        }
    }

    /**
     * Takes an error; all but the first are only logged.
     *
     * @param what has happened, in words
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
        LOG.error("The run ends: {}", what, failure);
    }

    /** The first error, on one line; empty if there was none. */
    synchronized Optional<String> first() {
        return first;
    }

    /** @throws LocalPipelineException if an error has arrived */
    void throwIfAny() throws LocalPipelineException {
        Optional<String> line = first();
        if (line.isPresent()) {
            throw new LocalPipelineException(line.get());
        }
    }

    /** What went wrong and what to do, on one line. */
    static String line(String what, Throwable failure) {
        return ExhaustedResources.line(failure)
                .orElseGet(() -> "internal error: " + what + ": "
                        + failure.getClass().getSimpleName() + ": " + Messages.ofRootCause(failure));
    }

    /** Leaves the errors of threads to whoever took them before, and the interrupt of this run's thread behind. */
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
