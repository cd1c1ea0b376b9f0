package io.taxistream.benchmarks;

import io.taxistream.processor.trips.AnalysisOptions;
import io.taxistream.processor.trips.TripAnalysis;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.runtime.checkpoint.CheckpointStatsSnapshot;
import org.apache.flink.runtime.checkpoint.StatsSummarySnapshot;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * Measures the size of the job's checkpoints over one day and over several, to show whether state grows with the amount
 * of input. Checkpoints are frequent and trips are throttled, so that several checkpoints fall into every window.
 */
final class StateBenchmark {

    private static final int TRIPS_PER_SECOND = 100_000;
    private static final Duration CHECKPOINT_INTERVAL = Duration.ofMillis(10);

    private StateBenchmark() {}

    /**
     * @param records records of as many days as the last element of {@code days}; all days are alike
     */
    static Table run(byte[][] records, List<Integer> days) throws Exception {
        int perDay = records.length / days.get(days.size() - 1);
        Table table = new Table("days", "trips", "checkpoints", "state in bytes: average", "max");
        for (int count : days) {
            CheckpointStatsSnapshot checkpoints = checkpoints(records, count * perDay);
            StatsSummarySnapshot bytes = checkpoints.getSummaryStats().getStateSizeStats();
            table.add(
                    Integer.toString(count),
                    Table.count(count * perDay),
                    Table.count((double) checkpoints.getCounts().getNumberOfCompletedCheckpoints()),
                    Table.count((double) bytes.getAverage()),
                    Table.count((double) bytes.getMaximum()));
        }
        return table;
    }

    private static CheckpointStatsSnapshot checkpoints(byte[][] records, int trips) throws Exception {
        Path folder = Files.createTempDirectory("checkpoints");
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.OBJECT_REUSE, true);
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, CHECKPOINT_INTERVAL);
        configuration.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        configuration.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY, folder.toUri().toString());
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
        TripAnalysis.Results results = TripAnalysis.analyze(
                JobBenchmark.trips(env, records, trips, 0, RateLimiterStrategy.perSecond(TRIPS_PER_SECOND)),
                AnalysisOptions.DEFAULTS);
        results.pickupCounts().sinkTo(new DiscardingSink<>());
        results.tripDurations().sinkTo(new DiscardingSink<>());
        results.malformedRecords().sinkTo(new DiscardingSink<>());
        results.lateTrips().sinkTo(new DiscardingSink<>());
        JobGraph job = env.getStreamGraph().getJobGraph();
        MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .withRandomPorts()
                .build());
        try {
            cluster.start();
            cluster.executeJobBlocking(job);
            return cluster.getExecutionGraph(job.getJobID()).get().getCheckpointStatsSnapshot();
        } finally {
            cluster.close();
            delete(folder);
        }
    }

    private static void delete(Path folder) throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
