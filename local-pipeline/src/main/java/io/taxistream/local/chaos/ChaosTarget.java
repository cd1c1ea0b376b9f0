package io.taxistream.local.chaos;

import io.taxistream.eventtime.Part;
import java.io.IOException;

/** The parts of a running pipeline that faults are applied to, besides the stream and the search engine. */
public interface ChaosTarget {

    /** Whether no producer is sending: each has ended, is dead or has not started. */
    boolean noProducerRunning();

    /**
     * Kills a task manager and starts another.
     *
     * @param taskManager index of the task manager, 0 for the oldest one running
     * @throws IOException if the cluster fails to do it
     */
    void killTaskManager(int taskManager) throws IOException, InterruptedException;

    /**
     * Stops the job with a savepoint and restarts it from there; retries if the savepoint fails.
     *
     * @throws IOException if it still fails after several attempts
     */
    void restoreJob(int parallelism) throws IOException, InterruptedException;

    /**
     * Kills the process of a producer.
     *
     * @param isResumed whether to start another process that resumes
     * @return whether there was a process to kill
     * @throws IOException if the new process cannot be started
     */
    boolean killProducer(Part part, boolean isResumed) throws IOException;

    /**
     * Starts a producer that is not running, unless it has ended.
     *
     * @throws IOException if it cannot be started
     */
    void startProducer(Part part) throws IOException;
}
