package io.taxistream.local.services;

import io.taxistream.eventtime.Part;
import io.taxistream.local.status.ProducerProgress;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The producer of one part. Its process may be killed, and another one may resume later. Thread-safe. */
public final class ResumableProducer implements AutoCloseable {

    /** Starts a process. */
    @FunctionalInterface
    public interface Launch {

        /**
         * Starts a process.
         *
         * @param part part of the trips to send
         * @param number number of the part's process, from 1; all but the first resume where the previous one ended
         */
        ProducerProcess start(Part part, int number) throws IOException;
    }

    private final Part part;
    private final Launch launch;
    private ProducerProgress earlier = ProducerProgress.NONE;

    /** Null before the first start. */
    private @Nullable ProducerProcess current;

    private int processes;
    private boolean killed;
    private boolean closed;

    ResumableProducer(Part part, Launch launch) {
        this.part = part;
        this.launch = launch;
    }

    /** Returns the part of the trips that it sends. */
    public Part part() {
        return part;
    }

    /** Returns the exit code once the part's replay has ended: 0 when all its trips were sent and acknowledged. */
    public synchronized Optional<Integer> exitCode() {
        return current == null || killed
                ? Optional.empty()
                : Optional.ofNullable(current.exitCode().getNow(null));
    }

    /** Whether a process is running: not before the start, between a kill and the next start, or after the end. */
    public synchronized boolean isRunning() {
        return current != null && !killed && !current.exitCode().isDone();
    }

    /** Returns the progress of the part; trips that were resent after a kill may count twice. */
    public synchronized ProducerProgress progress() {
        return current == null || killed ? earlier : current.progress().after(earlier);
    }

    /** Whether a process was killed and another has resumed, which makes {@link #progress()} an estimate. */
    synchronized boolean wasResumed() {
        return processes > 1;
    }

    /**
     * Returns the producer's last line of output that is not a progress report; if the producer has failed, this line says why.
     */
    public synchronized String lastLine() {
        return current == null ? "it has not started" : current.lastLine();
    }

    /**
     * Starts the first process, or one that resumes where the previous one was killed. Does nothing while a process is running
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
     * Kills the process; {@link #start()} may resume.
     *
     * @return whether there was a process to kill
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

    /** Asks the process to end, and returns without waiting; no other can be started. */
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
