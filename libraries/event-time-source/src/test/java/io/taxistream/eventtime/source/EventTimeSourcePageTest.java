package io.taxistream.eventtime.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.embeddedkinesis.ShardDescription;
import io.taxistream.eventtime.WatermarkRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The code in docs/event-time-source.md compiles, and does what the page says. */
class EventTimeSourcePageTest {

    private static final Path SOURCES = Path.of("src/test/java/io/taxistream/eventtime/source");
    private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final String STREAM = "readings";

    /** An endpoint on this machine needs no credentials; the last place where the SDK looks is not asked. */
    @BeforeAll
    static void disableMetadataService() {
        System.setProperty("aws.disableEc2Metadata", "true");
    }

    @AfterAll
    static void allowMetadataService() {
        System.clearProperty("aws.disableEc2Metadata");
    }

    @Test
    void pageShowsTheCodeOfTheTests() throws IOException {
        String code = withoutLayout(Files.readString(SOURCES.resolve("HottestReadings.java"))
                + Files.readString(SOURCES.resolve("FanOutReadings.java"))
                + Files.readString(SOURCES.resolve("CredentialsTest.java"))
                + Files.readString(SOURCES.resolve("EventTimeDeserializerTest.java")));
        Matcher blocks = JAVA.matcher(Files.readString(Path.of("../../docs/event-time-source.md")));

        List<String> found = new ArrayList<>();
        while (blocks.find()) {
            found.add(withoutLayout(blocks.group(1)));
        }

        assertThat(found).hasSize(4).allSatisfy(block -> assertThat(code).contains(block));
    }

    @Test
    void exampleFindsTheHottestReadingOfEachMinute() throws Exception {
        try (EmbeddedKinesis kinesis =
                EmbeddedKinesis.builder().region("eu-west-1").start()) {
            kinesis.createStream(STREAM, 2);
            put(kinesis, "kitchen,60000,20.5");
            put(kinesis, "kitchen,119999,21.5");
            put(kinesis, "cellar,61000,12");
            put(kinesis, "kitchen,120000,99");
            for (ShardDescription shard : kinesis.shards(STREAM)) {
                byte[] watermark = WatermarkRecord.of(119_999).toBytes();
                kinesis.putRecord(STREAM, WatermarkRecord.PARTITION_KEY, shard.startingHashKey(), watermark);
            }
            StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2);

            List<String> hottest =
                    HottestReadings.hottest(env, kinesis.httpEndpoint()).executeAndCollect(2);

            assertThat(hottest).containsExactlyInAnyOrder("kitchen,119999,21.5", "cellar,61000,12");
        }
    }

    private static void put(EmbeddedKinesis kinesis, String reading) {
        ShardDescription shard = kinesis.shards(STREAM).get(Math.floorMod(reading.hashCode(), 2));
        kinesis.putRecord(STREAM, reading, shard.startingHashKey(), reading.getBytes(UTF_8));
    }

    private static String withoutLayout(String code) {
        return code.replaceAll("\\s+", "");
    }
}
