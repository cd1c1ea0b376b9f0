package io.taxistream.producer;

import io.taxistream.producer.replay.Progress;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * A progress bar on a terminal: share of the input's bytes, events per second, event time, lag and remaining time. If
 * all events are sorted first, one bar shows the sorting and a second one the sending.
 */
final class TerminalProgress implements AutoCloseable {

    private static final String CLEAR_LINE = "\r\u001b[K";
    private static final long MEBIBYTE = 1 << 20;
    private static final int INTERVAL_MILLIS = 500;

    private final Progress progress;
    private final boolean sort;
    private final PrintStream terminal;
    private final Consumer<Throwable> failed;
    private boolean counting;
    private ProgressBar bar;

    /**
     * @param sort whether all events are sorted before the first is sent
     * @param failed receives an error of the drawing thread
     */
    TerminalProgress(Progress progress, boolean sort, PrintStream terminal, Consumer<Throwable> failed) {
        this.progress = progress;
        this.sort = sort;
        this.terminal = terminal;
        this.failed = failed;
        this.bar = bar(sort ? "sort" : "send", progress.totalBytes(), "MiB", MEBIBYTE);
    }

    /**
     * Returns whether standard error is a terminal that can draw; the JDK reports this only for all three streams
     * together.
     */
    static boolean isOnTerminal() {
        String kind = System.getenv("TERM");
        if (kind == null || kind.equals("dumb")) {
            return false;
        }
        try {
            Process test = new ProcessBuilder("sh", "-c", "test -t 2")
                    .redirectError(Redirect.INHERIT)
                    .start();
            return test.waitFor(5, TimeUnit.SECONDS) && test.exitValue() == 0;
        } catch (IOException e) {
            // Without a shell to ask, fall back to plain lines.
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Prints a line above the bar. */
    static void printAbove(PrintStream terminal, String line) {
        terminal.print(CLEAR_LINE + line + System.lineSeparator());
    }

    /** Draws the current state. */
    synchronized void update() {
        if (sort && !counting && progress.hasSentEvents()) {
            counting = true;
            bar.stepTo(progress.totalBytes());
            bar.close();
            bar = bar("send", progress.eventsRead(), "", 1);
        }
        bar.stepTo(counting ? progress.eventsDone() : progress.bytesRead());
        bar.setExtraMessage(progress.shortStatus());
    }

    @Override
    public synchronized void close() {
        update();
        bar.close();
    }

    private ProgressBar bar(String task, long max, String unit, long unitSize) {
        return ProgressBar.builder()
                .setTaskName(task)
                .setInitialMax(max)
                .setUnit(unit, unitSize)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(INTERVAL_MILLIS)
                .setConsumer(new ErrorReportingConsumer(terminal, failed))
                .build();
    }

    /** Draws in a thread of the library, which would otherwise ignore errors. */
    private static final class ErrorReportingConsumer extends ConsoleProgressBarConsumer {

        private final Consumer<Throwable> failed;

        ErrorReportingConsumer(PrintStream terminal, Consumer<Throwable> failed) {
            super(terminal);
            this.failed = failed;
        }

        @Override
        public void accept(String drawn) {
            try {
                super.accept(drawn);
            } catch (Error e) {
                failed.accept(e);
                throw e;
            }
        }
    }
}
