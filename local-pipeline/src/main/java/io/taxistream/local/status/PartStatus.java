package io.taxistream.local.status;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Progress of one of several producers, or of a part that the job waits for although no producer of this run sends it.
 *
 * @param part part, such as {@code 2/4}
 * @param state state of its process; {@code WAITING} before its start, while a killed process has not been resumed, and for a part
 *     without a process
 * @param sent number of trips handed to the stream; empty before the first report and for a part without a process
 * @param eventTime event time that this part allows the job to reach; empty until every shard being read has a watermark of the
 *     part, and after the part has ended
 * @param ended whether the job has seen its end in all shards being read
 * @param holdsBack whether it is more than a window slower than the others, which wait for it
 */
public record PartStatus(
        String part,
        PipelineStatus.State state,
        OptionalLong sent,
        Optional<Instant> eventTime,
        boolean ended,
        boolean holdsBack) {

    /** Smallest difference worth reporting, since processes do not start at exactly the same time. */
    private static final Duration MIN_REPORTED_LAG = Duration.ofMinutes(10);

    /**
     * Progress of a part before the comparison with others.
     *
     * @param watermarkMillis smallest watermark over the shards being read, milliseconds since the epoch; {@link
     *     Long#MIN_VALUE} for none yet, {@link Long#MAX_VALUE} if it has ended
     */
    public record PartProgress(String part, PipelineStatus.State state, OptionalLong sent, long watermarkMillis) {

        private boolean hasNoWatermark() {
            return watermarkMillis == Long.MIN_VALUE;
        }

        private boolean hasEnded() {
            return watermarkMillis == Long.MAX_VALUE;
        }

        private boolean isBehind(PartProgress other) {
            if (hasNoWatermark() || other.hasNoWatermark() || other.hasEnded()) {
                return watermarkMillis < other.watermarkMillis;
            }
            return other.watermarkMillis - watermarkMillis >= MIN_REPORTED_LAG.toMillis();
        }

        private PartStatus toStatus(boolean holdsBack) {
            return new PartStatus(
                    part,
                    state,
                    sent,
                    hasNoWatermark() || hasEnded()
                            ? Optional.empty()
                            : Optional.of(Instant.ofEpochMilli(watermarkMillis)),
                    hasEnded(),
                    holdsBack);
        }
    }

    /**
     * Returns the parts of a run: those of its producers, followed by others whose watermarks the job has received, which hold
     * back event time like those of a producer. Empty if there is only one part.
     *
     * @param producers progress of the parts that the run has started
     * @param watermarks watermarks known to the job by part, with values as in {@link PartProgress}
     */
    public static List<PartStatus> ofRun(List<PartProgress> producers, Map<String, Long> watermarks) {
        List<PartProgress> parts = new ArrayList<>(producers);
        Set<String> started = producers.stream().map(PartProgress::part).collect(Collectors.toSet());
        new TreeMap<>(watermarks).forEach((part, watermarkMillis) -> {
            if (!started.contains(part)) {
                parts.add(new PartProgress(part, PipelineStatus.State.WAITING, OptionalLong.empty(), watermarkMillis));
            }
        });
        return parts.size() == 1 ? List.of() : compared(parts);
    }

    /** Determines which parts, if any, hold the others back. */
    static List<PartStatus> compared(List<PartProgress> parts) {
        long slowest =
                parts.stream().mapToLong(PartProgress::watermarkMillis).min().orElse(Long.MAX_VALUE);
        return parts.stream()
                .map(part -> part.toStatus(
                        part.watermarkMillis == slowest && parts.stream().anyMatch(part::isBehind)))
                .toList();
    }
}
