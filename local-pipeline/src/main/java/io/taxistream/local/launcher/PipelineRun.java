package io.taxistream.local.launcher;

import io.taxistream.local.services.Indices;
import io.taxistream.local.services.Installation;
import io.taxistream.local.services.LocalPipelineException;
import io.taxistream.local.services.SearchClient;
import io.taxistream.local.status.EventLog;
import io.taxistream.local.status.EventLog.Kind;
import io.taxistream.local.status.Messages;
import io.taxistream.local.status.PipelineSnapshot;
import io.taxistream.local.status.PipelineStatus;
import io.taxistream.local.status.PipelineStatus.Part;
import io.taxistream.local.status.PipelineStatus.State;
import io.taxistream.local.terminal.ProgressLines;
import io.taxistream.local.terminal.Summary;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** A run of the pipeline, from starting its parts to closing them. */
public final class PipelineRun {

    private static final int MAX_DRAIN_ATTEMPTS = 5;

    /** Set by the launching script if standard output is a terminal. */
    private static final String TERMINAL_PROPERTY = "taxistream.terminal";

    private final RunContext run;
    private final PrintStream out;

    /**
     * Prepares a run; starts nothing yet.
     *
     * @param onEndTimeout receives a line about a fatal error if the parts do not end after it
     */
    public PipelineRun(
            Installation installation,
            LocalOptions options,
            RunSettings settings,
            RunExtension extension,
            PrintStream out,
            Consumer<String> onEndTimeout) {
        Clock clock = Clock.systemUTC();
        EventLog events = new EventLog(clock);
        this.run = new RunContext(
                installation,
                options,
                settings,
                extension,
                clock,
                new ProgressLines(out, clock, Boolean.getBoolean(TERMINAL_PROPERTY)),
                events,
                new PipelineStatus(events, options.speedup(), clock),
                new RunningParts(),
                new FatalErrors(onEndTimeout));
        this.out = out;
    }

    /**
     * Runs until the replay has ended, or without {@code --once} until the process is asked to stop. All parts have been closed
     * when this returns.
     *
     * @throws LocalPipelineException if a part cannot be started, fails or makes no progress, or if the extension fails
     */
    public void run() throws LocalPipelineException, InterruptedException {
        Thread hook = new Thread(run.parts()::close, "stop-pipeline");
        Runtime.getRuntime().addShutdownHook(hook);
        try (FatalErrors errors = run.errors()) {
            errors.takeOver();
            try {
                execute();
            } catch (InterruptedException e) {
                errors.throwIfAny();
                throw e;
            } catch (LocalPipelineException e) {
                errors.throwIfAny();
                throw new LocalPipelineException(ExhaustedResources.explain(String.valueOf(e.getMessage())), e);
            } catch (IOException | RuntimeException | Error e) {
                errors.throwIfAny();
                if (!run.parts().isClosing()) {
                    throw new LocalPipelineException(line(e), e);
                }
            } finally {
                run.terminal().close();
                run.parts().close();
                run.parts().failures().forEach(failure -> run.terminal().printLine("shutdown incomplete: " + failure));
                removeHook(hook);
            }
            errors.throwIfAny();
        }
    }

    private void execute() throws IOException, InterruptedException, LocalPipelineException {
        run.extension().begin(line -> run.announce(Kind.FAULT, line));
        RunningPipeline pipeline = PipelineStart.start(run);
        ReplayWatch watch = new ReplayWatch(run, pipeline);
        if (run.options().once()) {
            replayOnce(pipeline, watch);
        } else {
            replayAndServe(pipeline, watch);
        }
    }

    private String line(Throwable failure) {
        String line = failure instanceof IOException
                ? ExhaustedResources.line(failure).orElse(Messages.of(failure))
                : FatalErrors.line("the launcher failed", failure);
        return line + run.logHint();
    }

    private void replayOnce(RunningPipeline pipeline, ReplayWatch watch)
            throws IOException, InterruptedException, LocalPipelineException {
        PipelineSnapshot snapshot = readAndDrain(pipeline, watch);
        if (run.parts().isClosing()) {
            return;
        }
        run.status().set(Part.JOB, State.FINISHED);
        Instant end = run.clock().instant();
        exportDocuments(pipeline.search());
        watch.memory().sample();
        run.terminal().close();
        Indices indices = run.settings().indices();
        new Summary(
                        run.input(),
                        snapshot,
                        pipeline.search().lastTimestamp(indices.pickupCount()).map(last -> last.plusMillis(1)),
                        pipeline.search().count(indices.pickupCount()),
                        pipeline.search().count(indices.tripDuration()),
                        Duration.between(pipeline.replayStart(), end),
                        watch.memory().bytes(),
                        run.options().export())
                .lines()
                .forEach(out::println);
        run.extension().documentsStored(Optional.empty());
    }

    /** Drains the job once it has read everything. If it restarts while being drained, it is drained again afterwards. */
    private PipelineSnapshot readAndDrain(RunningPipeline pipeline, ReplayWatch watch)
            throws IOException, InterruptedException, LocalPipelineException {
        for (int attempt = 1; ; attempt++) {
            PipelineSnapshot snapshot = watch.awaitInputRead();
            if (run.parts().isClosing()) {
                return snapshot;
            }
            run.extension().inputRead();
            run.terminal().printLine("The whole input is processed; closing the last windows");
            try {
                pipeline.job().current().stopWithDrain();
                return snapshot;
            } catch (IOException e) {
                if (attempt == MAX_DRAIN_ATTEMPTS || run.parts().isClosing()) {
                    throw e;
                }
                run.terminal().printLine(e.getMessage() + "; retrying");
            }
        }
    }

    private void exportDocuments(SearchClient search) throws IOException {
        Indices indices = run.settings().indices();
        search.refresh(indices.pickupCount());
        search.refresh(indices.tripDuration());
        if (run.options().export().isPresent()) {
            Path folder = run.options().export().get();
            Export export = new Export(search);
            export.write(indices.pickupCount(), folder.resolve(Export.PICKUP_COUNT_FILE));
            export.write(indices.tripDuration(), folder.resolve(Export.TRIP_DURATION_FILE));
        }
    }

    private void replayAndServe(RunningPipeline pipeline, ReplayWatch watch)
            throws IOException, InterruptedException, LocalPipelineException {
        watch.awaitInputRead();
        if (run.parts().isClosing()) {
            return;
        }
        run.terminal().close();
        run.terminal().printLine("The replay has ended; the services keep running until Ctrl-C");
        run.extension().inputRead();
        run.extension()
                .documentsStored(Optional.of(pipeline.stream()
                        .lastWatermark(pipeline.producers().parts().size(), run.extension()::isStray)
                        .orElse(Instant.EPOCH)));
        watch.watchUntilClosed();
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process and this hook are ending already; there is nothing left to remove.
            return;
        }
    }
}
