package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.taxistream.events.TripEvent;
import io.taxistream.local.batch.BatchComputation;
import io.taxistream.local.services.FlinkJob;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams with unusually few records. */
class EdgeDaysIT {

    private static final int SHARDS = 4;

    @TempDir
    private static Path folder;

    private static ProcessorRuns runs;

    @BeforeAll
    static void start() throws Exception {
        runs = ProcessorRuns.start(2, folder.resolve("flink"));
    }

    @AfterAll
    static void stop() throws Exception {
        runs.close();
    }

    @Test
    void shardMayHoldOnlyWatermarks() throws Exception {
        Path file = folder.resolve("trips.csv");
        TripFile.write(file, 5_000, 6);
        Trips trips = Trips.read(file);
        runs.createStream("lopsided", SHARDS);
        try (TripStream stream = TripStream.acrossThreeQuarters(runs.kinesisEndpoint(), "lopsided")) {
            stream.write(trips.inOrder());
        }

        FlinkJob job = runs.submit("lopsided", "lopsided", 2);

        runs.drainAndCompare(job, "lopsided", trips.batch());
    }

    @Test
    void dayMayHaveASingleTrip() throws Exception {
        TripEvent trip = tripToJfk(1, Instant.parse("2015-12-01T17:00:00Z"));
        Trips trips = Trips.of(List.of(trip), new BatchComputation(1));
        runs.createStream("single", SHARDS);
        try (TripStream stream = TripStream.overAllShards(runs.kinesisEndpoint(), "single")) {
            stream.write(trips.inOrder());
        }

        FlinkJob job = runs.submit("single", "single", 2, "--min-trips", "1");

        runs.drainAndCompare(job, "single", trips.batch());
    }

    @Test
    void lateTripUpdatesItsDocumentsOnlyWithinAllowedLateness() throws Exception {
        Instant noon = Instant.parse("2015-12-01T17:00:00Z");
        List<TripEvent> inTime = List.of(tripToJfk(1, noon), tripToJfk(2, noon.plusSeconds(60)));
        List<TripEvent> late = List.of(tripToJfk(3, noon.plusSeconds(120)));
        Trips all = Trips.of(List.of(inTime.get(0), inTime.get(1), late.get(0)), new BatchComputation());
        Trips withoutLate = Trips.of(inTime, new BatchComputation());
        runs.createStream("late", SHARDS);
        FlinkJob patient = runs.submit("late", "patient", 1, "--allowed-lateness", "1h");
        FlinkJob strict = runs.submit("late", "strict", 1);
        try (TripStream stream = TripStream.overAllShards(runs.kinesisEndpoint(), "late")) {
            stream.write(inTime);
            stream.watermark(noon.plusSeconds(1800).toEpochMilli());
            runs.awaitWatermark(patient, noon.plusSeconds(1800));
            runs.awaitWatermark(strict, noon.plusSeconds(1800));
            stream.write(late);
            stream.watermark(noon.plusSeconds(1900).toEpochMilli());
        }
        runs.awaitWatermark(strict, noon.plusSeconds(1900));
        runs.awaitWatermark(patient, noon.plusSeconds(1900));

        runs.drainAndCompare(patient, "patient", all.batch());

        strict.stopWithDrain();
        assertThat(runs.search().documents("strict-pickup-count"))
                .isEqualTo(withoutLate.batch().pickupCounts());
        assertThat(runs.search().documents("strict-rejected-record").get("late-3"))
                .containsEntry("trip_id", 3L)
                .containsEntry("pickup_datetime", "2015-12-01T16:52:00Z")
                .containsEntry("dropoff_datetime", "2015-12-01T17:02:00Z")
                .containsEntry("location", "dr5ru7")
                .containsEntry("airport_code", "JFK");
    }

    private static TripEvent tripToJfk(long id, Instant dropoff) {
        return new TripEvent(
                id,
                dropoff.minusSeconds(600).toEpochMilli(),
                dropoff.toEpochMilli(),
                40.7580,
                -73.9855,
                40.6413,
                -73.7781,
                52);
    }

    @Test
    void streamMayBeEmpty() throws Exception {
        runs.createStream("empty", SHARDS);

        FlinkJob job = runs.submit("empty", "empty", 2);
        await().atMost(ProcessorRuns.TIMEOUT).until(() -> job.checkpoints().completed() >= 2);

        assertThat(job.read(Set.of()).watermark()).isEmpty();
        job.stopWithDrain();
        assertThat(job.failure()).isEmpty();
        for (String index : List.of("empty-pickup-count", "empty-trip-duration", "empty-rejected-record")) {
            assertThat(runs.search().documents(index)).as(index).isEmpty();
        }
    }
}
