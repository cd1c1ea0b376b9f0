package io.taxistream.local;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How far the pipeline has come, at one moment.
 *
 * @param jobState Flink's name for what the job is doing
 * @param producer what the producer has said last
 * @param tripsRead trips that the job has read
 * @param leftOut trips and records that no result counts, by reason
 * @param eventTime the smallest watermark in the job: every window that ends before it has closed
 * @param pickupCounts documents of the pick-up index that a search finds
 * @param tripDurations documents of the trip-duration index that a search finds
 */
record Figures(
        String jobState,
        ProducerProgress producer,
        OptionalLong tripsRead,
        Map<String, Long> leftOut,
        Optional<Instant> eventTime,
        long pickupCounts,
        long tripDurations) {

    static final Figures NONE =
            new Figures("not submitted", ProducerProgress.NONE, OptionalLong.empty(), Map.of(), Optional.empty(), 0, 0);

    /** The same without the job's counters, which begin at zero with every restart of the job. */
    Figures withoutCounters() {
        return new Figures(jobState, producer, OptionalLong.empty(), Map.of(), eventTime, pickupCounts, tripDurations);
    }

    Figures {
        leftOut = Collections.unmodifiableMap(new LinkedHashMap<>(leftOut));
    }
}
