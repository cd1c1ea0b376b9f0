package io.taxistream.local.services;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The job of a run. It can be stopped with a savepoint and restarted from it, as a new job to Flink. */
public final class RestorableJob {

    /** Longest time to wait for a savepoint. */
    private static final Duration SAVEPOINT_TIMEOUT = Duration.ofMinutes(2);

    private static final Duration RETRY_INTERVAL = Duration.ofSeconds(1);
    private static final Duration START_TIMEOUT = Duration.ofMinutes(2);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(100);

    private final FlinkService flink;
    private final Path jar;
    private final List<String> arguments;
    private final Consumer<String> messages;
    private volatile FlinkJob current;
    private volatile boolean changing;

    private RestorableJob(
            FlinkService flink, Path jar, List<String> arguments, FlinkJob first, Consumer<String> messages) {
        this.flink = flink;
        this.jar = jar;
        this.arguments = arguments;
        this.current = first;
        this.messages = messages;
    }

    /**
     * Submits the job.
     *
     * @param messages receives a line for every retry
     */
    public static RestorableJob submit(
            FlinkService flink, Path jar, int parallelism, List<String> arguments, Consumer<String> messages)
            throws IOException, InterruptedException, LocalPipelineException {
        return new RestorableJob(flink, jar, arguments, flink.submit(jar, parallelism, arguments), messages);
    }

    /** Returns the current job. */
    public FlinkJob current() {
        return current;
    }

    /** Returns why the job has ended; empty while it runs, restarts or is being restored. */
    public Optional<String> end() {
        FlinkJob job = current;
        boolean ended = job.hasEnded() && !changing && job == current;
        return ended ? Optional.of(job.failure().orElse("it was stopped")) : Optional.empty();
    }

    /**
     * Waits until all subtasks are running.
     *
     * @throws LocalPipelineException if the job ends, or takes too long
     */
    public void awaitTasks() throws IOException, InterruptedException, LocalPipelineException {
        Instant deadline = Instant.now().plus(START_TIMEOUT);
        while (!current.allTasksRun()) {
            if (current.hasEnded()) {
                throw new LocalPipelineException(
                        "the job failed: " + current.failure().orElse("it was stopped"));
            }
            if (Instant.now().isAfter(deadline)) {
                throw new LocalPipelineException("the job did not start within " + START_TIMEOUT.toSeconds() + " s");
            }
            TimeUnit.MILLISECONDS.sleep(POLL_INTERVAL.toMillis());
        }
    }

    /**
     * Stops the job with a savepoint and restarts it from there. A savepoint that fails, for example during a failover, is
     * retried.
     *
     * @throws LocalPipelineException if the job has failed permanently
     */
    public void restore(int parallelism) throws IOException, InterruptedException, LocalPipelineException {
        changing = true;
        try {
            String savepoint = stopWithSavepoint();
            current = flink.submit(jar, parallelism, arguments, Optional.of(savepoint));
        } finally {
            changing = false;
        }
    }

    private String stopWithSavepoint() throws IOException, InterruptedException, LocalPipelineException {
        Instant deadline = Instant.now().plus(SAVEPOINT_TIMEOUT);
        while (true) {
            awaitTasks();
            try {
                return current.stopWithSavepoint();
            } catch (IOException e) {
                if (Instant.now().isAfter(deadline)) {
                    throw e;
                }
                messages.accept(e.getMessage() + "; retrying");
                // Flink's view of a job is some seconds old: it may be restarting although all tasks seem to run.
                TimeUnit.MILLISECONDS.sleep(RETRY_INTERVAL.toMillis());
            }
        }
    }
}
