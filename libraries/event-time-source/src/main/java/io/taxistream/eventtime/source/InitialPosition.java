package io.taxistream.eventtime.source;

import java.io.Serializable;
import java.time.Instant;
import java.util.Objects;

/** Where in the stream a job begins that has no state to continue from; a restored job ignores it. */
public sealed interface InitialPosition extends Serializable {

    /** With the oldest record that the stream still holds. */
    record TrimHorizon() implements InitialPosition {}

    /** With the first record that arrives after the job was started, by the clock of its job manager. */
    record Latest() implements InitialPosition {}

    /**
     * With the first record that arrived at or after a time.
     *
     * @param timestamp time of arrival; older than the stream's retention means the oldest record there is
     */
    record AtTimestamp(Instant timestamp) implements InitialPosition {

        public AtTimestamp {
            Objects.requireNonNull(timestamp, "timestamp");
        }
    }
}
