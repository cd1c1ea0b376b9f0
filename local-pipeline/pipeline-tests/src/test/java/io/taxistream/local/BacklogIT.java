package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.local.data.GeneratedDay;
import io.taxistream.local.services.FlinkJob;
import io.taxistream.local.status.Checkpoints;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A whole day is in the stream before the job starts reading: its state stays small and no trip is late. */
class BacklogIT {

    private static final String STREAM = "day";
    private static final int SHARDS = 8;
    private static final long SEED = 5;

    /** About the size of a quarter of the day: state that grew with the trips read would exceed it. */
    private static final long MAX_STATE_BYTES = 16L << 20;

    @TempDir
    private static Path folder;

    private static ProcessorRuns runs;
    private static Trips trips;

    @BeforeAll
    static void writeDay() throws Exception {
        Path file = folder.resolve("day.csv.gz");
        new GeneratedDay(SEED).writeTo(file);
        trips = Trips.read(file);
        runs = ProcessorRuns.start(16, folder.resolve("flink"));
        runs.createStream(STREAM, SHARDS);
        try (TripStream stream = TripStream.overAllShards(runs.kinesisEndpoint(), STREAM)) {
            stream.write(trips.inOrder());
        }
    }

    @AfterAll
    static void stop() throws Exception {
        runs.close();
    }

    @Tag("full")
    @ParameterizedTest
    @CsvSource({"1, polling", "2, polling", "4, polling", "16, polling", "1, efo", "2, efo", "4, efo", "16, efo"})
    void readsAWholeDayAtAnyParallelism(int parallelism, String consumer) throws Exception {
        String index = "day-" + parallelism + "-" + consumer;
        long startNanos = System.nanoTime();

        FlinkJob job = runs.submit(STREAM, index, parallelism, "--consumer", consumer);
        runs.drainAndCompare(job, index, trips.batch());

        Checkpoints checkpoints = job.checkpoints();
        System.out.printf(
                "Backlog at parallelism %d, %s: %,d trips in %.1f s, greatest of %d checkpoints %,d bytes%n",
                parallelism,
                consumer,
                trips.inOrder().size(),
                (System.nanoTime() - startNanos) / 1e9,
                checkpoints.completed(),
                checkpoints.greatestStateBytes());
        assertThat(checkpoints.completed()).isPositive();
        assertThat(checkpoints.greatestStateBytes()).isBetween(1L, MAX_STATE_BYTES);
    }
}
