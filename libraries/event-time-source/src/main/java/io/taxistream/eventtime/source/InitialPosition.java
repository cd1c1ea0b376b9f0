package io.taxistream.eventtime.source;

import java.io.Serializable;
import java.time.Instant;
import java.util.Objects;

/** Start position of a job without state. Ignored by a restored job. */
public sealed interface InitialPosition extends Serializable {

    /** Starts at the oldest record in the stream. */
    record TrimHorizon() implements InitialPosition {}

    /** Starts at the first record that arrives after the start of the job, by the clock of its job manager. */
    record Latest() implements InitialPosition {}

    /**
     * Starts at the first record that arrived at or after a time.
     *
     * @param timestamp arrival time; if it is older than the retention period, reading starts at the oldest record
     */
    record AtTimestamp(Instant timestamp) implements InitialPosition {

        public AtTimestamp {
            Objects.requireNonNull(timestamp, "timestamp");
        }
    }
}
