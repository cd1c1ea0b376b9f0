package io.taxistream.clusters;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.local.services.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Builds the sample project with a Maven that sees the libraries as they are published, and nothing else of this build. */
class SensorReadingsIT {

    private static final Path SAMPLE = BuildOutput.ROOT.resolve("examples/sensor-readings");
    private static final Path GROUP = Path.of("io", "taxistream");
    private static final List<String> LIBRARIES = List.of(
            "event-time-core",
            "aws-credentials",
            "event-time-sender",
            "event-time-source",
            "search-sink",
            "embedded-kinesis");

    @Test
    void sampleBuildsAgainstTheLibrariesAndCountsEveryReading() throws Exception {
        Path folder = BuildOutput.emptyFolder("sensor-readings");
        Path repository = repositoryWithLibraries(folder.resolve("repository"));
        Path project = folder.resolve("project");
        copySample(project);

        List<String> output = new CopyOnWriteArrayList<>();
        try (SearchEngine search = new SearchEngine()) {
            int exitCode = maven(project, repository, search, output);

            assertThat(exitCode).as(() -> String.join("\n", output)).isZero();
            assertThat(search.documents("readings")).isEqualTo(sixtyReadingsASensorAndMinute());
            assertThat(output.stream().filter(line -> line.contains("\"readings\":60}")))
                    .hasSize(180);
        }
    }

    @Test
    void sampleHasAtMost150Lines() throws IOException {
        int lines = 0;
        for (Path file : files(SAMPLE.resolve("src"))) {
            if (file.toString().endsWith(".java")) {
                lines += Files.readAllLines(file).size();
            }
        }

        assertThat(lines).isBetween(1, 149);
    }

    private static SortedMap<String, Map<String, Object>> sixtyReadingsASensorAndMinute() {
        SortedMap<String, Map<String, Object>> documents = new TreeMap<>();
        for (String sensor : List.of("attic", "cellar", "kitchen")) {
            for (int minute = 0; minute < 60; minute++) {
                String start = Instant.parse("2016-01-01T00:00:00Z")
                        .plusSeconds(60L * minute)
                        .toString();
                documents.put(sensor + "-" + start, Map.of("sensor", sensor, "start", start, "readings", 60L));
            }
        }
        return documents;
    }

    private static int maven(Path project, Path repository, SearchEngine search, List<String> output) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("maven.home"), "bin", "mvn").toString(), "-B", "-q"));
        if (System.getProperty("maven.offline").equals("offline: true")) {
            command.add("-o");
        }
        command.addAll(List.of(
                "-f",
                project.resolve("pom.xml").toString(),
                "-Dmaven.repo.local=" + repository,
                "-Dsearch=" + search.address(),
                "compile",
                "exec:exec"));
        Path scratch = Files.createDirectory(project.resolveSibling("scratch"));
        Map<String, String> environment = Map.of("JAVA_HOME", BuildOutput.JAVA_HOME.toString());
        try (ChildProcess process = ChildProcess.start("sample", command, environment, scratch, output::add)) {
            return process.exitCode().get(3, TimeUnit.MINUTES);
        }
    }

    /**
     * Creates a local repository with the libraries as installed from this build; third-party artifacts come from the
     * repository of the build.
     */
    private static Path repositoryWithLibraries(Path repository) throws IOException {
        Path ofBuild = Path.of(System.getProperty("maven.localRepository"));
        linkAll(ofBuild, repository, GROUP.getName(0));
        linkAll(
                ofBuild.resolve(GROUP.getName(0)),
                repository.resolve(GROUP.getName(0)),
                GROUP.getName(1).toString());
        install(repository, "taxi-stream-parent", "pom", BuildOutput.ROOT.resolve("pom.xml"));
        Path libraries = BuildOutput.ROOT.resolve("libraries");
        install(repository, "taxi-stream-libraries", "pom", libraries.resolve("pom.xml"));
        for (String library : LIBRARIES) {
            Path folder = libraries.resolve(library);
            install(repository, library, "pom", folder.resolve("pom.xml"));
            install(repository, library, "jar", folder.resolve("target/" + library + "-1.0.jar"));
        }
        return repository;
    }

    private static void linkAll(Path from, Path to, Object except) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> entries = Files.list(from)) {
            for (Path entry : entries.toList()) {
                if (!entry.getFileName().toString().equals(except.toString())) {
                    Files.createSymbolicLink(to.resolve(entry.getFileName()), entry);
                }
            }
        }
    }

    private static void install(Path repository, String artifact, String extension, Path file) throws IOException {
        Path folder = repository.resolve(GROUP).resolve(artifact).resolve("1.0");
        Files.createDirectories(folder);
        Files.copy(file, folder.resolve(artifact + "-1.0." + extension));
    }

    private static void copySample(Path to) throws IOException {
        for (Path file : files(SAMPLE)) {
            Path copy = to.resolve(SAMPLE.relativize(file));
            if (!file.startsWith(SAMPLE.resolve("target"))) {
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }
}
