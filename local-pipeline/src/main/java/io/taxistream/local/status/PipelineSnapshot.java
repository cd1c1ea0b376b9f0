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
 * @param jobState Flink's name for the job's state
 * @param producer progress last reported by the producer
 * @param parts producers, in the order of their parts, then parts that the job knows but that no producer sends; empty if there
 *     is only one
 * @param tripsRead number of trips that the job has read, at most the number sent; duplicates count once
 * @param leftOut number of trips and records that are not counted in results, by reason
 * @param hasExactCounters whether the two preceding values are exact; they are estimates once the job has restarted
 * @param eventTime smallest watermark in the job: every window that ends before it has closed
 * @param pickupCounts number of documents in the pick-up index that are visible to searches
 * @param tripDurations number of documents in the trip-duration index that are visible to searches
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
