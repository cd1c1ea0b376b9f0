package io.taxistream.local.status;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One of several producers: how far its part of the input is.
 *
 * @param part such as {@code 2/4}
 * @param state of its process; {@code WAITING} before its start and while nothing follows a process that was killed
 * @param sent trips handed to the stream
 * @param eventTime how far this part lets event time go in the job; when the job has seen its end, that of its last trip;
 *     empty while a shard that is read has not heard of it
 * @param holdsBack whether it is the slowest, by more than a window, and the others wait for it
 */
public record PartStatus(
        String part, PipelineStatus.State state, OptionalLong sent, Optional<Instant> eventTime, boolean holdsBack) {

    /** Less is not worth a word: processes do not start at the same moment. */
    private static final Duration WORTH_TELLING = Duration.ofMinutes(10);

    /**
     * A part, before it is compared with others.
     *
     * @param watermarkMillis smallest in any shard that the job reads, milliseconds since the epoch; {@link Long#MIN_VALUE}
     *     for none yet, {@link Long#MAX_VALUE} if it has ended
     * @param lastTrip event time of the trip that was sent last
     */
    public record Reached(
            String part,
            PipelineStatus.State state,
            OptionalLong sent,
            long watermarkMillis,
            Optional<Instant> lastTrip) {

        private boolean hasEnded() {
            return watermarkMillis == Long.MAX_VALUE;
        }

        private Optional<Instant> eventTime() {
            if (hasEnded()) {
                return lastTrip;
            }
            return watermarkMillis == Long.MIN_VALUE
                    ? Optional.empty()
                    : Optional.of(Instant.ofEpochMilli(watermarkMillis));
        }

        private boolean isBehind(Reached other) {
            // of what has not been heard, any time at all is worth telling
            return watermarkMillis == Long.MIN_VALUE
                    ? other.watermarkMillis != Long.MIN_VALUE
                    : other.eventTime()
                            .filter(time -> time.toEpochMilli() - watermarkMillis >= WORTH_TELLING.toMillis())
                            .isPresent();
        }
    }

    /** Finds out which part, if any, holds the others back. */
    public static List<PartStatus> compared(List<Reached> parts) {
        Optional<Reached> slowest = parts.stream()
                .filter(part -> !part.hasEnded())
                .min(Comparator.comparingLong(Reached::watermarkMillis))
                .filter(part -> parts.stream().anyMatch(part::isBehind));
        List<PartStatus> statuses = new ArrayList<>();
        for (Reached part : parts) {
            boolean isSlowest =
                    slowest.isPresent() && !part.hasEnded() && part.watermarkMillis == slowest.get().watermarkMillis;
            statuses.add(new PartStatus(part.part, part.state, part.sent, part.eventTime(), isSlowest));
        }
        return statuses;
    }
}
