package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The code in {@code docs/search-sink.md} and in the Javadoc of {@link SearchSink}, which is between the markers here. */
@Timeout(60)
class ManualExampleTest {

    private static final Path MANUAL = Path.of("../../docs/search-sink.md");
    private static final Path JAVADOC = Path.of("src/main/java/io/taxistream/search/SearchSink.java");
    private static final Path SOURCE = Path.of("src/test/java/io/taxistream/search/ManualExampleTest.java");

    private final FakeSearchEngine engine = new FakeSearchEngine();

    @AfterEach
    void close() {
        engine.close();
    }

    // example:manual
    public record Reading(String sensor, long minute, double celsius) {}

    static void store(DataStream<Reading> readings, URI endpoint) {
        List<IndexTemplate> templates = IndexTemplate.readAll("weather", """
                {"readings": {"template": {"mappings": {"properties": {
                    "sensor": {"type": "keyword"}, "minute": {"type": "date"}, "celsius": {"type": "double"}}}}}}""");
        readings.sinkTo(SearchSink.<Reading>builder()
                        .endpoint(endpoint)
                        .authentication(Authentication.forEndpoint(endpoint, "eu-west-1"))
                        .indexTemplates(templates)
                        .documents(reading -> SearchDocument.of(
                                "weather-readings",
                                reading.sensor() + "-" + reading.minute(),
                                "{\"sensor\":\"%s\",\"minute\":%d,\"celsius\":%s}"
                                        .formatted(reading.sensor(), reading.minute(), reading.celsius())))
                        .build())
                .uid("weather-readings");
    }
    // end

    private static void storeNumbers(DataStream<Long> numbers, URI endpoint) {
        // example:javadoc
        numbers.sinkTo(SearchSink.<Long>builder()
                .endpoint(endpoint)
                .authentication(Authentication.forEndpoint(endpoint, "eu-west-1"))
                .documents(number -> SearchDocument.of("numbers", "" + number, "{\"number\":" + number + "}"))
                .build());
        // end
    }

    @Test
    void manualExampleStoresReadings() throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, new Configuration());
        DataStream<Reading> readings = env.fromSequence(0, 1)
                .map(minute -> new Reading("attic", 60_000 * minute, 21.5 + minute))
                .returns(Reading.class);
        store(readings, engine.endpoint());

        env.execute();

        assertThat(engine.index("weather-readings"))
                .containsOnlyKeys("attic-0", "attic-60000")
                .containsEntry("attic-0", "{\"sensor\":\"attic\",\"minute\":0,\"celsius\":21.5}");
        assertThat(engine.templates).containsOnlyKeys("weather-readings");
    }

    @Test
    void javadocExampleStoresNumbers() throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, new Configuration());
        storeNumbers(env.fromSequence(1, 3), engine.endpoint());

        env.execute();

        assertThat(engine.index("numbers")).containsOnlyKeys("1", "2", "3");
    }

    @Test
    void manualShowsThisCode() throws IOException {
        assertThat(Files.readString(MANUAL)).contains("```java\n" + example("manual") + "\n```");
    }

    @Test
    void javadocShowsThisCode() throws IOException {
        String comment = example("javadoc").lines().map(line -> " * " + line).collect(Collectors.joining("\n"));

        assertThat(Files.readString(JAVADOC)).contains(" * <pre>{@code\n" + comment + "\n * }</pre>");
    }

    private static String example(String name) throws IOException {
        String source = Files.readString(SOURCE);
        int start = source.indexOf("// example:" + name + "\n");
        return source.substring(source.indexOf('\n', start) + 1, source.indexOf("// end", start))
                .stripTrailing()
                .stripIndent();
    }
}
