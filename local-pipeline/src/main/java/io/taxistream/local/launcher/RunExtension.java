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
 * Takes part in a run without the launcher knowing what it does: it chooses how parts are started, is given them once
 * they run, and is called at each step of the run, in the order of the methods below. Every method does nothing, or
 * leaves everything as it is, unless it is overridden.
 */
public interface RunExtension extends AutoCloseable {

    /** Leaves every run as it is. */
    RunExtension NONE = new RunExtension() {};

    /**
     * Size of the Flink cluster.
     *
     * @param slotsEach subtasks of an operator that each task manager can run at a time
     */
    record ClusterSize(int taskManagers, int slotsEach) {}

    /**
     * Called before any part starts.
     *
     * @param announcements prints a line on the terminal and adds it to the event log
     */
    default void begin(Consumer<String> announcements) {}

    /** Faults of the stream. */
    default FaultInjector streamFaults() {
        return FaultInjector.none();
    }

    /** Size of the cluster for a job of this parallelism. */
    default ClusterSize clusterSize(int parallelism) {
        return new ClusterSize(1, parallelism);
    }

    /**
     * Called on a thread of its own once the input is served, while other parts start. The replay waits for its return.
     *
     * @param s3 where the input is served
     * @param maxRejects percentage of the input's records that may be unreadable
     */
    default void readInput(Installation installation, URI s3, double maxRejects, WorkFolder work) throws IOException {}

    /**
     * Address that the job writes to.
     *
     * @param engine address of the search engine
     */
    default URI searchAddress(URI engine) throws IOException {
        return engine;
    }

    /**
     * Whether the producers pack many trips into a record.
     *
     * @param proposed what they do without an extension
     */
    default boolean aggregate(boolean proposed) {
        return proposed;
    }

    /** Further options of the job. */
    default List<String> jobOptions() {
        return List.of();
    }

    /**
     * Number of producers.
     *
     * @param proposed as many as there are without an extension
     */
    default int producers(int proposed) {
        return proposed;
    }

    /** Whether the producer of a part starts with the replay; if not, the extension starts it later. */
    default boolean startsWithTheReplay(Part part) {
        return true;
    }

    /** Called when the producers have been started. */
    default void replayStarted(RunningPipeline pipeline) {}

    /**
     * Whether the extension has nothing left to do to the running pipeline.
     *
     * @throws LocalPipelineException if it has failed
     */
    default boolean isFinished() throws LocalPipelineException {
        return true;
    }

    /** Whether the extension has put this watermark into the stream, which the job ignores. */
    default boolean isStray(Instant watermark) {
        return false;
    }

    /** Called when the replay has ended and the job has read everything; the job runs. */
    default void everythingRead() throws IOException, InterruptedException {}

    /**
     * Called after {@link #everythingRead} when the documents are stored.
     *
     * @param closedUntil windows that end later are still open; empty if the job has closed all of them
     * @throws LocalPipelineException if the documents are not as they must be
     */
    default void documentsStored(Optional<Instant> closedUntil)
            throws IOException, InterruptedException, LocalPipelineException {}

    @Override
    default void close() {}
}
