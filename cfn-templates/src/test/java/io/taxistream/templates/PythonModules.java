package io.taxistream.templates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * Runs files of Python tests, each as a JUnit test.
 *
 * <p>If Python or one of its packages is missing, the tests that need it are skipped with a message that says how to
 * install it.
 */
final class PythonModules {

    private static final Path FOLDER = Path.of("src", "test", "python").toAbsolutePath();
    private static final String INSTALL =
            "Python 3.11 or newer is needed for the tests of the templates: install it with your system's packages, then run"
                    + " python3 -m pip install -r cfn-templates/requirements.txt";
    private static final Pattern SKIPPED = Pattern.compile("skipped [\"'](.+)[\"']$", Pattern.MULTILINE);

    private final Path output;
    private final Duration timeout;

    /**
     * @param output an existing folder for the output of the tests
     * @param timeout longest run time of a file
     */
    PythonModules(Path output, Duration timeout) {
        this.output = output;
        this.timeout = timeout;
    }

    /** Returns a test for each file whose name matches; at least one must match. */
    Stream<DynamicTest> matching(String glob) throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(FOLDER, glob)) {
            files.forEach(file -> {
                String module = file.getFileName().toString().replace(".py", "");
                tests.add(DynamicTest.dynamicTest(module, () -> run(module)));
            });
        }
        assertThat(tests).as("%s in %s", glob, FOLDER).isNotEmpty();
        return tests.stream();
    }

    private void run(String module) throws InterruptedException {
        if (python("-c", "import sys; sys.exit(sys.version_info < (3, 11))").exitCode() != 0) {
            abort(INSTALL);
        }
        Result result = python("-m", "unittest", "--verbose", module);
        assertThat(result.exitCode()).as(result.output()).isZero();
        List<String> skipped = SKIPPED.matcher(result.output())
                .results()
                .map(found -> found.group(1))
                .distinct()
                .toList();
        if (!skipped.isEmpty()) {
            abort("some tests of " + module + ": " + String.join("; ", skipped));
        }
    }

    private Result python(String... arguments) throws InterruptedException {
        List<String> command = new ArrayList<>(List.of("python3"));
        command.addAll(List.of(arguments));
        Path log = output.resolve("python.log");
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(FOLDER.toFile()).redirectErrorStream(true);
        builder.redirectOutput(log.toFile());
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        builder.environment().put("PYTHONIOENCODING", "utf-8");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            // the program does not exist, which is what the caller wants to know
            return new Result(127, e.getMessage());
        }
        try {
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                return new Result(
                        -1,
                        "no end after " + timeout.toMinutes() + " minutes: "
                                + Files.readString(log, StandardCharsets.UTF_8));
            }
            return new Result(process.exitValue(), Files.readString(log, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            // children first: they can no longer be found once their parent has exited
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroyForcibly();
        }
    }

    private record Result(int exitCode, String output) {}
}
