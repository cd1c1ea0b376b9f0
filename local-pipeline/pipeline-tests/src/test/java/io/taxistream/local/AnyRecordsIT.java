package io.taxistream.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.embeddedkinesis.ShardDescription;
import io.taxistream.embeddedkinesis.StoredRecord;
import io.taxistream.embeddedkinesis.UserRecord;
import io.taxistream.eventtime.WatermarkRecord;
import io.taxistream.local.services.LocalCredentials;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the shipped producer with data other than trips, in various layouts, and the example of docs/replay.md. */
class AnyRecordsIT {

    private static final String STREAM = "access";
    private static final Path PAGE = Path.of("..", "..", "docs", "replay.md");
    private static final Pattern BLOCK = Pattern.compile("```(sh|java)\n(.*?)```", Pattern.DOTALL);
    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path folder;

    private ShippedProducer producer;

    @BeforeEach
    void prepare() {
        producer = new ShippedProducer(folder);
        System.setProperty("aws.accessKeyId", LocalCredentials.ACCESS_KEY_ID);
        System.setProperty("aws.secretAccessKey", LocalCredentials.SECRET_ACCESS_KEY);
    }

    @AfterEach
    void stop() {
        producer.close();
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }

    @Test
    void replaysBikeRidesInCsvWithLocalTimes() throws Exception {
        Function<JsonNode, Instant> started =
                ride -> LocalDateTime.parse(ride.get("started_at").textValue().replace(' ', 'T'))
                        .atZone(ZoneId.of("America/New_York"))
                        .toInstant();
        try (EmbeddedKinesis kinesis = stream(LocalCredentials.REGION)) {
            replay(
                    kinesis,
                    "bike-rides.csv",
                    "-timeField",
                    "started_at",
                    "-timezone",
                    "America/New_York",
                    "-idField",
                    "ride_id");

            List<String> sent = sentInOrder(kinesis, started);

            List<String> rows = Files.readAllLines(resource("bike-rides.csv"));
            assertThat(sent).hasSize(rows.size() - 1).doesNotHaveDuplicates().allSatisfy(record -> {
                JsonNode ride = JSON.readTree(record);
                assertThat(ride.get("ride_id").isTextual()).isTrue();
                assertThat(ride.get("start_lat").isNumber()).isTrue();
                assertThat(ride.get("start_station_id").isTextual()).isTrue();
                assertThat(rows)
                        .anyMatch(
                                row -> row.startsWith("\"" + ride.get("ride_id").textValue() + "\","));
            });
            assertThat(sent)
                    .anySatisfy(ride -> assertThat(ride).contains("\"ride_id\":\"1234567E90123456\""))
                    .anySatisfy(ride -> assertThat(ride).contains("\"end_lat\":null"))
                    .anySatisfy(ride -> assertThat(ride).contains("\"end_lat\":40.68888980,"));
        }
    }

    @Test
    void replaysWikiEditsInJsonLinesWithNestedTimes() throws Exception {
        try (EmbeddedKinesis kinesis = stream(LocalCredentials.REGION)) {
            replay(kinesis, "wiki-edits.jsonl", "-timeField", "meta.dt", "-idField", "meta.id", "-keyField", "title");

            List<String> sent = sentInOrder(
                    kinesis, edit -> Instant.parse(edit.get("meta").get("dt").textValue()));

            assertThat(sent).containsExactlyInAnyOrderElementsOf(Files.readAllLines(resource("wiki-edits.jsonl")));
            Map<String, List<String>> shards = new TreeMap<>();
            for (ShardDescription shard : kinesis.shards(STREAM)) {
                for (String record : records(kinesis, shard)) {
                    if (!isWatermark(record)) {
                        shards.computeIfAbsent(
                                        JSON.readTree(record).get("title").textValue(), t -> new ArrayList<>())
                                .add(shard.shardId());
                    }
                }
            }
            assertThat(shards.values())
                    .as("shards of each title")
                    .hasSize(3)
                    .allSatisfy(each -> assertThat(each).containsOnly(each.get(0)));
        }
    }

    @Test
    void replaysAnAccessLogWithEpochSecondsAggregatedAndInParts() throws Exception {
        try (EmbeddedKinesis kinesis = stream(LocalCredentials.REGION)) {
            for (String part : List.of("1/2", "2/2")) {
                replay(
                        kinesis,
                        "access.jsonl",
                        "-timeField",
                        "time",
                        "-timeFormat",
                        "seconds",
                        "-aggregate",
                        "-part",
                        part);
            }

            List<String> sent = new ArrayList<>();
            for (ShardDescription shard : kinesis.shards(STREAM)) {
                records(kinesis, shard).stream()
                        .filter(record -> !isWatermark(record))
                        .forEach(sent::add);
            }
            assertThat(sent).containsExactlyInAnyOrderElementsOf(Files.readAllLines(resource("access.jsonl")));
        }
    }

    @Test
    void resumesAReplayThatEndedEarly() throws Exception {
        String[] options = {"-timeField", "timestamp", "-timeFormat", "seconds", "-idField", "id"};
        try (EmbeddedKinesis kinesis = stream(LocalCredentials.REGION)) {
            List<String> until = new ArrayList<>(List.of(options));
            until.addAll(List.of("-to", "2026-11-28T22:38:40Z"));
            replay(kinesis, "wiki-edits.jsonl", until.toArray(String[]::new));
            List<String> again = new ArrayList<>(List.of(options));
            again.add("-resume");
            replay(kinesis, "wiki-edits.jsonl", again.toArray(String[]::new));

            assertThat(producer.lines("log").get(0)).contains("all records up to 2026-11-28T22:38:");
            List<String> sent = sentInOrder(
                    kinesis, edit -> Instant.ofEpochSecond(edit.get("timestamp").longValue()));
            assertThat(sent).containsExactlyInAnyOrderElementsOf(Files.readAllLines(resource("wiki-edits.jsonl")));
        }
    }

    @Test
    void pageExampleReplaysALogAndReadsIt() throws Exception {
        Map<String, String> blocks = new TreeMap<>();
        Matcher found = BLOCK.matcher(Files.readString(PAGE));
        while (found.find()) {
            blocks.put(found.group(1), found.group(2));
        }
        assertThat(withoutLayout(Files.readString(Path.of("src/test/java/io/taxistream/local/RequestsByStatus.java"))))
                .contains(withoutLayout(blocks.get("java")));
        Files.copy(resource("access.jsonl"), folder.resolve("access.jsonl"));
        List<String> commands = blocks.get("sh").lines().toList();
        assertThat(commands).hasSize(2);

        run(commands.get(0), List.of());
        assertThat(producer.lines("output").stream().filter(line -> !isWatermark(line)))
                .containsExactlyElementsOf(Files.readAllLines(resource("access.jsonl")));

        try (EmbeddedKinesis kinesis = stream("eu-west-1")) {
            run(commands.get(1), List.of("-endpoint", kinesis.httpsEndpoint().toString()));
            StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2);
            List<Tuple2<Long, Long>> expected = expected();

            List<Tuple2<Long, Long>> counted =
                    RequestsByStatus.count(env, kinesis.httpEndpoint()).executeAndCollect(expected.size());

            assertThat(counted).containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    /** Returns the results of the minutes that have ended by the time of the last request. */
    private static List<Tuple2<Long, Long>> expected() throws IOException, URISyntaxException {
        Map<Long, Map<Long, Long>> byMinute = new TreeMap<>();
        for (String line : Files.readAllLines(resource("access.jsonl"))) {
            JsonNode request = JSON.readTree(line);
            byMinute.computeIfAbsent(request.get("time").longValue() / 60, minute -> new TreeMap<>())
                    .merge(request.get("status").longValue(), 1L, Long::sum);
        }
        assertThat(byMinute).hasSizeGreaterThan(2);
        byMinute.keySet().remove(byMinute.keySet().stream().max(Long::compare).orElseThrow());
        List<Tuple2<Long, Long>> counts = new ArrayList<>();
        byMinute.values().forEach(each -> each.forEach((status, count) -> counts.add(Tuple2.of(status, count))));
        return counts;
    }

    /** Runs a command of the page, with the options that differ on this machine. */
    private void run(String command, List<String> more) throws Exception {
        String options = command.replace("java -jar kinesis-taxi-stream-producer-1.0.jar ", "")
                .replace("access.jsonl", folder.resolve("access.jsonl").toString());
        List<String> arguments = new ArrayList<>(List.of(options.split(" ", -1)));
        arguments.addAll(more);
        end(producer.start("output", "log", producer.command("128m", arguments)));
    }

    private void replay(EmbeddedKinesis kinesis, String name, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("-data", resource(name).toString(), "-speedup", "0", "-sort"));
        arguments.addAll(List.of(options));
        arguments.addAll(ShippedProducer.into(kinesis, STREAM));
        end(producer.start("output", "log", producer.command("128m", arguments)));
    }

    private void end(Process process) throws Exception {
        assertThat(process.waitFor(TIMEOUT.toMinutes(), MINUTES)).isTrue();
        assertThat(process.exitValue()).as(producer.read("log")).isZero();
    }

    /**
     * Returns all records except watermarks. Fails if, in any shard, a record follows a watermark that is at or after its event
     * time.
     */
    private static List<String> sentInOrder(EmbeddedKinesis kinesis, Function<JsonNode, Instant> time)
            throws Exception {
        List<String> sent = new ArrayList<>();
        List<Instant> last = new ArrayList<>();
        for (ShardDescription shard : kinesis.shards(STREAM)) {
            Instant watermark = Instant.MIN;
            Instant latest = Instant.MIN;
            for (String record : records(kinesis, shard)) {
                if (isWatermark(record)) {
                    Instant next = Instant.ofEpochMilli(
                            WatermarkRecord.parse(record.getBytes(UTF_8)).watermarkMillis());
                    assertThat(next).isAfterOrEqualTo(watermark);
                    watermark = next;
                } else {
                    Instant event = time.apply(JSON.readTree(record));
                    assertThat(event).as(record).isAfter(watermark);
                    latest = latest.isAfter(event) ? latest : event;
                    sent.add(record);
                }
            }
            assertThat(watermark)
                    .as("the last watermark of %s", shard.shardId())
                    .isAfterOrEqualTo(latest);
            last.add(watermark);
        }
        assertThat(last).as("the last watermarks").containsOnly(last.get(0));
        assertThat(last.get(0))
                .isEqualTo(sent.stream()
                        .map(record -> time.apply(tree(record)))
                        .max(Instant::compareTo)
                        .orElseThrow());
        return sent;
    }

    private static List<String> records(EmbeddedKinesis kinesis, ShardDescription shard) {
        List<String> records = new ArrayList<>();
        for (StoredRecord record : kinesis.records(STREAM, shard.shardId())) {
            for (UserRecord user : record.userRecords()) {
                String line = new String(user.data(), UTF_8);
                assertThat(line).endsWith("\n");
                records.add(line.substring(0, line.length() - 1));
            }
        }
        return records;
    }

    private static boolean isWatermark(String record) {
        byte[] bytes = record.getBytes(UTF_8);
        return WatermarkRecord.isWatermark(bytes, 0, bytes.length);
    }

    private static JsonNode tree(String record) {
        try {
            return JSON.readTree(record);
        } catch (IOException e) {
            throw new AssertionError(record, e);
        }
    }

    private static EmbeddedKinesis stream(String region) throws IOException {
        EmbeddedKinesis kinesis =
                EmbeddedKinesis.builder().region(region).enforceLimits(true).start();
        kinesis.createStream(STREAM, 4);
        return kinesis;
    }

    private static Path resource(String name) throws URISyntaxException {
        return Path.of(AnyRecordsIT.class.getResource("/records/" + name).toURI());
    }

    private static String withoutLayout(String code) {
        return code.replaceAll("\\s+", "");
    }
}
