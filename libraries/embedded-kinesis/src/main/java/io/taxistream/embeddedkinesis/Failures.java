package io.taxistream.embeddedkinesis;

import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands what goes wrong in the endpoint's threads to its owner, until the endpoint is closed. Thread-safe. */
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

    /** The group of all threads of the endpoint; what ends one of them is a failure. */
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

    /** Stops reporting: threads that are stopped in the middle of something fail. */
    void close() {
        isClosed = true;
    }
}
