package io.taxistream.embeddedkinesis;

import java.util.Optional;

/** Decides for each call whether and how it fails. Must be thread-safe. */
@FunctionalInterface
public interface FaultInjector {

    /** Returns the fault for the next call of an operation; empty if the call should succeed. */
    Optional<Fault> next(KinesisOperation operation);

    /** Returns an injector that never injects a fault. */
    static FaultInjector none() {
        return operation -> Optional.empty();
    }
}
