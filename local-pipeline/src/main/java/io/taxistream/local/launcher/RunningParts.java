package io.taxistream.local.launcher;

import io.taxistream.local.services.LocalPipelineException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The parts that run, closed in the reverse order of their start: once, whoever asks first, while others wait.
 *
 * <p>A part that starts while all are being closed is closed at once.
 */
public final class RunningParts implements AutoCloseable {

    private record Part(String name, AutoCloseable resource) {}

    private final Deque<Part> parts = new ArrayDeque<>();
    private final List<String> failures = new ArrayList<>();
    private volatile boolean closing;

    /** Adds a part that was just started, and answers it. */
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

    /** Whether closing has begun; from then on parts vanish, and their complaints about each other mean nothing. */
    boolean isClosing() {
        return closing;
    }

    @Override
    public synchronized void close() {
        synchronized (parts) {
            closing = true;
        }
        while (!parts.isEmpty()) {
            close(parts.pop());
        }
    }

    /** What could not be closed in order, a line each. */
    public List<String> failures() {
        synchronized (failures) {
            return List.copyOf(failures);
        }
    }

    private void close(Part part) {
        try {
            part.resource().close();
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            synchronized (failures) {
                failures.add(part.name() + ": " + e.getMessage());
            }
        }
    }
}
