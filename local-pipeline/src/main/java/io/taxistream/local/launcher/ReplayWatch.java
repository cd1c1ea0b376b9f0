package io.taxistream.local.launcher;

import io.taxistream.local.services.ChildProcess;
import io.taxistream.local.services.LocalPipelineException;
import io.taxistream.local.services.ResumableProducer;
import io.taxistream.local.status.PipelineSnapshot;
import io.taxistream.local.status.PipelineStatus.Part;
import io.taxistream.local.status.PipelineStatus.State;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Watches a running pipeline: shows its progress, and fails as soon as one of its parts has failed. Not thread-safe. */
final class ReplayWatch {

    private static final Duration POLL_INTERVAL = Duration.ofMillis(250);
    private static final Duration HEALTH_INTERVAL = Duration.ofSeconds(1);

    /** A job that makes no progress for this long after the replay is considered stuck. */
    private static final Duration STALL_TIMEOUT = Duration.ofMinutes(5);

    /** Services that have not answered for this long are reported on the terminal. */
    private static final Duration NO_ANSWER_TIMEOUT = Duration.ofSeconds(30);

    /** The run ends when less disk space is free, while the parts can still be closed in order. */
    private static final long MIN_FREE_BYTES = 64L << 20;

    private final File temporaryFiles = new File(System.getProperty("java.io.tmpdir"));
    private final RunContext run;
    private final RunningPipeline pipeline;
    private final Monitor monitor;
    private final PeakMemory memory = new PeakMemory();
    private Instant lastSnapshot;
    private Instant lastDiskCheck = Instant.EPOCH;
    private Instant lastHealth = Instant.EPOCH;

    ReplayWatch(RunContext run, RunningPipeline pipeline) {
        this.run = run;
        this.pipeline = pipeline;
        this.monitor = new Monitor(
                pipeline.job(),
                pipeline.flink(),
                pipeline.search(),
                run.settings().indices(),
                pipeline.stream(),
                run.events());
        this.lastSnapshot = run.clock().instant();
    }

    PeakMemory memory() {
        return memory;
    }

    /**
     * Waits until the job has read everything that the producers have sent, including watermarks, and the extension has
     * finished.
     *
     * @return the last snapshot
     */
    PipelineSnapshot awaitInputRead() throws InterruptedException, LocalPipelineException {
        Optional<Instant> end = Optional.empty();
        PipelineSnapshot before = PipelineSnapshot.NONE;
        Instant lastChange = run.clock().instant();
        while (!run.parts().isClosing()) {
            requireHealthy();
            boolean replayed =
                    pipeline.producers().haveEnded() && run.extension().isFinished();
            if (replayed && end.isEmpty()) {
                end = Optional.of(pipeline.stream()
                        .lastWatermark(pipeline.producers().parts().size(), run.extension()::isStray)
                        .orElse(Instant.MIN));
            }
            Optional<PipelineSnapshot> snapshot = observe();
            snapshot.ifPresent(run.terminal()::update);
            if (end.isPresent() && snapshot.isPresent() && hasReached(snapshot.get(), end.get())) {
                return snapshot.get();
            }
            if (!replayed || (snapshot.isPresent() && !snapshot.get().equals(before))) {
                before = snapshot.orElse(before);
                lastChange = run.clock().instant();
            }
            if (isOlder(lastChange, STALL_TIMEOUT)) {
                throw new LocalPipelineException("the job has made no progress for " + STALL_TIMEOUT.toMinutes()
                        + " minutes after the replay ended; event time "
                        + before.eventTime().map(Instant::toString).orElse("unknown") + " of " + end.get()
                        + run.logHint());
            }
            pause();
        }
        return before;
    }

    /** Updates the status until the parts are being closed. */
    void watchUntilClosed() throws InterruptedException, LocalPipelineException {
        while (!run.parts().isClosing()) {
            requireHealthy();
            observe();
            pause();
        }
    }

    private static boolean hasReached(PipelineSnapshot snapshot, Instant end) {
        return snapshot.jobState().equals("RUNNING")
                && (end.equals(Instant.MIN)
                        || snapshot.eventTime().map(time -> !time.isBefore(end)).orElse(false));
    }

    /** Takes a snapshot; empty if the job or the search engine is too busy to answer. */
    private Optional<PipelineSnapshot> observe() {
        memory.sample();
        Instant taken = run.clock().instant();
        try {
            PipelineSnapshot snapshot = monitor.read(pipeline.producers());
            run.status().set(snapshot, taken);
            // To Flink, a restored job is a new job.
            run.status().running(Part.JOB, pipeline.job().current().webPage());
            lastSnapshot = run.clock().instant();
            if (run.status().isWatched() && isOlder(lastHealth, HEALTH_INTERVAL)) {
                run.status().set(monitor.health(), taken);
                lastHealth = lastSnapshot;
            }
            return Optional.of(snapshot);
        } catch (IOException e) {
            if (isOlder(lastSnapshot, NO_ANSWER_TIMEOUT) && !run.parts().isClosing()) {
                lastSnapshot = run.clock().instant();
                run.terminal().printLine("The job or the search engine does not respond: " + e.getMessage());
            }
            return Optional.empty();
        }
    }

    private void requireHealthy() throws LocalPipelineException {
        if (run.parts().isClosing()) {
            return;
        }
        run.errors().throwIfAny();
        requireFreeDisk();
        if (monitor.jobError().isPresent()) {
            throw failed(Part.JOB, "the job failed: " + monitor.jobError().get());
        }
        if (pipeline.searchEngine().isPresent()
                && pipeline.searchEngine().get().exitCode().isDone()) {
            int code = pipeline.searchEngine().get().exitCode().join();
            throw failed(Part.SEARCH, "OpenSearch " + ChildProcess.describeExit(code));
        }
        Optional<String> end = pipeline.job().end();
        if (end.isPresent()) {
            throw failed(Part.JOB, "the job failed: " + end.get());
        }
        for (ResumableProducer producer : pipeline.producers().parts()) {
            Optional<Integer> code = producer.exitCode();
            if (code.isPresent() && code.get() != 0) {
                throw failed(
                        Part.PRODUCER,
                        (producer.part().isOnly() ? "the " : "") + RunContext.producerName(producer.part()) + " "
                                + ChildProcess.describeExit(code.get()) + ": "
                                + withLauncherOptionNames(producer.lastLine()));
            }
        }
        if (pipeline.producers().haveEnded()) {
            run.status().set(Part.PRODUCER, State.FINISHED);
        }
    }

    /** Replaces the producer's own option names in a message by the launcher's. */
    private static String withLauncherOptionNames(String producerMessage) {
        return producerMessage.replaceAll("(?<!-)-maxRejects\\b", "--max-rejects");
    }

    /** Fails when the disk is nearly full. On a full disk every part would fail differently, some only after minutes. */
    private void requireFreeDisk() throws LocalPipelineException {
        if (!isOlder(lastDiskCheck, HEALTH_INTERVAL)) {
            return;
        }
        lastDiskCheck = run.clock().instant();
        long free = temporaryFiles.getUsableSpace();
        if (free < MIN_FREE_BYTES && free > 0) {
            throw new LocalPipelineException(
                    "the disk is full: %d MB left below %s; free some space, or set TMPDIR to a folder on another disk"
                            .formatted(free >> 20, temporaryFiles));
        }
    }

    private LocalPipelineException failed(Part part, String message) {
        run.status().set(part, State.FAILED);
        return new LocalPipelineException(message + run.logHint());
    }

    private boolean isOlder(Instant time, Duration age) {
        return run.clock().instant().isAfter(time.plus(age));
    }

    private static void pause() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(POLL_INTERVAL.toMillis());
    }
}
