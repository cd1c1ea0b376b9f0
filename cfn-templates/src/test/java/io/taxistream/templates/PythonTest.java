package io.taxistream.templates;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Tests of templates, dashboards and scripts, alone and against a mock of AWS. */
final class PythonTest {

    @TempDir
    private Path output;

    @TestFactory
    Stream<DynamicTest> templatesDashboardsAndScripts() throws IOException {
        return new PythonModules(output, Duration.ofMinutes(5)).matching("test_*.py");
    }
}
