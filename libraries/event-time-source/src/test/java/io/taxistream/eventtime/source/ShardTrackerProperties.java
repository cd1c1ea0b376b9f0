package io.taxistream.eventtime.source;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What holds for every history of reshards, failures, checkpoints and restores. */
class ShardTrackerProperties {

    @Property(tries = 500)
    void readsEveryRecordOnceAndBeforeItsWatermark(@ForAll long seed) {
        SimulatedJob job = new SimulatedJob(seed, false);
        job.run(300);
        job.runToTheEnd();
    }

    /** As in a job without a shuffle, where Flink restarts single subtasks and leaves the others running. */
    @Property(tries = 500)
    void noRecordIsLateWhenSubtasksRestartAlone(@ForAll long seed) {
        SimulatedJob job = new SimulatedJob(seed, true);
        job.run(300);
        job.runToTheEnd();
    }
}
