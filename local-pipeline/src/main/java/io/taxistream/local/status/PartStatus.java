package io.taxistream.local.status;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One of several producers: how far its part of the input is.
 *
 * @param part such as {@code 2/4}
 * @param state of its process; {@code WAITING} before its start and while nothing follows a process that was killed
 * @param sent trips handed to the stream
 * @param eventTime how far this part lets event time go in the job; empty while a shard that is read has not heard of it,
 *     and once it has ended
 * @param ended whether the job has seen its end in all shards that it reads
 * @param holdsBack whether it is the slowest, by more than a window, and the others wait for it
 */
public record PartStatus(
        String part,
        PipelineStatus.State state,
        OptionalLong sent,
        Optional<Instant> eventTime,
        boolean ended,
        boolean holdsBack) {

    /** Less is not worth a word: processes do not start at the same moment. */
    private static final Duration WORTH_TELLING = Duration.ofMinutes(10);

    /**
     * A part, before it is compared with others.
     *
     * @param watermarkMillis smallest in any shard that the job reads, milliseconds since the epoch; {@link Long#MIN_VALUE}
     *     for none yet, {@link Long#MAX_VALUE} if it has ended
     */
    public record Reached(String part, PipelineStatus.State state, OptionalLong sent, long watermarkMillis) {

        private boolean isUnheard() {
            return watermarkMillis == Long.MIN_VALUE;
        }

        private boolean hasEnded() {
            return watermarkMillis == Long.MAX_VALUE;
        }

        private boolean isBehind(Reached other) {
            if (isUnheard() || other.isUnheard() || other.hasEnded()) {
                return watermarkMillis < other.watermarkMillis;
            }
            return other.watermarkMillis - watermarkMillis >= WORTH_TELLING.toMillis();
        }

        private PartStatus toStatus(boolean holdsBack) {
            return new PartStatus(
                    part,
                    state,
                    sent,
                    isUnheard() || hasEnded() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(watermarkMillis)),
                    hasEnded(),
                    holdsBack);
        }
    }

    /** Finds out which parts, if any, hold the others back. */
    public static List<PartStatus> compared(List<Reached> parts) {
        long slowest = parts.stream().mapToLong(Reached::watermarkMillis).min().orElse(Long.MAX_VALUE);
        return parts.stream()
                .map(part -> part.toStatus(
                        part.watermarkMillis == slowest && parts.stream().anyMatch(part::isBehind)))
                .toList();
    }
}
