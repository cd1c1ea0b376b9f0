package io.taxistream.local.launcher;

import io.taxistream.embeddedkinesis.FaultInjector;
import io.taxistream.eventtime.Part;
import io.taxistream.local.services.Installation;
import io.taxistream.local.services.LocalPipelineException;
import io.taxistream.local.services.WorkFolder;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Hooks into a run without the launcher depending on it: an extension influences how parts are started, receives the running
 * parts, and is called at each step of the run, in about the order of the methods below. Up to {@link #replayStarted}, the
 * calls come from several threads, as parts start beside each other. The default methods do nothing or keep the proposed value.
 */
public interface RunExtension extends AutoCloseable {

    /** An extension that changes nothing. */
    RunExtension NONE = new RunExtension() {};

    /**
     * Size of the Flink cluster.
     *
     * @param slotsEach number of subtasks of an operator that each task manager can run concurrently
     */
    record ClusterSize(int taskManagers, int slotsEach) {}

    /**
     * Called before any part starts.
     *
     * @param announcements prints a line on the terminal and adds it to the event log
     */
    default void begin(Consumer<String> announcements) {}

    /** Returns the faults of the stream. */
    default FaultInjector streamFaults() {
        return FaultInjector.none();
    }

    /** Returns the size of the cluster for a job of this parallelism. */
    default ClusterSize clusterSize(int parallelism) {
        return new ClusterSize(1, parallelism);
    }

    /**
     * Whether the replay starts once the job is running. Otherwise it starts as soon as the input is served, and the job
     * catches up.
     */
    default boolean startsReplayAfterJob() {
        return false;
    }

    /**
     * Called once the input is served, while other parts start. The replay waits for it to return.
     *
     * @param s3 endpoint that serves the input
     * @param maxRejects percentage of the input's records that may be unreadable
     */
    default void readInput(Installation installation, URI s3, double maxRejects, WorkFolder work) throws IOException {}

    /**
     * Returns the address that the job writes to.
     *
     * @param engine address of the search engine
     */
    default URI searchAddress(URI engine) throws IOException {
        return engine;
    }

    /**
     * Whether the producers pack many trips into a record.
     *
     * @param proposed the setting without an extension
     */
    default boolean aggregate(boolean proposed) {
        return proposed;
    }

    /** Returns additional options of the job. */
    default List<String> jobOptions() {
        return List.of();
    }

    /**
     * Returns the number of producers.
     *
     * @param proposed the number without an extension
     */
    default int producers(int proposed) {
        return proposed;
    }

    /** Whether the producer of a part starts with the replay; otherwise the extension starts it later. */
    default boolean startsWithReplay(Part part) {
        return true;
    }

    /** Called when the producers have been started. */
    default void replayStarted(RunningPipeline pipeline) {}

    /**
     * Whether the extension is done with the running pipeline.
     *
     * @throws LocalPipelineException if it has failed
     */
    default boolean isFinished() throws LocalPipelineException {
        return true;
    }

    /** Whether the extension has written this watermark to the stream. The job ignores such watermarks. */
    default boolean isStray(Instant watermark) {
        return false;
    }

    /** Called when the replay has ended and the job, which is still running, has read everything. */
    default void inputRead() throws IOException, InterruptedException {}

    /**
     * Called after {@link #inputRead} when the documents are stored.
     *
     * @param closedUntil windows that end later are still open; empty if the job has closed all of them
     * @throws LocalPipelineException if the documents are not as expected
     */
    default void documentsStored(Optional<Instant> closedUntil)
            throws IOException, InterruptedException, LocalPipelineException {}

    @Override
    default void close() {}
}
