package io.taxistream.templates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs each file of Python tests as one test.
 *
 * <p>Without Python, or without what it needs, says how to install it and skips what needs it, nothing else.
 */
final class PythonTest {

    private static final Path FOLDER = Path.of("src", "test", "python").toAbsolutePath();
    private static final String INSTALL =
            "Python 3.11 or newer is needed for the tests of the templates: install it with your system's packages, then run"
                    + " python3 -m pip install -r cfn-templates/requirements.txt";
    private static final Pattern SKIPPED = Pattern.compile("skipped [\"'](.+)[\"']$", Pattern.MULTILINE);

    @TempDir
    private Path output;

    @TestFactory
    Stream<DynamicTest> pythonTests() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(FOLDER, "test_*.py")) {
            files.forEach(file -> {
                String module = file.getFileName().toString().replace(".py", "");
                tests.add(DynamicTest.dynamicTest(module, () -> run(module)));
            });
        }
        assertThat(tests).as("test files in %s", FOLDER).isNotEmpty();
        return tests.stream();
    }

    private void run(String module) throws InterruptedException {
        if (python("-c", "import sys; sys.exit(sys.version_info < (3, 11))").exitCode() != 0) {
            System.err.println(INSTALL);
            abort(INSTALL);
        }
        Result result = python("-m", "unittest", "--verbose", module);
        assertThat(result.exitCode()).as(result.output()).isZero();
        Matcher skipped = SKIPPED.matcher(result.output());
        skipped.results()
                .map(found -> module + " skipped: " + found.group(1))
                .distinct()
                .forEach(System.err::println);
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
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            // there is no such program, which is what the caller asks
            return new Result(127, e.getMessage());
        }
        try {
            if (!process.waitFor(5, TimeUnit.MINUTES)) {
                return new Result(-1, "no end after 5 minutes: " + Files.readString(log, StandardCharsets.UTF_8));
            }
            return new Result(process.exitValue(), Files.readString(log, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            process.destroyForcibly();
        }
    }

    private record Result(int exitCode, String output) {}
}
