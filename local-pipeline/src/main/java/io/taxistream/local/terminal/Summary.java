package io.taxistream.local.terminal;

import io.taxistream.local.status.PipelineSnapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Summary of a completed replay.
 *
 * @param input description of the input
 * @param snapshot snapshot taken when everything was processed
 * @param lastWindowEnd end of the last window with a pick-up count; empty if there is none
 * @param pickupCounts number of pick-up documents in the search engine
 * @param tripDurations number of trip-duration documents in the search engine
 * @param replay time from the start of the producer to the last document
 * @param peakMemoryBytes peak memory of all processes together; empty if the system does not report it
 * @param export folder that the documents were written to
 */
public record Summary(
        String input,
        PipelineSnapshot snapshot,
        Optional<Instant> lastWindowEnd,
        long pickupCounts,
        long tripDurations,
        Duration replay,
        OptionalLong peakMemoryBytes,
        Optional<Path> export) {

    private static final double BYTES_PER_GIB = 1L << 30;

    /** Returns the lines to print. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add("Replayed " + input + ".");
        lines.add(line("trips", "%s", trips()));
        leftOut().ifPresent(reasons -> lines.add(line("left out", "%s", reasons)));
        lastWindowEnd.ifPresent(time -> lines.add(line("until", "%s", ProgressLines.EVENT_TIME.format(time))));
        lines.add(line("documents", "%,d pick-up counts, %,d trip durations", pickupCounts, tripDurations));
        lines.add(line("time", "%s", time()));
        peakMemoryBytes.ifPresent(
                bytes -> lines.add(line("memory", "%.1f GiB at peak, all processes together", bytes / BYTES_PER_GIB)));
        export.ifPresentOrElse(
                folder -> {
                    lines.add(line("written to", "%s", folder.resolve("pickup-count.ndjson")));
                    lines.add(line("", "%s", folder.resolve("trip-duration.ndjson")));
                },
                () -> lines.add(line("written to", "no file; use --export DIR to keep the documents")));
        return lines;
    }

    private String trips() {
        String sent = ProgressLines.orUnknown(snapshot.producer().sent()) + " sent";
        return tripsRead().isEmpty() ? sent : sent + ", " + ProgressLines.orUnknown(tripsRead()) + " read";
    }

    /** Returns the number of trips read, unless it is an estimate. */
    private OptionalLong tripsRead() {
        return snapshot.hasExactCounters() ? snapshot.tripsRead() : OptionalLong.empty();
    }

    private Optional<String> leftOut() {
        Map<String, Long> reasons = new LinkedHashMap<>();
        snapshot.producer().rejected().ifPresent(count -> reasons.put("unreadable in the input", count));
        if (snapshot.hasExactCounters()) {
            reasons.putAll(snapshot.leftOut());
        }
        return reasons.entrySet().stream()
                .map(reason -> String.format(Locale.ROOT, "%,d %s", reason.getValue(), reason.getKey()))
                .reduce((before, after) -> before + ", " + after);
    }

    private String time() {
        double seconds = replay.toMillis() / 1000.0;
        String time = String.format(Locale.ROOT, "%.1f s from the start of the producer to the last document", seconds);
        if (tripsRead().isEmpty() || seconds <= 0) {
            return time;
        }
        return time
                + String.format(
                        Locale.ROOT, ", %,d trips/s", Math.round(tripsRead().getAsLong() / seconds));
    }

    private static String line(String name, String format, Object... values) {
        return String.format(Locale.ROOT, "  %-12s", name) + String.format(Locale.ROOT, format, values);
    }
}
