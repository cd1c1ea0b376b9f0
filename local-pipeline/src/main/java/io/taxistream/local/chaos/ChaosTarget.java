package io.taxistream.local.chaos;

import java.io.IOException;

/** The parts of a running pipeline that faults are done to, beside stream and search engine. */
public interface ChaosTarget {

    /** Whether the producer has sent everything, and has ended. */
    boolean replayHasEnded();

    /**
     * Ends a task manager at once, and starts another.
     *
     * @param taskManager which of those that run, 0 for the oldest
     * @throws IOException if the cluster does not do it
     */
    void killTaskManager(int taskManager) throws IOException, InterruptedException;

    /**
     * Stops the job with a savepoint and starts it again from there; tries again where the savepoint does not come about.
     *
     * @throws IOException if it does not come about after several attempts
     */
    void restoreJob(int parallelism) throws IOException, InterruptedException;

    /**
     * Kills the producer's process and starts another that goes on.
     *
     * @throws IOException if it cannot be started
     */
    void killProducer() throws IOException, InterruptedException;
}
