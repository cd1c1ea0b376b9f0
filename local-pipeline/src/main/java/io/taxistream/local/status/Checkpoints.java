package io.taxistream.local.status;

import java.time.Duration;
import java.util.Optional;

/**
 * Checkpoint statistics of the job since it was submitted.
 *
 * @param greatestStateBytes size of the largest completed checkpoint, 0 if none has completed
 * @param lastDuration duration of the latest completed checkpoint
 */
public record Checkpoints(long completed, long failed, long greatestStateBytes, Optional<Duration> lastDuration) {

    /** Returns these statistics with another number of failed checkpoints. */
    public Checkpoints withFailed(long other) {
        return new Checkpoints(completed, other, greatestStateBytes, lastDuration);
    }
}
