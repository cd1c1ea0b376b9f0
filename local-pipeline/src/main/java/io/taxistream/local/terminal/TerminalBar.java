package io.taxistream.local.terminal;

import io.taxistream.local.status.PartStatus;
import io.taxistream.local.status.PipelineSnapshot;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressState;

/**
 * Progress bar on the last line of a terminal: the share of the input processed, the rate, the time left, and the event time.
 * Lines printed above it scroll.
 */
final class TerminalBar implements AutoCloseable {

    private static final int REDRAW_MILLIS = 500;

    /** Time over which the rate is averaged. */
    private static final Duration RATE_WINDOW = Duration.ofSeconds(5);

    private static final int MIN_BAR = 8;
    private static final int MAX_BAR = 40;

    /** Width reserved next to the bar for all facts but the last. */
    private static final int TEXT_WIDTH = 72;

    /** Moves the cursor to the first column and clears the line. */
    private static final String CLEAR_LINE = "\r\u001b[2K";

    private final PrintStream out;
    private final OptionalInt fixedWidth;
    private final String done;
    private final String rest;
    private final ProgressBar bar;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private PipelineSnapshot snapshot = PipelineSnapshot.NONE;
    private String drawn = "";
    private boolean closed;

    private record Sample(long nanos, long trips) {}

    /**
     * Creates a bar.
     *
     * @param width columns of the terminal; empty to query the terminal at each redraw, because a window may be resized
     */
    TerminalBar(PrintStream out, OptionalInt width) {
        this.out = out;
        this.fixedWidth = width;
        // in the C locale, only ASCII can be printed
        boolean isUnicode = Charset.forName(System.getProperty(
                        "stdout.encoding", Charset.defaultCharset().name()))
                .newEncoder()
                .canEncode('━');
        this.done = isUnicode ? "━" : "#";
        this.rest = isUnicode ? "┈" : "-";
        this.bar = ProgressBar.builder()
                .setInitialMax(-1)
                .setUpdateIntervalMillis(REDRAW_MILLIS)
                // If redrawn only on progress, it would miss a step during a redraw, and changes of the message.
                .continuousUpdate()
                .setRenderer(this::render)
                .setConsumer(new DelegatingProgressBarConsumer(this::draw))
                .build();
    }

    /** Shows the progress of the pipeline. */
    void update(PipelineSnapshot newSnapshot) {
        newSnapshot.producer().total().ifPresent(bar::maxHint);
        long trips = newSnapshot.tripsRead().orElse(0);
        bar.stepTo(trips);
        synchronized (this) {
            snapshot = newSnapshot;
            samples.addLast(new Sample(System.nanoTime(), trips));
            while (samples.size() > 2
                    && samples.getLast().nanos() - samples.getFirst().nanos() > RATE_WINDOW.toNanos()) {
                samples.removeFirst();
            }
        }
    }

    /** Prints a line above the bar. */
    synchronized void printAbove(String line) {
        out.print(CLEAR_LINE + line + System.lineSeparator() + drawn);
        out.flush();
    }

    /** Removes the bar, so that further output starts on its line. */
    @Override
    public void close() {
        bar.close();
        synchronized (this) {
            closed = true;
            drawn = "";
            out.print(CLEAR_LINE);
            out.flush();
        }
    }

    private synchronized void draw(String line) {
        if (!closed) {
            drawn = line;
            out.print(CLEAR_LINE + line);
            out.flush();
        }
    }

    /** Renders the line, one column short so that the cursor never leaves it; the least important facts are dropped first. */
    private synchronized String render(ProgressState state, int unused) {
        int width =
                fixedWidth.orElseGet(() -> new DelegatingProgressBarConsumer(line -> {}).getMaxRenderedLength()) - 1;
        OptionalDouble known = share(state);
        double share = known.orElse(0);
        String percent =
                known.isPresent() ? String.format(Locale.ROOT, "%3.0f %% ", Math.floor(share * 100)) : "  ? % ";
        int length = Math.max(MIN_BAR, Math.min(MAX_BAR, width - TEXT_WIDTH));
        int filled = (int) (share * length);
        List<String> details = details(state, share);
        String text = String.join(", ", details);
        while (details.size() > 1 && percent.length() + length + 1 + text.length() > width) {
            details.remove(details.size() - 1);
            text = String.join(", ", details);
        }
        String line = percent + done.repeat(filled) + rest.repeat(length - filled) + " " + text;
        return line.substring(0, Math.max(0, Math.min(width, line.length())));
    }

    private OptionalDouble share(ProgressState state) {
        if (snapshot.producer().phase().isPresent()) {
            return snapshot.producer().phase().get().share();
        }
        return state.getMax() > 0
                ? OptionalDouble.of(Math.min(1, (double) state.getCurrent() / state.getMax()))
                : OptionalDouble.empty();
    }

    /** Returns the facts to show, most important first. */
    private List<String> details(ProgressState state, double share) {
        if (snapshot.producer().phase().isPresent()) {
            return ProgressLines.phaseDetails(snapshot.producer());
        }
        List<String> details = new ArrayList<>();
        if (!samples.isEmpty() && !snapshot.jobState().equals("RUNNING")) {
            details.add("the job is " + snapshot.jobState());
        }
        details.add(String.format(Locale.ROOT, "%,d trips/s", rate()));
        if (share > 0 && share < 1) {
            details.add(ProgressLines.timeLeft(state.getElapsedAfterStart().toMillis() / 1000.0 * (1 - share) / share));
        }
        snapshot.eventTime().map(ProgressLines.EVENT_TIME::format).ifPresent(time -> details.add("at " + time));
        snapshot.parts().stream()
                .filter(PartStatus::holdsBack)
                .map(part -> part.part() + " holds back")
                .forEach(details::add);
        // not reported when the replay runs as fast as possible
        if (snapshot.producer().lagSeconds() > 0) {
            details.add(
                    String.format(Locale.ROOT, "lag %.1f s", snapshot.producer().lagSeconds()));
        }
        details.add(
                state.getMax() > 0
                        ? String.format(Locale.ROOT, "%,d of %,d trips", state.getCurrent(), state.getMax())
                        : String.format(Locale.ROOT, "%,d trips", state.getCurrent()));
        return details;
    }

    /** Returns trips per second; never negative, although the job's count starts over after a failover. */
    private long rate() {
        if (samples.size() < 2) {
            return 0;
        }
        double seconds = (samples.getLast().nanos() - samples.getFirst().nanos()) / 1e9;
        return Math.max(
                0, Math.round((samples.getLast().trips() - samples.getFirst().trips()) / seconds));
    }
}
