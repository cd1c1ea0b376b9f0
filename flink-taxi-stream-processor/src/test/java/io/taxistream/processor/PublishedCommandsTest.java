package io.taxistream.processor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.apache.flink.client.cli.CliFrontendParser;
import org.apache.flink.client.cli.GenericCLI;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Tests that the command lines in the project's templates and pages are accepted. */
class PublishedCommandsTest {

    private static final String JAR = "flink-taxi-stream-processor-1.0.jar";

    /** From {@code flink run} to the end of the job's options, as a command or as a JSON list of words. */
    private static final Pattern COMMAND = Pattern.compile("flink\"?,?\\s+\"?run\"?,?\\s+([^|`#]*?\\S*"
            + Pattern.quote(JAR) + "\"?,?(?:\\s+\"?-{1,2}[a-z-]+\"?,?\\s+\"?[^\\s\"]+\"?,?)*)");

    @TestFactory
    Stream<DynamicTest> templateSubmitsTheJobWithAValidCommand() throws IOException {
        return understood(Path.of("..", "cfn-templates", "flink-refarch-infrastructure.yml"), 2);
    }

    @TestFactory
    Stream<DynamicTest> readmeSubmitsTheJobWithAValidCommand() throws IOException {
        return understood(Path.of("..", "README.md"), 1);
    }

    @TestFactory
    Stream<DynamicTest> operationsPageSubmitsTheJobWithAValidCommand() throws IOException {
        return understood(Path.of("..", "docs", "aws-operations.md"), 2);
    }

    private static Stream<DynamicTest> understood(Path file, int atLeast) throws IOException {
        List<String> commands = COMMAND.matcher(Files.readString(file))
                .results()
                .map(found -> found.group(1)
                        .replaceAll("\\$\\{[^}]*}", "x")
                        .replaceAll("[\",\\]]", "")
                        .replaceAll("\\s+", " ")
                        .strip())
                .filter(command -> command.contains(JAR + " --"))
                .toList();
        assertThat(commands).as("commands in %s", file).hasSizeGreaterThanOrEqualTo(atLeast);
        return commands.stream().map(command -> DynamicTest.dynamicTest(command, () -> understand(command.split(" "))));
    }

    private static void understand(String[] words) throws Exception {
        Options options = CliFrontendParser.getRunCommandOptions();
        // -t and -D, which select the deployment target
        new GenericCLI(new Configuration(), "conf").addGeneralOptions(options);
        CommandLine flink = CliFrontendParser.parse(options, words, true);

        List<String> rest = flink.getArgList();
        assertThat(rest.get(0)).endsWith(JAR);
        assertThat(ProcessorCommand.parse(rest.subList(1, rest.size()).toArray(String[]::new)))
                .isPresent();
    }
}
