package io.taxistream.eventtime.source;

import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.PartWatermarks;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Determines whether the event time of a shard waits for a part, and since when: a part whose sender has stopped, or that does not
 * exist and was named by a false watermark. Not thread-safe.
 */
final class PartWait {

    private static final int MAX_NAMED_PARTS = 4;

    private static final long NOT_WAITING = Long.MIN_VALUE;

    private long sinceMillis = NOT_WAITING;
    private boolean warned;

    /**
     * Updates the state after a watermark was received.
     *
     * @param advanced whether it has increased the watermark of the shard
     */
    void received(PartWatermarks watermarks, boolean advanced, long nowMillis) {
        if (advanced) {
            sinceMillis = NOT_WAITING;
            warned = false;
        }
        if (sinceMillis == NOT_WAITING && watermarks.isHeldBack()) {
            sinceMillis = nowMillis;
        }
    }

    /** Returns a line that names the awaited parts, once for each wait that lasts for as long as the patience. */
    Optional<String> warning(String shardId, PartWatermarks watermarks, Duration patience, long nowMillis) {
        if (warned || sinceMillis == NOT_WAITING || nowMillis - sinceMillis < patience.toMillis()) {
            return Optional.empty();
        }
        warned = true;
        return Optional.of("Event time of shard " + shardId + " has been held back since "
                + Instant.ofEpochMilli(sinceMillis) + ": it waits for " + awaited(watermarks)
                + "; resume the sender of a part that has stopped, or end a part that does not exist. Its watermark is "
                + watermarks);
    }

    private static String awaited(PartWatermarks watermarks) {
        List<Part> parts = watermarks.awaited();
        String named = parts.stream()
                .limit(MAX_NAMED_PARTS)
                .map(part -> "part " + part.index() + " of " + part.count() + " ("
                        + watermarks
                                .of(part)
                                .map(last -> "last watermark " + Instant.ofEpochMilli(last.watermarkMillis()))
                                .orElse("no watermark yet")
                        + ")")
                .collect(Collectors.joining(", "));
        int others = parts.size() - MAX_NAMED_PARTS;
        return others > 0 ? named + " and " + others + " others" : named;
    }
}
