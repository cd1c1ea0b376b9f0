package io.taxistream.processor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.MetricOptions;
import org.junit.jupiter.api.Test;

/** Tests that the configuration keys in the template exist in this version of Flink, which ignores unknown keys. */
class EmrConfigurationTest {

    private static final Path TEMPLATE = Path.of("..", "cfn-templates", "flink-refarch-infrastructure.yml");
    private static final Pattern FLINK_CONF =
            Pattern.compile("Classification: flink-conf\n +ConfigurationProperties:\n((?: {12}\\S.*\n)+)");

    @Test
    void everyKeyOfTheTemplateIsAFlinkOption() throws IOException {
        String template = Files.readString(TEMPLATE);
        String section = FLINK_CONF
                .matcher(template)
                .results()
                .map(found -> found.group(1))
                .findFirst()
                .orElseThrow();
        Set<String> keys = new HashSet<>();
        Pattern.compile("^ +(\\S+):", Pattern.MULTILINE)
                .matcher(section)
                .results()
                .forEach(found -> keys.add(found.group(1)));
        Pattern.compile("-D ([a-zA-Z.-]+)=").matcher(template).results().forEach(found -> keys.add(found.group(1)));

        assertThat(keys).contains("execution.checkpointing.dir", "high-availability.storageDir");
        // defined in Flink's YARN module, which the job is not compiled against
        keys.remove("yarn.application-attempts");
        // defined in the reporter, which Flink's distribution includes as a plugin
        keys.remove("metrics.reporter.prometheus.port");
        assertThat(keysOfFlink()).containsAll(keys);
    }

    private static Set<String> keysOfFlink() {
        Stream<String> keys = Stream.of(CheckpointingOptions.class, HighAvailabilityOptions.class)
                .flatMap(options -> Arrays.stream(options.getFields()))
                .filter(field -> field.getType() == ConfigOption.class)
                .map(EmrConfigurationTest::key);
        String reporter = "metrics.reporter.prometheus." + MetricOptions.REPORTER_FACTORY_CLASS.key();
        return Stream.concat(keys, Stream.of(reporter)).collect(Collectors.toSet());
    }

    private static String key(Field field) {
        try {
            return ((ConfigOption<?>) field.get(null)).key();
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }
}
