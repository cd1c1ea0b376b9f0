package io.taxistream.eventtime.sender;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.embeddedkinesis.StoredRecord;
import io.taxistream.eventtime.WatermarkRecord;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the example of docs/event-time-sender.md. */
class SenderPageTest {

    private static final Path PAGE = Path.of("..", "..", "docs", "event-time-sender.md");
    private static final Pattern EXAMPLE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private Path folder;

    @Test
    void exampleSendsReadingsAndWatermarks() throws Exception {
        Path source = folder.resolve("SendReadings.java");
        Files.writeString(source, example());
        int errors = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-proc:none", "-cp", System.getProperty("java.class.path"), source.toString());
        assertThat(errors).isZero();

        try (EmbeddedKinesis kinesis =
                        EmbeddedKinesis.builder().enforceLimits(false).start();
                URLClassLoader compiled =
                        new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            kinesis.createStream("readings", 2);
            compiled.loadClass("SendReadings").getMethod("main", String[].class).invoke(null, (Object)
                    new String[] {kinesis.httpsEndpoint().toString()});

            WatermarkRecord last =
                    WatermarkRecord.of(Instant.parse("2016-01-01T00:00:59.999Z").toEpochMilli());
            assertThat(kinesis.userRecords("readings").stream()
                            .filter(record -> !WatermarkRecord.isWatermark(record.data(), 0, record.data().length)))
                    .hasSize(60);
            assertThat(kinesis.shards("readings")).allSatisfy(shard -> {
                List<StoredRecord> records = kinesis.records("readings", shard.shardId());
                assertThat(records.get(records.size() - 1).data()).isEqualTo(last.toBytes());
            });
        }
    }

    private static String example() throws Exception {
        Matcher example = EXAMPLE.matcher(Files.readString(PAGE));
        assertThat(example.find()).as("example in %s", PAGE).isTrue();
        return example.group(1);
    }
}
