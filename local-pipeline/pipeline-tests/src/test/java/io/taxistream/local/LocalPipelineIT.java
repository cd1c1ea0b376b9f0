package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.local.data.GeneratedDay;
import io.taxistream.local.launcher.LocalOptions;
import io.taxistream.local.launcher.PipelineRun;
import io.taxistream.local.launcher.RunExtension;
import io.taxistream.local.launcher.RunSettings;
import io.taxistream.local.launcher.RunningPipeline;
import io.taxistream.local.services.Installation;
import io.taxistream.local.services.LocalPipelineException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the launcher with real services and stand-ins for the two shipped jars. */
class LocalPipelineIT {

    @TempDir
    private static Path folder;

    private static Installation installation;
    private static Path data;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeAll
    static void install() throws IOException {
        installation = new Installation(folder.resolve("installation"));
        place(TestJars.of(StandInProcessor.class, folder), installation.processorJar());
        place(TestJars.of(StandInProducer.class, folder), installation.producerJar());
        Path search = installation.searchJar().getParent();
        Files.createDirectories(search.getParent());
        Files.createSymbolicLink(search, Installation.ofThisClass().searchJar().getParent());
        data = Files.writeString(folder.resolve("trips.csv"), GeneratedDay.HEADER + "\n");
    }

    @Test
    void replaysOnceExportsAndLeavesNothingRunning() throws IOException {
        Path export = folder.resolve("export");
        Set<String> workFoldersBefore = workFolders();

        int code = run(
                "--data", data.toString(), "--once", "--port", "0", "--export", export.toString(), "--producers", "3");

        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(code).isZero();
        assertThat(export.resolve("pickup-count.ndjson"))
                .content()
                .isEqualTo("{\"_id\":\"" + StandInProcessor.ID + "\",\"_source\":" + StandInProcessor.SOURCE + "}\n");
        assertThat(export.resolve("trip-duration.ndjson")).isEmptyFile();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("Status page at http://127.0.0.1:")
                .contains("with 3 producers")
                .contains("  trips       21 sent")
                .contains("Replayed " + data)
                .contains("1 pick-up counts, 0 trip durations")
                .contains(export.resolve("pickup-count.ndjson").toString());
        assertThat(ProcessHandle.current().descendants()).isEmpty();
        assertThat(workFolders()).isEqualTo(workFoldersBefore);
    }

    @Test
    void failedProducerIsReportedInOneLine() {
        int code = run(
                "--data",
                data.toString(),
                "--once",
                "--port",
                "0",
                "--producers",
                "2",
                "--speedup",
                StandInProducer.FAILING_SPEEDUP);

        assertThat(code).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .hasLineCount(1)
                .startsWith("producer 2/2 exited with code 1: the stream takes nothing");
        assertThat(ProcessHandle.current().descendants()).isEmpty();
    }

    @Test
    void taskErrorEndsTheRunWithOneLine() throws IOException {
        Set<String> workFoldersBefore = workFolders();

        int code = run(
                "--data",
                data.toString(),
                "--once",
                "--port",
                "0",
                "--parallelism",
                Integer.toString(StandInProcessor.FAILING_PARALLELISM));

        assertThat(code).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .hasLineCount(1)
                .startsWith("out of memory: enlarge the launcher");
        assertThat(ProcessHandle.current().descendants()).isEmpty();
        assertThat(workFolders()).isEqualTo(workFoldersBefore);
    }

    @Test
    void threadErrorEndsTheRunWithOneLine() throws Exception {
        Set<String> workFoldersBefore = workFolders();
        RunExtension failing = new RunExtension() {
            @Override
            public void replayStarted(RunningPipeline pipeline) {
                new Thread(() -> {
                            throw new OutOfMemoryError("unable to create native thread");
                        })
                        .start();
            }
        };
        LocalOptions options = LocalOptions.parse("--data", data.toString(), "--port", "0", "--no-browser")
                .orElseThrow();
        PipelineRun run = new PipelineRun(installation, options, RunSettings.DEFAULT, failing, print(out), line -> {});

        assertThatThrownBy(run::run)
                .isInstanceOf(LocalPipelineException.class)
                .hasMessageStartingWith("no more threads can be started");
        assertThat(ProcessHandle.current().descendants()).isEmpty();
        assertThat(workFolders()).isEqualTo(workFoldersBefore);
    }

    @Test
    void portInUseIsReportedInOneLine() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int code = run("--data", data.toString(), "--once", "--port", Integer.toString(taken.getLocalPort()));

            assertThat(code).isEqualTo(1);
            assertThat(err.toString(StandardCharsets.UTF_8))
                    .hasLineCount(1)
                    .startsWith("--port " + taken.getLocalPort());
        }
    }

    @Test
    void invalidOptionIsReportedInOneLine() {
        assertThat(run("--shards", "0")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).hasLineCount(1).startsWith("--shards");
    }

    @Test
    void unwritableExportFolderFailsBeforeTheReplay() {
        Path export = data.resolve("below-a-file");

        assertThat(run("--data", data.toString(), "--once", "--export", export.toString()))
                .isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).hasLineCount(1).startsWith("--export is '" + export + "'");
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void unwritableLogFolderFailsBeforeTheStart() throws IOException {
        Installation withoutLogs = installation.withLogFolder(Files.createFile(folder.resolve("no-folder")));

        int code = LocalPipeline.run(withoutLogs, print(out), print(err), "--once", "--data", data.toString());

        assertThat(code).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .hasLineCount(1)
                .contains("logs cannot be written to " + withoutLogs.logFolder(), "TAXI_STREAM_LOGS");
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void missingJarIsNamed() {
        var empty = new Installation(folder.resolve("empty"));

        int code = LocalPipeline.run(empty, print(out), print(err), "--once");

        assertThat(code).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .hasLineCount(1)
                .contains("flink-taxi-stream-processor-1.0.jar is missing");
    }

    private int run(String... args) {
        return LocalPipeline.run(installation, print(out), print(err), args);
    }

    private static PrintStream print(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static void place(Path jar, Path place) throws IOException {
        Files.createDirectories(place.getParent());
        Files.move(jar, place);
    }

    /** Returns the temporary folders of this process; the tests of another process may have some as well. */
    private static Set<String> workFolders() throws IOException {
        try (Stream<Path> temporary = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return temporary
                    .filter(path -> path.getFileName().toString().startsWith("taxi-stream-"))
                    .filter(LocalPipelineIT::isOfThisProcess)
                    .map(path -> path.getFileName().toString())
                    .collect(Collectors.toSet());
        }
    }

    private static boolean isOfThisProcess(Path workFolder) {
        try {
            return Files.readString(workFolder.resolve("launcher.pid"))
                    .strip()
                    .equals(Long.toString(ProcessHandle.current().pid()));
        } catch (IOException e) {
            return false; // of another process, which is creating or deleting it
        }
    }
}
