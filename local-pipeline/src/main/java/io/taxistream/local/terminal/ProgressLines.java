package io.taxistream.local.terminal;

import io.taxistream.commandline.Printable;
import io.taxistream.local.status.PartStatus;
import io.taxistream.local.status.PipelineSnapshot;
import io.taxistream.local.status.ProducerProgress;
import io.taxistream.local.status.ProducerProgress.Phase;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * Reports the progress of the pipeline as plain lines, each with the seconds since the start; on a terminal, a progress bar
 * below the lines replaces the periodic ones.
 */
public final class ProgressLines implements AutoCloseable {

    /** Interval of the periodic lines. */
    static final Duration INTERVAL = Duration.ofSeconds(5);

    static final DateTimeFormatter EVENT_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final DateTimeFormatter PART_TIME =
            DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

    /** Longer times are shown in minutes. */
    private static final int MAX_SECONDS = 120;

    private final PrintStream out;
    private final Clock clock;
    private final boolean terminal;
    private final Instant start;
    private Optional<TerminalBar> bar = Optional.empty();
    private Instant nextLine;
    private Instant lastRead;
    private long tripsReadBefore;

    /**
     * Starts the clock of the lines.
     *
     * @param terminal whether the output is a terminal, where a line can be redrawn
     */
    public ProgressLines(PrintStream out, Clock clock, boolean terminal) {
        this.out = out;
        this.clock = clock;
        this.terminal = terminal;
        this.start = clock.instant();
        this.nextLine = start;
        this.lastRead = start;
    }

    /** Prints one line. */
    public synchronized void printLine(String message) {
        double seconds = Duration.between(start, clock.instant()).toMillis() / 1000.0;
        String line = String.format(Locale.ROOT, "[%6.1f s] %s", seconds, Printable.of(message));
        bar.ifPresentOrElse(shown -> shown.printAbove(line), () -> out.println(line));
    }

    /** Updates the bar, or prints a periodic line if {@link #INTERVAL} has passed since the last one. */
    public synchronized void update(PipelineSnapshot snapshot) {
        if (terminal) {
            TerminalBar shown = bar.orElseGet(() -> new TerminalBar(out, OptionalInt.empty()));
            bar = Optional.of(shown);
            shown.update(snapshot);
            return;
        }
        Instant now = clock.instant();
        if (now.isBefore(nextLine)) {
            return;
        }
        nextLine = now.plus(INTERVAL);
        if (snapshot.producer().phase().isPresent()) {
            printLine(String.join(", ", phaseDetails(snapshot.producer())));
            return;
        }
        printLine(String.format(
                Locale.ROOT,
                "trips: %s sent, %s read%s; event time %s%s; documents: %,d + %,d%s",
                orUnknown(snapshot.producer().sent()),
                orUnknown(snapshot.tripsRead()),
                rate(snapshot.tripsRead(), now),
                snapshot.eventTime().map(EVENT_TIME::format).orElse("unknown"),
                parts(snapshot.parts()),
                snapshot.pickupCounts(),
                snapshot.tripDurations(),
                snapshot.jobState().equals("RUNNING") ? "" : "; the job is " + snapshot.jobState()));
    }

    /** Returns for example {@code (1/2 05:10, 2/2 04:30; 2/2 holds the others back)}; empty with a single producer. */
    private static String parts(List<PartStatus> parts) {
        if (parts.isEmpty()) {
            return "";
        }
        String times = parts.stream()
                .map(part -> part.part() + " "
                        + part.eventTime().map(PART_TIME::format).orElse(part.ended() ? "ended" : "none yet"))
                .collect(Collectors.joining(", "));
        List<String> slowest = parts.stream()
                .filter(PartStatus::holdsBack)
                .map(PartStatus::part)
                .toList();
        String holdsBack = slowest.isEmpty()
                ? ""
                : "; " + String.join(" and ", slowest) + (slowest.size() == 1 ? " holds" : " hold")
                        + " the others back";
        return " (" + times + holdsBack + ")";
    }

    /**
     * Describes the producer's phase before the first trip is sent, such as {@code sorting 43 %, 4,800,000 trips, 20 s left}.
     */
    static List<String> phaseDetails(ProducerProgress producer) {
        List<String> details = new ArrayList<>();
        producer.phase().map(Phase::toString).ifPresent(details::add);
        producer.read().ifPresent(trips -> details.add(String.format(Locale.ROOT, "%,d trips", trips)));
        producer.phase()
                .map(Phase::secondsLeft)
                .orElse(OptionalLong.empty())
                .ifPresent(seconds -> details.add(timeLeft((double) seconds)));
        return details;
    }

    /** Formats a time in seconds, or in minutes if it is long. */
    static String timeLeft(double seconds) {
        return seconds < MAX_SECONDS
                ? String.format(Locale.ROOT, "%.0f s left", Math.ceil(seconds))
                : String.format(Locale.ROOT, "%.0f min left", Math.ceil(seconds / 60));
    }

    private String rate(OptionalLong tripsRead, Instant now) {
        long read = tripsRead.orElse(0);
        double seconds = Duration.between(lastRead, now).toMillis() / 1000.0;
        long perSecond = seconds <= 0 ? 0 : Math.round(Math.max(0, read - tripsReadBefore) / seconds);
        tripsReadBefore = read;
        lastRead = now;
        return String.format(Locale.ROOT, " (%,d/s)", perSecond);
    }

    /** Removes the bar, if there is one; lines can still be printed. */
    @Override
    public synchronized void close() {
        bar.ifPresent(TerminalBar::close);
        bar = Optional.empty();
    }

    /** Formats the number with thousands separators, or as a question mark if it is unknown. */
    static String orUnknown(OptionalLong count) {
        return count.isPresent() ? String.format(Locale.ROOT, "%,d", count.getAsLong()) : "?";
    }
}
