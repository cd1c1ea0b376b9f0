package io.taxistream.templates;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Python tests that need the jars of the other modules, or build them. */
final class PythonIT {

    @TempDir
    private Path output;

    @TestFactory
    Stream<DynamicTest> dashboardsWorkAgainstARealEngine() throws IOException {
        return new PythonModules(output, Duration.ofMinutes(5)).matching("it_*.py");
    }

    @TestFactory
    @Tag("full")
    Stream<DynamicTest> wholeBuild() throws IOException {
        return new PythonModules(output, Duration.ofMinutes(30)).matching("full_*.py");
    }
}
