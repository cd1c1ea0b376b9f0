package io.taxistream.clusters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Optional;

/**
 * The life cycle of a job: users start it, stop it with a savepoint, resume from there with another parallelism while the
 * stream is resharded, and finally drain it.
 */
final class Upgrade {

    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    /** Number of trip files it needs. */
    static final int FILES = 3;

    static final int SHARDS = 4;

    private Upgrade() {}

    /** A cluster that runs jobs. */
    interface Cluster {

        /** Starts the shipped job, from a savepoint if one is given. */
        RunningJob start(int parallelism, Optional<String> savepoint) throws Exception;

        /** Returns the folder for savepoints. */
        String savepoints();
    }

    /** Runs the whole life cycle, and fails unless the documents finally equal those of a batch computation. */
    static void play(Cluster cluster, Replay replay) throws Exception {
        // a new job reads only the records written after its start
        RunningJob first = start(cluster, 8, Optional.empty());
        replay.send(0);
        await("documents of the first job").atMost(TIMEOUT).until(() -> replay.documents() > 0);
        String savepoint = stop(cluster, first);

        int documentsBefore = replay.documents();
        replay.reshard(SHARDS + 2);
        replay.send(1);
        RunningJob second = start(cluster, 3, Optional.of(savepoint));
        await("documents of the second job").atMost(TIMEOUT).until(() -> replay.documents() > documentsBefore);
        savepoint = stop(cluster, second);

        RunningJob third = start(cluster, 8, Optional.of(savepoint));
        replay.send(2);
        await("the end of the stream")
                .atMost(TIMEOUT)
                .until(() -> !third.rest().watermark(third.id()).isBefore(replay.lastWatermark()));
        stop(cluster, third, "--drain");

        replay.assertDocumentsAreThoseOfABatchComputation();
    }

    private static RunningJob start(Cluster cluster, int parallelism, Optional<String> savepoint) throws Exception {
        RunningJob job = cluster.start(parallelism, savepoint);
        await("all tasks of " + job)
                .atMost(TIMEOUT)
                .ignoreExceptions()
                .until(() -> job.rest().allTasksRun(job.id(), parallelism));
        return job;
    }

    private static String stop(Cluster cluster, RunningJob job, String... options) throws Exception {
        assertThat(job.rest().restarts(job.id())).as("restarts of %s", job).isZero();
        return job.stop(cluster.savepoints(), options);
    }
}
