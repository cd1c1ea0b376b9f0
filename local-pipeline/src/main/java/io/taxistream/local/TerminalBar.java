package io.taxistream.local;

import java.io.PrintStream;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * The last line of a terminal: how much of the input is processed, how fast, and how long the rest will take. Lines that
 * are printed meanwhile scroll by above it.
 */
final class TerminalBar implements AutoCloseable {

    private static final int REDRAW_MILLIS = 500;

    /** Back to the first column, and clear what is there. */
    private static final String CLEAR_LINE = "\r\u001b[2K";

    private final PrintStream out;
    private final ProgressBar bar;
    private String drawn = "";
    private boolean closed;

    /** @param width columns of the terminal; 0 to ask it */
    TerminalBar(PrintStream out, int width) {
        this.out = out;
        this.bar = ProgressBar.builder()
                .setTaskName("Replay")
                .setInitialMax(-1)
                .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BAR)
                .setUpdateIntervalMillis(REDRAW_MILLIS)
                // Drawn only on progress, it would miss a step that comes while it draws, and changes of the message.
                .continuousUpdate()
                .showSpeed(new DecimalFormat("#,##0 trips", DecimalFormatSymbols.getInstance(Locale.ROOT)))
                .setConsumer(
                        width > 0
                                ? new DelegatingProgressBarConsumer(this::draw, width)
                                : new DelegatingProgressBarConsumer(this::draw))
                .build();
    }

    /** Shows how far the pipeline has come. */
    void update(Figures figures) {
        figures.producer().total().ifPresent(bar::maxHint);
        bar.stepTo(figures.tripsRead().orElse(0));
        StringBuilder message = new StringBuilder();
        figures.eventTime().map(Progress.EVENT_TIME::format).ifPresent(message::append);
        if (figures.producer().lagSeconds() >= 1) {
            message.append(String.format(
                    Locale.ROOT, ", %.0f s late", figures.producer().lagSeconds()));
        }
        if (!figures.jobState().equals("RUNNING")) {
            message.append(", the job is ").append(figures.jobState());
        }
        bar.setExtraMessage(message.toString());
    }

    /** Prints a line above the bar. */
    synchronized void printAbove(String line) {
        out.print(CLEAR_LINE + line + System.lineSeparator() + drawn);
        out.flush();
    }

    /** Takes the bar off the terminal, so that what follows begins in its line. */
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
}
