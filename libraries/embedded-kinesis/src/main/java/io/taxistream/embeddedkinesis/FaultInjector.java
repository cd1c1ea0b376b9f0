package io.taxistream.embeddedkinesis;

import java.util.Optional;

/** Decides for each call whether and how it fails. Called from many threads at once. */
@FunctionalInterface
public interface FaultInjector {

    /** Returns the fault of the next call of an operation, or nothing if it should succeed. */
    Optional<Fault> next(KinesisOperation operation);

    /** Returns an injector that never injects a fault. */
    static FaultInjector none() {
        return operation -> Optional.empty();
    }
}
