package io.taxistream.local.services;

import io.taxistream.eventtime.Part;
import io.taxistream.local.status.ProducerProgress;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The producer of one part, whose process may be killed and later followed by another that resumes. Thread-safe. */
public final class ResumableProducer implements AutoCloseable {

    /** Starts a process. */
    @FunctionalInterface
    public interface Launch {

        /**
         * Starts one.
         *
         * @param part whose trips it sends
         * @param number of the part's process, from 1; all but the first are to go on where the one before has ended
         */
        ProducerProcess start(Part part, int number) throws IOException;
    }

    private final Part part;
    private final Launch launch;
    private ProducerProgress earlier = ProducerProgress.NONE;

    /** Null before the first. */
    private @Nullable ProducerProcess current;

    private int processes;
    private boolean killed;
    private boolean closed;

    ResumableProducer(Part part, Launch launch) {
        this.part = part;
        this.launch = launch;
    }

    /** The part whose trips it sends. */
    public Part part() {
        return part;
    }

    /** The exit code when the part's replay has ended: 0 when all its trips were sent and acknowledged. */
    public synchronized Optional<Integer> exitCode() {
        return current == null || killed
                ? Optional.empty()
                : Optional.ofNullable(current.exitCode().getNow(null));
    }

    /** Whether there is a process that sends: not before its start, between a kill and what follows it, nor at the end. */
    public synchronized boolean isRunning() {
        return current != null && !killed && !current.exitCode().isDone();
    }

    /** How far the part has come; trips that were sent again after a kill may count again. */
    public synchronized ProducerProgress progress() {
        return current == null || killed ? earlier : current.progress().after(earlier);
    }

    /** Whether a process was killed and followed by another, so that {@link #progress()} is an estimate. */
    synchronized boolean wasResumed() {
        return processes > 1;
    }

    /** The last line that the producer printed besides its progress, which says why if it has failed. */
    public synchronized String lastLine() {
        return current == null ? "it has not started" : current.lastLine();
    }

    /**
     * Starts a process, the first one or one that goes on where the one before was killed; does nothing while one is running
     * or when the part has ended.
     */
    public synchronized void start() throws IOException {
        if (closed || (current != null && !killed)) {
            return;
        }
        current = launch.start(part, processes + 1);
        processes++;
        killed = false;
    }

    /**
     * Kills the process, which {@link #start()} may follow up.
     *
     * @return whether there was one to kill
     */
    public synchronized boolean kill() {
        if (closed || current == null || !isRunning()) {
            return false;
        }
        current.kill();
        current.exitCode().join();
        earlier = progress();
        killed = true;
        current.close();
        return true;
    }

    /** Asks the process to end, and does not wait until it has; there will be no other. */
    synchronized void requestEnd() {
        closed = true;
        if (current != null) {
            current.requestEnd();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (current != null) {
            current.close();
        }
    }
}
