package io.taxistream.benchmarks;

import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * The Flink cluster of this process, with one slot. All rounds share it: a cluster loads its own classes when it starts, and the
 * just-in-time compiler would still be busy with them while a round is measured.
 */
final class LocalCluster {

    /** Null before the first job. */
    private static @Nullable MiniCluster cluster;

    private LocalCluster() {}

    /** A job that has been submitted. */
    record Job(MiniCluster cluster, JobID id, CompletableFuture<JobResult> result) {

        /** Waits until the job has ended, and throws the cause if it has failed. */
        void await() throws Exception {
            result.get().toJobExecutionResult(getClass().getClassLoader());
        }

        /** Cancels the job, and waits until it has ended. */
        void cancel() throws Exception {
            cluster.cancelJob(id).get();
            result.get();
        }
    }

    /** Starts the job that has been defined in {@code env}. */
    static Job submit(StreamExecutionEnvironment env) throws Exception {
        JobGraph graph = env.getStreamGraph().getJobGraph();
        MiniCluster running = cluster();
        running.submitJob(graph).get();
        return new Job(running, graph.getJobID(), running.requestJobResult(graph.getJobID()));
    }

    private static synchronized MiniCluster cluster() throws Exception {
        if (cluster == null) {
            Configuration configuration = new Configuration();
            configuration.set(RestOptions.BIND_PORT, "0");
            MiniCluster started = new MiniCluster(new MiniClusterConfiguration.Builder()
                    .setConfiguration(configuration)
                    .setNumTaskManagers(1)
                    .setNumSlotsPerTaskManager(1)
                    .build());
            started.start();
            cluster = started;
        }
        return cluster;
    }
}
