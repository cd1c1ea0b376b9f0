package io.taxistream.local.status;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Snapshot of the progress of the pipeline.
 *
 * @param jobState Flink's name for what the job is doing
 * @param producer what the producer has said last
 * @param parts the producers, in the order of their parts; empty if there is only one
 * @param tripsRead trips that the job has read, no more than were sent; those that came more than once count once
 * @param leftOut trips and records that no result counts, by reason
 * @param hasExactCounters whether the two before are exact; they are estimates once the job has restarted
 * @param eventTime the smallest watermark in the job: every window that ends before it has closed
 * @param pickupCounts documents of the pick-up index that a search finds
 * @param tripDurations documents of the trip-duration index that a search finds
 */
public record PipelineSnapshot(
        String jobState,
        ProducerProgress producer,
        List<PartStatus> parts,
        OptionalLong tripsRead,
        Map<String, Long> leftOut,
        boolean hasExactCounters,
        Optional<Instant> eventTime,
        long pickupCounts,
        long tripDurations) {

    public static final PipelineSnapshot NONE = new PipelineSnapshot(
            "not submitted",
            ProducerProgress.NONE,
            List.of(),
            OptionalLong.empty(),
            Map.of(),
            true,
            Optional.empty(),
            0,
            0);

    public PipelineSnapshot {
        parts = List.copyOf(parts);
        leftOut = Collections.unmodifiableMap(new LinkedHashMap<>(leftOut));
    }
}
