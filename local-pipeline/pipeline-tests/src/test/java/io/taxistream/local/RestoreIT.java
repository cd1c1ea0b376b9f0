package io.taxistream.local;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import io.taxistream.events.TripEvent;
import io.taxistream.local.services.FlinkJob;
import io.taxistream.local.services.Installation;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.flink.shaded.asm9.org.objectweb.asm.ClassReader;
import org.apache.flink.shaded.asm9.org.objectweb.asm.ClassVisitor;
import org.apache.flink.shaded.asm9.org.objectweb.asm.ClassWriter;
import org.apache.flink.shaded.asm9.org.objectweb.asm.Opcodes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Stops jobs with a savepoint and resumes them with a changed setup. */
class RestoreIT {

    private static final int SHARDS = 4;
    private static final int TRIPS = 20_000;

    @TempDir
    private static Path folder;

    private static ProcessorRuns runs;
    private static Trips trips;

    private final Random random = new Random(11);

    @BeforeAll
    static void start() throws Exception {
        Path file = folder.resolve("trips.csv");
        TripFile.write(file, TRIPS, 4);
        trips = Trips.read(file);
        runs = ProcessorRuns.start(5, folder.resolve("flink"));
    }

    @AfterAll
    static void stop() throws Exception {
        runs.close();
    }

    @Tag("full")
    @Test
    void restoresTenTimesWithOtherParallelismBackendAndConsumer() throws Exception {
        stopAndRestore("ten", 10);
    }

    /** Writes the trips piece by piece, and stops the job at a random time in each piece. */
    private void stopAndRestore(String name, int times) throws Exception {
        runs.createStream(name, SHARDS);
        try (TripStream stream = TripStream.overAllShards(runs.kinesisEndpoint(), name)) {
            int parallelism = 2;
            FlinkJob job = runs.submit(name, name, parallelism);
            for (int i = 0; i < times; i++) {
                stream.write(piece(i, times + 1));
                runs.awaitWatermark(job, timeWithin(piece(i, times + 1)));
                String savepoint = job.stopWithSavepoint();
                parallelism = 1 + (parallelism + random.nextInt(4)) % 5;
                job = runs.submit(
                        Installation.ofThisClass().processorJar(),
                        name,
                        name,
                        parallelism,
                        Optional.of(savepoint),
                        "--state-backend",
                        i % 2 == 0 ? "rocksdb" : "heap",
                        "--consumer",
                        // in pairs, so that all pairs of consecutive readers occur
                        i / 2 % 2 == 0 ? "efo" : "polling");
            }
            stream.write(piece(times, times + 1));
            runs.drainAndCompare(job, name, trips.batch());
        }
    }

    @ParameterizedTest
    @CsvSource({"polling, efo", "efo, polling"})
    void restoresASavepointWithNewFieldsInStateTypes(String consumer, String laterConsumer) throws Exception {
        String name = "older-" + consumer;
        runs.createStream(name, SHARDS);
        try (TripStream stream = TripStream.overAllShards(runs.kinesisEndpoint(), name)) {
            stream.write(piece(0, 2));
            FlinkJob job = runs.submit(name, name, 2, "--consumer", consumer);
            runs.awaitWatermark(job, timeWithin(piece(0, 2)));
            String savepoint = job.stopWithSavepoint();

            FlinkJob later = runs.submit(
                    buildWithMoreFields(), name, name, 3, Optional.of(savepoint), "--consumer", laterConsumer);
            stream.write(piece(1, 2));
            runs.drainAndCompare(later, name, trips.batch());
        }
    }

    private static List<TripEvent> piece(int index, int of) {
        return trips.inOrder().subList(index * TRIPS / of, (index + 1) * TRIPS / of);
    }

    private Instant timeWithin(List<TripEvent> piece) {
        // the last watermark of a piece is a millisecond before its last trip
        return Instant.ofEpochMilli(piece.get(random.nextInt(piece.size())).dropoffMillis() - 1);
    }

    /** Builds a variant of the shipped jar in which every class in the state of windows has two more fields. */
    private static Path buildWithMoreFields() throws IOException {
        Path jar = Files.copy(
                Installation.ofThisClass().processorJar(), folder.resolve("later-build.jar"), REPLACE_EXISTING);
        try (FileSystem files = FileSystems.newFileSystem(jar)) {
            for (String name : List.of("CellAccumulator", "TripIdSet")) {
                Path file = files.getPath("io/taxistream/processor/trips/" + name + ".class");
                Files.write(file, withMoreFields(Files.readAllBytes(file)));
            }
        }
        return jar;
    }

    private static byte[] withMoreFields(byte[] classFile) {
        ClassReader reader = new ClassReader(classFile);
        ClassWriter writer = new ClassWriter(reader, 0);
        reader.accept(
                new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public void visitEnd() {
                        visitField(Opcodes.ACC_PUBLIC, "gainedNumber", "J", null, null);
                        visitField(Opcodes.ACC_PUBLIC, "gainedText", "Ljava/lang/String;", null, null);
                        super.visitEnd();
                    }
                },
                0);
        return writer.toByteArray();
    }
}
