package io.taxistream.embeddedkinesis;

import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes failures in the endpoint's threads to its owner until the endpoint is closed. Thread-safe. */
final class Failures implements Consumer<Throwable> {

    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private final Consumer<Throwable> owner;
    private final ThreadGroup threads = new ThreadGroup("embedded-kinesis") {
        @Override
        public void uncaughtException(Thread thread, Throwable failure) {
            accept(failure);
        }
    };
    private volatile boolean isClosed;

    Failures(Consumer<Throwable> owner) {
        this.owner = owner;
    }

    /** Returns the group of all threads of the endpoint. An uncaught exception in one of them is reported as a failure. */
    ThreadGroup threads() {
        return threads;
    }

    @Override
    public void accept(Throwable failure) {
        if (isClosed) {
            LOG.debug("Failed while closing", failure);
            return;
        }
        try {
            owner.accept(failure);
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
            LOG.error("The failure could not be reported", failure);
        }
    }

    /** Stops reporting: threads interrupted by the shutdown may fail. */
    void close() {
        isClosed = true;
    }
}
