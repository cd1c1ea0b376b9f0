package io.taxistream.local;

import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Tells a person what the pipeline is doing: in plain lines, each with the seconds since the start, and on a terminal with
 * a bar below them in the place of lines with figures.
 */
final class Progress implements AutoCloseable {

    /** How often a line with figures is printed. */
    static final Duration INTERVAL = Duration.ofSeconds(5);

    static final DateTimeFormatter EVENT_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final PrintStream out;
    private final Clock clock;
    private final boolean terminal;
    private final Instant start;
    private Optional<TerminalBar> bar = Optional.empty();
    private Instant nextLine;
    private Instant lastRead;
    private long tripsReadBefore;

    /** @param terminal whether a person watches the output on a terminal, where lines can be drawn anew */
    Progress(PrintStream out, Clock clock, boolean terminal) {
        this.out = out;
        this.clock = clock;
        this.terminal = terminal;
        this.start = clock.instant();
        this.nextLine = start;
        this.lastRead = start;
    }

    /** Prints one line. */
    synchronized void say(String message) {
        double seconds = Duration.between(start, clock.instant()).toMillis() / 1000.0;
        String line = String.format(Locale.ROOT, "[%6.1f s] %s", seconds, message);
        bar.ifPresentOrElse(shown -> shown.printAbove(line), () -> out.println(line));
    }

    /** Moves the bar, or prints a line with figures unless the last one is younger than {@link #INTERVAL}. */
    synchronized void update(Figures figures) {
        if (terminal) {
            TerminalBar shown = bar.orElseGet(() -> new TerminalBar(out, OptionalInt.empty()));
            bar = Optional.of(shown);
            shown.update(figures);
            return;
        }
        Instant now = clock.instant();
        if (now.isBefore(nextLine)) {
            return;
        }
        nextLine = now.plus(INTERVAL);
        say(String.format(
                Locale.ROOT,
                "trips: %s sent, %s read%s; event time %s; documents: %,d + %,d%s",
                orUnknown(figures.producer().sent()),
                orUnknown(figures.tripsRead()),
                rate(figures.tripsRead(), now),
                figures.eventTime().map(EVENT_TIME::format).orElse("not known yet"),
                figures.pickupCounts(),
                figures.tripDurations(),
                figures.jobState().equals("RUNNING") ? "" : "; the job is " + figures.jobState()));
    }

    private String rate(OptionalLong tripsRead, Instant now) {
        long read = tripsRead.orElse(0);
        double seconds = Duration.between(lastRead, now).toMillis() / 1000.0;
        long perSecond = seconds <= 0 ? 0 : Math.round(Math.max(0, read - tripsReadBefore) / seconds);
        tripsReadBefore = read;
        lastRead = now;
        return String.format(Locale.ROOT, " (%,d/s)", perSecond);
    }

    /** Takes away the bar, if there is one; lines can still be printed. */
    @Override
    public synchronized void close() {
        bar.ifPresent(TerminalBar::close);
        bar = Optional.empty();
    }

    /** The number with its thousands apart, or a question mark. */
    static String orUnknown(OptionalLong count) {
        return count.isPresent() ? String.format(Locale.ROOT, "%,d", count.getAsLong()) : "?";
    }
}
