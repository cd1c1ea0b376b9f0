package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the pipeline as users do, with more trips than fit into the heap of any of its processes. */
class WeekIT {

    /** Fewer than the yellow taxi trips in New York in a week, but more than fit into a heap. */
    private static final int TRIPS = 2_000_000;

    private static final Path LAUNCHER = Path.of("..", "target", "local-pipeline-1.0.jar");

    @TempDir
    private Path folder;

    @Test
    void weekNeedsNoMoreMemoryThanADay() throws IOException, InterruptedException {
        Path data = folder.resolve("week.csv");
        TripFile.write(data, TRIPS, Duration.ofDays(7), 1);
        Path export = folder.resolve("export");
        Path log = folder.resolve("launcher.log");

        Process launcher = launch(data, export, log);

        try {
            assertThat(launcher.waitFor(5, TimeUnit.MINUTES))
                    .as("ended in time")
                    .isTrue();
        } finally {
            launcher.destroy();
        }
        assertThat(launcher.exitValue()).as(() -> read(log)).isZero();
        assertThat(read(log)).contains("2,000,000 sent, 2,000,000 read");
        Documents.assertEqual(export, TripFile.batch(data));
    }

    /** Starts the script with a quarter of its default heap, in which per-trip state would not fit. */
    private static Process launch(Path data, Path export, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseParallelGC",
                "-XX:MaxDirectMemorySize=256m",
                "-jar",
                LAUNCHER.toString(),
                "--data",
                data.toString(),
                "--speedup",
                "0",
                "--once",
                "--no-browser",
                "--port",
                "0",
                "--export",
                export.toString());
        // the other tests use only the first-tier compiler, which would be too slow for this many trips
        builder.environment().remove("JDK_JAVA_OPTIONS");
        return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new AssertionError("the log of the launcher cannot be read", e);
        }
    }
}
