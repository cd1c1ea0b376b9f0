package io.taxistream.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@code run-local.sh} in a checkout whose build and Java are stand-ins. */
class RunLocalBuildTest {

    private static final String[] JARS = {
        "flink-taxi-stream-processor/target/flink-taxi-stream-processor-1.0.jar",
        "kinesis-taxi-stream-producer/target/kinesis-taxi-stream-producer-1.0.jar",
        "local-pipeline/opensearch/target/local-opensearch-1.0.jar",
        "local-pipeline/target/local-pipeline-1.0.jar"
    };

    private static final String ARCHIVING =
            "Archiving classes for faster starts; this takes half a minute after a build";

    @TempDir
    private Path folder;

    private Path checkout;

    @BeforeEach
    void createCheckout() throws IOException {
        checkout = Files.createDirectory(folder.resolve("checkout"));
        Files.createDirectories(checkout.resolve("libraries/a"));
        Files.copy(Path.of("..", "run-local.sh"), checkout.resolve("run-local.sh"));
        executable(
                folder.resolve("jdk/bin/java"),
                "case $1 in -XshowSettings*) echo '    java.specification.version = 17' >&2 ;; *) echo started \"$@\" ;; esac");
        executable(folder.resolve("jdk/bin/javac"), "");
    }

    @Test
    void buildShowsTheShareDoneAtEachModule() throws Exception {
        build(0, """
                [INFO] Scanning for projects...
                Downloaded from central: https://repository.example/a.pom (1 kB at 2 kB/s)
                [INFO] Building Taxi stream 1.0                                    [1/3]
                [INFO]   from pom.xml
                [INFO] Building Taxi stream: a name that leaves one space 1.0 [2/3]
                [WARNING] a warning
                  of two lines
                [INFO] Building Taxi stream: local pipeline 1.0                    [3/3]
                [INFO] BUILD SUCCESS
                """);

        Result result = run("--once");

        assertThat(result.err()).isEmpty();
        assertThat(result.out().lines())
                .startsWith(
                        "Building the jars; the first build downloads dependencies and takes a few minutes",
                        "  0%  Taxi stream",
                        " 33%  Taxi stream: a name that leaves one space",
                        " 66%  Taxi stream: local pipeline",
                        ARCHIVING)
                .hasSize(6);
        assertThat(result.out().lines().skip(5))
                .allMatch(line -> line.startsWith("started") && line.endsWith("--once"));
        assertThat(result.code()).isZero();
    }

    @Test
    void failedBuildPrintsTheErrors() throws Exception {
        build(1, """
                [INFO] Building Taxi stream 1.0                                    [1/1]
                [ERROR] A.java:[3,4] cannot find symbol
                  symbol: class B
                [INFO] BUILD FAILURE
                """);

        Result result = run();

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).isEqualTo("""
                        [ERROR] A.java:[3,4] cannot find symbol
                          symbol: class B
                        The build failed; see the output above
                        """);
        assertThat(result.out()).doesNotContain("started");
    }

    @Test
    void errorOfTheMavenWrapperIsPrinted() throws Exception {
        build(1, "wget: failed to fetch Maven\n");

        Result result = run();

        assertThat(result.err()).startsWith("wget: failed to fetch Maven\n");
    }

    @Test
    void nothingIsBuiltAgainUnlessASourceIsNewer() throws Exception {
        build(0, "");
        run();
        build(1, "[ERROR] built again\n");

        assertThat(run().out()).startsWith("started");

        Files.createDirectories(checkout.resolve("libraries/a/src/main"));
        Path source = Files.createFile(checkout.resolve("libraries/a/src/main/A.java"));
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));

        assertThat(run().err()).startsWith("[ERROR] built again");
    }

    @Test
    void classesAreArchivedOncePerBuildAndUsedFromThenOn() throws Exception {
        build(0, "");
        java("""
                case "$*" in
                -XshowSettings*) echo '    java.specification.version = 17' >&2 ;;
                *-XX:ArchiveClassesAtExit=*-Dtaxistream.archive=true*--data*--once*)
                    for jar in kinesis-taxi-stream-producer/target/kinesis-taxi-stream-producer-1.0 \\
                        local-pipeline/opensearch/target/local-opensearch-1.0 local-pipeline/target/local-pipeline-1.0; do
                        echo classes >$jar.jsa.new
                    done ;;
                *) echo started "$@" ;;
                esac""");
        String option = "-XX:SharedArchiveFile=" + checkout + "/local-pipeline/target/local-pipeline-1.0.jsa";

        assertThat(run("--help").out()).doesNotContain(ARCHIVING, option);
        assertThat(run("--once").out()).contains(ARCHIVING, option, "--once");
        assertThat(run("--once").out()).doesNotContain(ARCHIVING).contains(option);
        for (String jar : List.of(JARS[1], JARS[2], JARS[3])) {
            assertThat(checkout.resolve(jar.replace(".jar", ".jsa"))).exists();
            assertThat(checkout.resolve(jar.replace(".jar", ".jsa.new"))).doesNotExist();
        }

        Files.setLastModifiedTime(
                checkout.resolve(JARS[1]), FileTime.from(Instant.now().plusSeconds(60)));
        java("""
                case "$*" in
                -XshowSettings*) echo '    java.specification.version = 17' >&2 ;;
                *-XX:ArchiveClassesAtExit=*) echo classes >local-pipeline/target/local-pipeline-1.0.jsa.new; exit 1 ;;
                *) echo started "$@" ;;
                esac""");

        Result failed = run("--once");

        assertThat(failed.code()).isZero();
        assertThat(failed.out()).contains(ARCHIVING, "started").doesNotContain("-XX:SharedArchiveFile");
        assertThat(checkout.resolve("local-pipeline/target/local-pipeline-1.0.jsa.new"))
                .doesNotExist();
    }

    private void java(String script) throws IOException {
        executable(folder.resolve("jdk/bin/java"), "cd '" + checkout + "'\n" + script);
    }

    /** Replaces Maven by a script that prints the text, and creates the jars if the build is to succeed. */
    private void build(int code, String output) throws IOException {
        Files.writeString(folder.resolve("maven.out"), output);
        StringBuilder jars =
                new StringBuilder("mkdir -p local-pipeline/target/lib local-pipeline/opensearch/target/lib\n");
        for (String jar : JARS) {
            jars.append("mkdir -p ")
                    .append(Path.of(jar).getParent())
                    .append("; touch ")
                    .append(jar)
                    .append('\n');
        }
        executable(
                checkout.resolve("mvnw"),
                "cat '" + folder.resolve("maven.out") + "'\n" + (code == 0 ? jars : "exit 1"));
    }

    private static void executable(Path file, String script) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    private record Result(int code, String out, String err) {}

    private Result run(String... args) throws IOException, InterruptedException {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder script =
                new ProcessBuilder(checkout.resolve("run-local.sh").toString());
        script.command().addAll(List.of(args));
        script.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
        Process process =
                script.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Result(process.exitValue(), Files.readString(out, UTF_8), Files.readString(err, UTF_8));
    }
}
