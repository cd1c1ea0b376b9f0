package io.taxistream.local.chaos;

import io.taxistream.embeddedkinesis.Fault;
import io.taxistream.embeddedkinesis.FaultInjector;
import io.taxistream.embeddedkinesis.FaultRules;
import io.taxistream.embeddedkinesis.KinesisOperation;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The faults of a stream, and a gate before it: while the gate is closed the stream takes no records, as if it were at its
 * limit.
 *
 * <p>So a replay that is faster than the faults cannot end before they have struck. Thread-safe.
 */
public final class StreamGate implements FaultInjector {

    private static final Fault FULL = new Fault.Throttle(1);

    private final FaultRules faults;
    private volatile BooleanSupplier closed = () -> false;

    /** An open gate before a stream with these faults. */
    public StreamGate(FaultRules faults) {
        this.faults = faults;
    }

    /** Asked at every call that writes. */
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
