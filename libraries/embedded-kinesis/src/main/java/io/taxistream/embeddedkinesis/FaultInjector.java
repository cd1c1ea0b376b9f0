package io.taxistream.embeddedkinesis;

import java.util.Optional;

/** Decides call by call what goes wrong. Called by many threads at once. */
@FunctionalInterface
public interface FaultInjector {

    /** The fault of the next call of an operation, or nothing where it is to go well. */
    Optional<Fault> next(KinesisOperation operation);

    /** All calls go well. */
    static FaultInjector none() {
        return operation -> Optional.empty();
    }
}
