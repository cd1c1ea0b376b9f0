package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.local.batch.BatchComputation;
import io.taxistream.local.services.Installation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replays files with the two shipped jars and real services: the documents equal those of a batch computation. */
class EndToEndIT {

    private static final int TRIPS = 20_000;

    @TempDir
    private static Path folder;

    private static Path trips;
    private static BatchComputation batch;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeAll
    static void writeTrips() throws IOException {
        trips = folder.resolve("trips.csv");
        TripFile.write(trips, TRIPS, 1);
        batch = TripFile.batch(trips);
        assertThat(batch.outsideArea()).as("trips outside the area").isPositive();
        assertThat(batch.implausible()).as("implausible trips").isPositive();
    }

    @Test
    void everyDocumentIsThatOfABatchComputation() throws IOException {
        runAndCompare(8);
    }

    @Test
    @Tag("full")
    void everyDocumentIsThatOfABatchComputationWithOneShard() throws IOException {
        runAndCompare(1);
    }

    private void runAndCompare(int shards) throws IOException {
        Path export = folder.resolve("export-" + shards);

        int code = run("--data", trips.toString(), "--shards", Integer.toString(shards), "--export", export.toString());

        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(code).isZero();
        Documents.assertEqual(export, batch);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("%,d sent, %,d read".formatted(TRIPS, TRIPS))
                .contains("%,d outside the area, %,d implausible, 0 late, 0 malformed"
                        .formatted(batch.outsideArea(), batch.implausible()))
                .contains("%,d pick-up counts, %,d trip durations"
                        .formatted(
                                batch.pickupCounts().size(),
                                batch.tripDurations().size()));
    }

    @Test
    void fileWithOnlyAHeaderFailsTheRunWithOneLine() throws IOException {
        Path empty = folder.resolve("empty.csv");
        TripFile.write(empty, 0, 1);

        int code = run("--data", empty.toString());

        assertThat(code).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .hasLineCount(1)
                .startsWith("the producer exited with code 1: no trip in the input");
    }

    @Test
    void tooManyUnreadableRecordsFailTheRunWithOneLine() throws IOException {
        Path damaged = folder.resolve("damaged.csv");
        TripFile.write(damaged, 97, 1);
        Files.writeString(damaged, "one\ntwo\nthree\n", StandardOpenOption.APPEND);

        int code = run("--data", damaged.toString(), "--max-rejects", "2.5");

        assertThat(code).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .hasLineCount(1)
                .startsWith("the producer exited with code 1: 3 of 100 records (3 %)")
                .contains("more than --max-rejects 2.5 allows");
    }

    @Test
    void unreadableRecordsWithinTheLimitAreCounted() throws IOException {
        Path damaged = folder.resolve("slightly-damaged.csv");
        TripFile.write(damaged, 97, 1);
        Files.writeString(damaged, "one\ntwo\nthree\n", StandardOpenOption.APPEND);

        int code = run("--data", damaged.toString(), "--max-rejects", "3");

        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(code).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("97 sent", "3 unreadable in the input");
    }

    private int run(String... more) {
        List<String> args = new ArrayList<>(List.of("--once", "--speedup", "0", "--port", "0", "--no-browser"));
        args.addAll(List.of(more));
        return LocalPipeline.run(Installation.ofThisClass(), print(out), print(err), args.toArray(String[]::new));
    }

    private static PrintStream print(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }
}
