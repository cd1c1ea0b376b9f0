package io.taxistream.processor;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/** Tests that the role of the EMR nodes allows exactly the calls that the job makes. */
class EmrRoleTest {

    private static final Path TEMPLATE = Path.of("..", "cfn-templates", "flink-refarch-infrastructure.yml");
    private static final Pattern STATEMENT =
            Pattern.compile("Sid: (ReadStream|RegisterConsumer|ReadAsConsumer)\n.*?Resource:", Pattern.DOTALL);

    /** Called only by jobs that enable it, which this one does not. */
    private static final String DEREGISTER = "deregisterStreamConsumer";

    @Test
    void roleAllowsTheCallsOfTheSource() throws IOException {
        Stream<String> called = new ClassFileImporter()
                .withImportOption(new DoNotIncludeTests()).importPackages("io.taxistream.eventtime.source").stream()
                        .map(JavaClass::getMethodCallsFromSelf)
                        .flatMap(calls -> calls.stream())
                        .filter(EmrRoleTest::isRequest)
                        .map(call -> "kinesis:" + capitalized(call.getName()))
                        .distinct();

        assertThat(actions()).containsExactlyInAnyOrderElementsOf(called.toList());
    }

    private static boolean isRequest(JavaMethodCall call) {
        return (call.getTargetOwner().isEquivalentTo(KinesisClient.class)
                        || call.getTargetOwner().isEquivalentTo(KinesisAsyncClient.class))
                && !Set.of("close", "builder", DEREGISTER).contains(call.getName());
    }

    private static Stream<String> actions() throws IOException {
        String statements = STATEMENT
                .matcher(Files.readString(TEMPLATE))
                .results()
                .map(MatchResult::group)
                .collect(joining());
        return Pattern.compile("kinesis:\\w+").matcher(statements).results().map(MatchResult::group);
    }

    private static String capitalized(String name) {
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }
}
