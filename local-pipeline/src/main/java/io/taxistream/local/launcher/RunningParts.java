package io.taxistream.local.launcher;

import io.taxistream.local.services.LocalPipelineException;
import io.taxistream.local.status.Messages;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The running parts, closed once in the reverse order in which they were added or their places were reserved; concurrent callers
 * of {@link #close} wait.
 *
 * <p>A part that is added while the others are being closed is closed immediately.
 */
public final class RunningParts implements AutoCloseable {

    /** Longest time that closing a part may take. */
    private static final Duration PART_TIMEOUT = Duration.ofSeconds(20);

    /** Longest time that closing all parts may take; after that, the remaining ones are closed without waiting. */
    private static final Duration TOTAL_TIMEOUT = Duration.ofSeconds(40);

    private final Deque<Place> places = new ArrayDeque<>();
    private final List<String> failures = new ArrayList<>();
    private volatile boolean closing;

    /** Adds a part that has just been started, and returns it. */
    public <T extends AutoCloseable> T add(String name, T resource) throws LocalPipelineException {
        return reserve(name).add(resource);
    }

    /**
     * Reserves a place in the order for a part that starts beside others: it is closed before the parts of all earlier places,
     * even if these are ready later.
     */
    Place reserve(String name) {
        Place place = new Place(name);
        synchronized (places) {
            places.push(place);
        }
        return place;
    }

    /** Place of a part in the order; it may stay empty. */
    final class Place {

        private final String name;

        /** Null until the part is ready. */
        private @Nullable AutoCloseable resource;

        private Place(String name) {
            this.name = name;
        }

        /** Adds the part, which has just been started, and returns it. */
        <T extends AutoCloseable> T add(T started) throws LocalPipelineException {
            synchronized (places) {
                if (!closing) {
                    resource = started;
                    return started;
                }
            }
            closePart(name, started);
            throw new LocalPipelineException("the pipeline was stopped while " + name + " was starting");
        }
    }

    /** Whether closing has begun. From then on, failures to reach a part are expected. */
    boolean isClosing() {
        return closing;
    }

    /** Closes all parts, within a bounded time. */
    @Override
    public synchronized void close() {
        long deadlineNanos = System.nanoTime() + TOTAL_TIMEOUT.toNanos();
        for (Place next = beginClosing(); next != null; next = beginClosing()) {
            if (next.resource != null) {
                close(next.name, next.resource, Math.min(PART_TIMEOUT.toNanos(), deadlineNanos - System.nanoTime()));
            }
        }
    }

    private @Nullable Place beginClosing() {
        synchronized (places) {
            closing = true;
            return places.poll();
        }
    }

    /** Returns the parts that could not be closed in order, one line each. */
    public List<String> failures() {
        synchronized (failures) {
            return List.copyOf(failures);
        }
    }

    private void close(String name, AutoCloseable resource, long timeoutNanos) {
        Thread closer = new Thread(() -> closePart(name, resource), "stop-" + name);
        closer.setDaemon(true);
        try {
            closer.start();
        } catch (OutOfMemoryError e) {
            // No more threads can be started, which is why the run is ending.
            closePart(name, resource);
            return;
        }
        if (!isEnded(closer, timeoutNanos)) {
            addFailure(name + ": did not stop in time");
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
    private void closePart(String name, AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception | Error e) {
            addFailure(name + ": " + Messages.of(e));
        }
    }

    private void addFailure(String failure) {
        synchronized (failures) {
            failures.add(failure);
        }
    }
}
