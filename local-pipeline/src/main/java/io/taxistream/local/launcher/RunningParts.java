package io.taxistream.local.launcher;

import io.taxistream.local.services.LocalPipelineException;
import io.taxistream.local.status.Messages;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The running parts, closed once in the reverse order of their start; concurrent callers of {@link #close} wait.
 *
 * <p>A part that is added while the others are being closed is closed immediately.
 */
public final class RunningParts implements AutoCloseable {

    private record Part(String name, AutoCloseable resource) {}

    /** Longest time that closing a part may take. */
    private static final Duration PART_TIMEOUT = Duration.ofSeconds(20);

    /** Longest time that closing all parts may take; after that, the remaining ones are closed without waiting. */
    private static final Duration TOTAL_TIMEOUT = Duration.ofSeconds(40);

    private final Deque<Part> parts = new ArrayDeque<>();
    private final List<String> failures = new ArrayList<>();
    private volatile boolean closing;

    /** Adds a part that has just been started, and returns it. */
    public <T extends AutoCloseable> T add(String name, T resource) throws LocalPipelineException {
        synchronized (parts) {
            if (!closing) {
                parts.push(new Part(name, resource));
                return resource;
            }
        }
        close(new Part(name, resource));
        throw new LocalPipelineException("the pipeline was stopped while " + name + " was starting");
    }

    /** Whether closing has begun. From then on, failures to reach a part are expected. */
    boolean isClosing() {
        return closing;
    }

    /** Closes all parts, within a bounded time. */
    @Override
    public synchronized void close() {
        long deadlineNanos = System.nanoTime() + TOTAL_TIMEOUT.toNanos();
        Part next = beginClosing();
        while (next != null) {
            close(next, Math.min(PART_TIMEOUT.toNanos(), deadlineNanos - System.nanoTime()));
            next = beginClosing();
        }
    }

    private Part beginClosing() {
        synchronized (parts) {
            closing = true;
            return parts.poll();
        }
    }

    /** Returns the parts that could not be closed in order, one line each. */
    public List<String> failures() {
        synchronized (failures) {
            return List.copyOf(failures);
        }
    }

    private void close(Part part, long timeoutNanos) {
        Thread closer = new Thread(() -> close(part), "stop-" + part.name());
        closer.setDaemon(true);
        try {
            closer.start();
        } catch (OutOfMemoryError e) {
            // No more threads can be started, which is why the run is ending.
            close(part);
            return;
        }
        if (!isEnded(closer, timeoutNanos)) {
            addFailure(part.name() + ": did not stop in time");
        }
    }

    /** Waits for a thread to end. An interrupt does not keep the parts from being closed. */
    private static boolean isEnded(Thread thread, long timeoutNanos) {
        long deadlineNanos = System.nanoTime() + timeoutNanos;
        boolean interrupted = false;
        while (thread.isAlive() && System.nanoTime() < deadlineNanos) {
            try {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime())));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    @SuppressWarnings("InterruptedExceptionSwallowed") // the thread ends with this call
    private void close(Part part) {
        try {
            part.resource().close();
        } catch (Exception | Error e) {
            addFailure(part.name() + ": " + Messages.of(e));
        }
    }

    private void addFailure(String failure) {
        synchronized (failures) {
            failures.add(failure);
        }
    }
}
