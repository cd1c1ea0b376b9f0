package io.taxistream.local.status;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Snapshot of the progress of the pipeline.
 *
 * @param jobState Flink's name for what the job is doing
 * @param producer what the producer has said last
 * @param tripsRead trips that the job has read
 * @param leftOut trips and records that no result counts, by reason
 * @param hasExactCounters whether the two before are exact; they are estimates once the job has restarted
 * @param eventTime the smallest watermark in the job: every window that ends before it has closed
 * @param pickupCounts documents of the pick-up index that a search finds
 * @param tripDurations documents of the trip-duration index that a search finds
 */
public record PipelineSnapshot(
        String jobState,
        ProducerProgress producer,
        OptionalLong tripsRead,
        Map<String, Long> leftOut,
        boolean hasExactCounters,
        Optional<Instant> eventTime,
        long pickupCounts,
        long tripDurations) {

    public static final PipelineSnapshot NONE = new PipelineSnapshot(
            "not submitted", ProducerProgress.NONE, OptionalLong.empty(), Map.of(), true, Optional.empty(), 0, 0);

    public PipelineSnapshot {
        leftOut = Collections.unmodifiableMap(new LinkedHashMap<>(leftOut));
    }
}
