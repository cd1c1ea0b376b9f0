package io.taxistream.local.chaos;

import io.taxistream.embeddedkinesis.Fault;
import io.taxistream.embeddedkinesis.FaultInjector;
import io.taxistream.embeddedkinesis.FaultRules;
import io.taxistream.embeddedkinesis.KinesisOperation;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Faults of a stream, and a gate in front of it: while the gate is closed, the stream throttles all writes.
 *
 * <p>This keeps a fast replay from ending before all faults have struck. Thread-safe.
 */
public final class StreamGate implements FaultInjector {

    private static final Fault FULL = new Fault.Throttle(1);

    private final FaultRules faults;
    private volatile BooleanSupplier closed = () -> false;

    /** Creates an open gate in front of a stream with these faults. */
    public StreamGate(FaultRules faults) {
        this.faults = faults;
    }

    /** Closes the gate while the condition holds, which is evaluated at every write. */
    void closeWhen(BooleanSupplier condition) {
        closed = condition;
    }

    FaultRules faults() {
        return faults;
    }

    @Override
    public Optional<Fault> next(KinesisOperation operation) {
        boolean write = operation == KinesisOperation.PUT_RECORDS || operation == KinesisOperation.PUT_RECORD;
        return write && closed.getAsBoolean() ? Optional.of(FULL) : faults.next(operation);
    }
}
