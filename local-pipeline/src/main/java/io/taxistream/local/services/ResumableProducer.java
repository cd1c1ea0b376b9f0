package io.taxistream.local.services;

import io.taxistream.local.status.ProducerProgress;
import java.io.IOException;
import java.util.Optional;

/** The producer of a run, whose process may be killed and followed by another that goes on. */
public final class ResumableProducer implements AutoCloseable {

    /** Starts a process. */
    @FunctionalInterface
    public interface Launch {

        /**
         * Starts one.
         *
         * @param number of the process, from 1; all but the first are to go on where the one before has ended
         */
        public ProducerProcess start(int number) throws IOException;
    }

    private final Launch launch;
    private ProducerProgress earlier = ProducerProgress.NONE;
    private ProducerProcess current;
    private int processes = 1;
    private boolean closed;

    private ResumableProducer(Launch launch, ProducerProcess first) {
        this.launch = launch;
        this.current = first;
    }

    /** Starts the first process. */
    public static ResumableProducer start(Launch launch) throws IOException {
        return new ResumableProducer(launch, launch.start(1));
    }

    /** The exit code when the replay has ended: 0 when all trips were sent and acknowledged. */
    public synchronized Optional<Integer> exitCode() {
        return Optional.ofNullable(current.exitCode().getNow(null));
    }

    /** How far the replay has come; trips that were sent again after a kill count again. */
    public synchronized ProducerProgress progress() {
        return current.progress().after(earlier);
    }

    /** The last line that the producer printed besides its progress, which says why if it has failed. */
    public synchronized String lastLine() {
        return current.lastLine();
    }

    /** Kills the process, if it has not ended already, and starts another that goes on. */
    public synchronized void killAndResume() throws IOException {
        if (closed || current.exitCode().isDone()) {
            return;
        }
        current.kill();
        current.exitCode().join();
        earlier = progress();
        current.close();
        current = launch.start(++processes);
    }

    @Override
    public synchronized void close() {
        closed = true;
        current.close();
    }
}
