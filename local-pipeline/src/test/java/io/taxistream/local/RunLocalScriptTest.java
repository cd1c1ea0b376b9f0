package io.taxistream.local;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The script {@code run-local.sh}, with stand-ins for Java and Maven. */
class RunLocalScriptTest {

    private static final String[] JARS = {
        "flink-taxi-stream-processor/target/flink-taxi-stream-processor-1.0.jar",
        "kinesis-taxi-stream-producer/target/kinesis-taxi-stream-producer-1.0.jar",
        "local-pipeline/opensearch/target/local-opensearch-1.0.jar",
        "local-pipeline/target/local-pipeline-1.0.jar"
    };

    /** Prints its locale and its arguments, or the version. */
    private static final String JAVA = """
            #!/bin/sh
            case "$*" in
            *-XshowSettings*) echo "    java.specification.version = $STAND_IN_VERSION" >&2 ;;
            *) echo "locale=$LC_ALL"; for argument in "$@"; do echo "argument=$argument"; done ;;
            esac
            """;

    /** Runs the script of a checkout that it cannot write to. Root can write everywhere, unless it has no capabilities. */
    private static final String RUN_READ_ONLY = """
            checkout=$1
            shift
            trap 'chmod -R u+w "$checkout"' EXIT
            chmod -R a-w "$checkout"
            case $(id -u) in
            0) setpriv --bounding-set=-all -- sh "$checkout/run-local.sh" "$@" ;;
            *) sh "$checkout/run-local.sh" "$@" ;;
            esac
            """;

    /** Renames a checkout, and runs its script. The shell writes the name, which a JVM in the C locale cannot. */
    private static final String RUN_RENAMED = """
            renamed=$2/$(printf '\\303\\274 \\303\\244$x')
            mv "$1" "$renamed"
            sh "$renamed/run-local.sh"
            """;

    @TempDir
    private Path folder;

    private Path checkout;

    @BeforeEach
    void checkOut() throws IOException {
        checkout = Files.createDirectory(folder.resolve("a check$out 'of' mine"));
        Files.copy(Path.of("..", "run-local.sh"), checkout.resolve("run-local.sh"));
        Path bin = Files.createDirectories(folder.resolve("jdk/bin"));
        executable(bin.resolve("java"), JAVA);
        executable(bin.resolve("javac"), "#!/bin/sh\n");
    }

    @Test
    void endingTheScriptEndsTheBuild() throws Exception {
        executable(checkout.resolve("mvnw"), """
                #!/bin/sh
                echo $$ >pid.incomplete && mv pid.incomplete pid
                exec sleep 300
                """);
        Process script = start(Map.of("STAND_IN_VERSION", "17"));
        Path pid = checkout.resolve("pid");
        await().atMost(30, SECONDS).until(() -> Files.exists(pid));
        ProcessHandle build =
                ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
        try {
            script.destroy();

            assertThat(script.waitFor(30, SECONDS)).isTrue();
            assertThat(script.exitValue()).isEqualTo(130);
            await().atMost(30, SECONDS).until(() -> !build.isAlive());
        } finally {
            build.destroyForcibly();
            script.destroyForcibly();
        }
    }

    @Test
    void endingTheScriptEndsTheRunThatArchivesClasses() throws Exception {
        buildJars();
        executable(folder.resolve("jdk/bin/java"), """
                #!/bin/sh
                case "$*" in
                *-XshowSettings*) echo "    java.specification.version = 17" >&2 ;;
                *) echo $$ >"$PID.incomplete" && mv "$PID.incomplete" "$PID" && exec sleep 300 ;;
                esac
                """);
        Path pid = folder.resolve("pid");
        Process script = start(Map.of("PID", pid.toString()));
        await().atMost(30, SECONDS).until(() -> Files.exists(pid));
        ProcessHandle run =
                ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
        try {
            script.destroy();

            assertThat(script.waitFor(30, SECONDS)).isTrue();
            assertThat(script.exitValue()).isEqualTo(130);
            await().atMost(30, SECONDS).until(() -> !run.isAlive());
            assertThat(checkout.resolve("local-pipeline/target/archived-classes"))
                    .as("is tried again")
                    .doesNotExist();
        } finally {
            run.destroyForcibly();
            script.destroyForcibly();
        }
    }

    @Test
    void failedBuildIsReported() throws Exception {
        executable(checkout.resolve("mvnw"), "#!/bin/sh\nexit 1\n");

        assertThat(run(1, Map.of("STAND_IN_VERSION", "17"))).contains("The build failed; see the output above");
    }

    @ParameterizedTest
    @CsvSource({"17, false", "21, false", "23, true", "25, true"})
    void warningsOfNewerJdksAreSuppressedInTheBuild(String version, boolean suppressed) throws Exception {
        executable(checkout.resolve("mvnw"), "#!/bin/sh\necho \"$MAVEN_OPTS\"\nexit 1\n");

        String output = run(1, Map.of("STAND_IN_VERSION", version, "MAVEN_OPTS", "-Xmx1g"));

        assertThat(output.contains("-Xmx1g --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED\n"))
                .isEqualTo(suppressed);
        assertThat(output).contains("-Xmx1g");
    }

    @ParameterizedTest
    @CsvSource({"17, false", "21, false", "23, true", "25, true"})
    void warningsOfNewerJdksAreSuppressed(String version, boolean suppressed) throws Exception {
        buildJars();

        String output = run(0, Map.of("STAND_IN_VERSION", version));

        assertThat(output.lines().toList())
                .contains("argument=" + checkout + "/local-pipeline/target/local-pipeline-1.0.jar");
        Predicate<String> flag = line -> line.startsWith("argument=--sun-misc-unsafe-memory-access")
                || line.startsWith("argument=--enable-native-access");
        assertThat(output.lines().filter(flag)).hasSize(suppressed ? 2 : 0);
    }

    @Test
    void optionsArePassedAsTheyAre() throws Exception {
        buildJars();

        assertThat(run(0, Map.of("STAND_IN_VERSION", "17"), "--data", "my trips/$HOME *.csv")
                        .lines()
                        .toList())
                .containsSequence("argument=--data", "argument=my trips/$HOME *.csv");
    }

    @Test
    void localeWithoutACharsetBecomesUtf8() throws Exception {
        buildJars();

        assertThat(run(0, Map.of("STAND_IN_VERSION", "17", "LC_ALL", "C"))).contains("locale=C.UTF-8\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "C.UTF-8"})
    void checkoutMayHaveANonAsciiName(String locale) throws Exception {
        buildJars();

        String output = runShell(
                0,
                Map.of("STAND_IN_VERSION", "17", "LC_ALL", locale),
                RUN_RENAMED,
                checkout.toString(),
                folder.toString());

        assertThat(output.lines().toList())
                .contains("argument=" + folder + "/\u00fc \u00e4$x/local-pipeline/target/local-pipeline-1.0.jar");
    }

    @Test
    void builtCheckoutNeedNotBeWritable() throws Exception {
        buildJars();

        String output = runShell(0, Map.of("STAND_IN_VERSION", "17"), RUN_READ_ONLY, checkout.toString(), "--once");

        assertThat(output.lines().toList())
                .contains("argument=" + checkout + "/local-pipeline/target/local-pipeline-1.0.jar", "argument=--once");
    }

    @Test
    void checkoutThatCannotBeBuiltIsReportedWithARemedy() throws Exception {
        executable(checkout.resolve("mvnw"), "#!/bin/sh\necho the build has started\n");

        assertThat(runShell(1, Map.of("STAND_IN_VERSION", "17"), RUN_READ_ONLY, checkout.toString()))
                .isEqualTo("The project must be built, but " + checkout + " is not writable. Build it as a user with"
                        + " write access: ./mvnw -q -DskipTests package\n");
    }

    @Test
    void missingTemporaryFolderIsReportedWithARemedy() throws Exception {
        buildJars();

        assertThat(run(1, Map.of("STAND_IN_VERSION", "17", "TMPDIR", "/no/such/folder")))
                .isEqualTo("The temporary folder /no/such/folder does not exist or is not writable. Select another one"
                        + " with TMPDIR=FOLDER\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil", "1x", "m", "-5m", "1 g"})
    void invalidHeapSizeIsReportedWithARemedy(String heap) throws Exception {
        buildJars();

        assertThat(run(1, Map.of("STAND_IN_VERSION", "17", "TAXI_STREAM_HEAP", heap)))
                .isEqualTo(
                        "TAXI_STREAM_HEAP is '" + heap + "', which is not a size. Set it to one such as 1000m or 2g\n");
    }

    @Test
    void oldJavaIsReportedWithARemedy() throws Exception {
        assertThat(run(1, Map.of("STAND_IN_VERSION", "1.8")))
                .startsWith("The Java version in JAVA_HOME (" + folder.resolve("jdk") + ") is 1.8. A JDK 17 or newer is"
                        + " required")
                .hasLineCount(1);
    }

    private void buildJars() throws IOException {
        for (String jar : JARS) {
            Path file = checkout.resolve(jar);
            Files.createDirectories(file.getParent().resolve("lib"));
            Files.createFile(file);
        }
    }

    /** Runs the script and returns what it prints. */
    private String run(int exitCode, Map<String, String> environment, String... options) throws Exception {
        return output(exitCode, start(environment, options));
    }

    /** Runs shell commands and returns what they print. */
    private String runShell(int exitCode, Map<String, String> environment, String commands, String... arguments)
            throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", "-euc", commands, "sh"));
        command.addAll(List.of(arguments));
        return output(exitCode, start(environment, command));
    }

    private static String output(int exitCode, Process process) throws Exception {
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(30, SECONDS)).isTrue();
            assertThat(process.exitValue()).as(output).isEqualTo(exitCode);
            return output;
        } finally {
            process.destroyForcibly();
        }
    }

    private Process start(Map<String, String> environment, String... options) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("sh", checkout.resolve("run-local.sh").toString()));
        command.addAll(List.of(options));
        return start(environment, command);
    }

    private Process start(Map<String, String> environment, List<String> command) throws IOException {
        ProcessBuilder process = new ProcessBuilder(command);
        process.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
        process.environment().putAll(environment);
        return process.redirectErrorStream(true).start();
    }

    private static void executable(Path file, String script) throws IOException {
        Files.writeString(file, script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
