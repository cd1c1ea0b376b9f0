package io.taxistream.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Tests that the command lines in the project's templates and pages are accepted. */
class PublishedCommandsTest {

    private static final Pattern COMMAND = Pattern.compile(
            "java -jar kinesis-taxi-stream-producer-1\\.0\\.jar((?: +-[a-zA-Z]\\w*(?: +(?!-)[^\\s|`#&]+)?)+)");

    @TestFactory
    Stream<DynamicTest> templateStartsTheProducerWithAValidCommand() throws IOException {
        return understood(Path.of("..", "cfn-templates", "flink-refarch-infrastructure.yml"));
    }

    @TestFactory
    Stream<DynamicTest> readmeStartsTheProducerWithAValidCommand() throws IOException {
        return understood(Path.of("..", "README.md"));
    }

    @TestFactory
    Stream<DynamicTest> awsPageStartsTheProducerWithAValidCommand() throws IOException {
        return understood(Path.of("..", "docs", "aws.md"));
    }

    @TestFactory
    Stream<DynamicTest> replayPageStartsTheProducerWithAValidCommand() throws IOException {
        return understood(Path.of("..", "docs", "replay.md"));
    }

    private static Stream<DynamicTest> understood(Path file) throws IOException {
        List<String> commands = COMMAND.matcher(Files.readString(file))
                .results()
                .map(found -> found.group(1).replaceAll("\\$\\{[^}]*}", "x").strip())
                .toList();
        assertThat(commands).as("commands in %s", file).isNotEmpty();
        return commands.stream()
                .map(command -> DynamicTest.dynamicTest(
                        command,
                        () -> assertThatCode(() -> CommandLineArguments.parse(command.split(" +")))
                                .doesNotThrowAnyException()));
    }
}
