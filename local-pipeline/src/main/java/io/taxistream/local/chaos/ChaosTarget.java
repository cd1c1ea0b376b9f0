package io.taxistream.local.chaos;

import io.taxistream.eventtime.Part;
import java.io.IOException;

/** The parts of a running pipeline that faults are done to, beside stream and search engine. */
public interface ChaosTarget {

    /** Whether no producer is sending: all have ended, or those that have not are dead or have yet to start. */
    boolean nothingIsSent();

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
     * Kills a producer's process.
     *
     * @param isResumed whether to start another that resumes
     * @return whether there was one to kill
     * @throws IOException if the other cannot be started
     */
    boolean killProducer(Part part, boolean isResumed) throws IOException;

    /**
     * Starts a producer that does not run, unless it has ended.
     *
     * @throws IOException if it cannot be started
     */
    void startProducer(Part part) throws IOException;
}
