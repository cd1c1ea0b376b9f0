package io.taxistream.eventtime.sender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.embeddedkinesis.ShardDescription;
import io.taxistream.embeddedkinesis.StoredRecord;
import io.taxistream.embeddedkinesis.UserRecord;
import io.taxistream.eventtime.MalformedWatermarkException;
import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.PartWatermarks;
import io.taxistream.eventtime.WatermarkRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sender with the Kinesis Producer Library and its native process. */
class SenderOnEmbeddedKinesisTest {

    private static final String STREAM = "readings";
    private static final long START = 1_449_014_400_000L;

    private EmbeddedKinesis kinesis;

    @BeforeEach
    void start() throws IOException {
        kinesis = EmbeddedKinesis.builder().enforceLimits(false).start();
        kinesis.createStream(STREAM, 2);
    }

    @AfterEach
    void stop() {
        kinesis.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void twoPartsSendThroughAReshardAndTheWatermarkReachesTheEnd(boolean aggregate) {
        List<SampleEvent> events = events(4_000);
        Part first = new Part(1, 2);
        Part second = new Part(2, 2);

        try (EventSender one = sender(first, aggregate)) {
            send(one, first, events.subList(0, 2_000));
            one.flush();
            // Part 2 starts when part 1 is far ahead, and part 1 breaks off.
            assertThat(watermarks().values()).allMatch(each -> each.watermarkMillis() == PartWatermarks.NO_WATERMARK);
        }
        kinesis.updateShardCount(STREAM, 4);
        try (EventSender two = sender(second, aggregate);
                EventSender restartedFirst = sender(first, aggregate)) {
            OptionalLong last = restartedFirst.resume();
            assertThat(last).hasValue(lastOf(first, events.subList(0, 2_000)) - 1);
            send(two, second, events);
            end(two, events);
            send(
                    restartedFirst,
                    first,
                    events.stream()
                            .filter(event -> event.timeMillis() > last.getAsLong())
                            .toList());
            end(restartedFirst, events);
        }

        assertThat(new HashSet<>(eventsInStream())).containsExactlyInAnyOrderElementsOf(events);
        long end = events.get(events.size() - 1).timeMillis();
        Map<String, PartWatermarks> watermarks = watermarks();
        assertThat(kinesis.shards(STREAM))
                .filteredOn(ShardDescription::isOpen)
                .hasSize(4)
                .allSatisfy(shard -> assertThat(watermarks.get(shard.shardId()).watermarkMillis())
                        .isEqualTo(end));
    }

    @Test
    void nothingIsLostWhenTheKplProcessIsKilled() throws IOException {
        List<SampleEvent> events = events(6_000);
        Path folder;
        try (EventSender sender = sender(Part.ONLY, false)) {
            send(sender, Part.ONLY, events.subList(0, 2_000));
            ProcessHandle process = kplProcess();
            folder = folderOf(process);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                    .isEqualTo("rwx------");

            process.destroyForcibly();
            send(sender, Part.ONLY, events.subList(2_000, 6_000));
            sender.flush();
        }

        assertThat(new HashSet<>(eventsInStream())).containsExactlyInAnyOrderElementsOf(events);
        assertThat(folder)
                .as("for the next sender; the library watches its files")
                .exists();
    }

    @Test
    void repeatedlyCrashingKplProcessFailsTheSender() throws IOException {
        EventSender sender = sender(Part.ONLY, false);
        send(sender, Part.ONLY, events(100));
        sender.flush();
        ProcessHandle process = kplProcess();
        Path folder = folderOf(process);
        replaceByAProgramThatFails(folder);
        process.destroyForcibly();
        long start = System.nanoTime();
        sender.send(new byte[] {1}, START + 1_000_000, "late");

        assertThatThrownBy(sender::flush)
                .isInstanceOf(SenderFailedException.class)
                .hasMessageContaining("the process of the Kinesis Producer Library cannot be started")
                .message()
                .doesNotContain("\n");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(60));
        sender.close();
        NativeFolder.ofThisJvm().close();
        try (EventSender next = sender(Part.ONLY, false)) {
            // the last attempt to start the old process may still be running
            await().untilAsserted(() ->
                    assertThat(folderOf(kplProcess())).as("a new folder").isNotEqualTo(folder));
            next.send(new byte[] {2}, START + 2_000_000, "next");
        }
    }

    @Test
    void proxyIsNotUsedForThisMachine() {
        // Nothing listens there.
        System.setProperty("https.proxyHost", "127.0.0.1");
        System.setProperty("https.proxyPort", "1");
        System.setProperty("http.nonProxyHosts", "other.example");
        try (EventSender sender = sender(new Part(1, 1), false)) {
            assertThat(sender.resume()).isEmpty();
        } finally {
            System.clearProperty("https.proxyHost");
            System.clearProperty("https.proxyPort");
            System.clearProperty("http.nonProxyHosts");
        }
    }

    @Test
    void missingStreamIsNamed() {
        assertThatThrownBy(() -> EventSender.builder().stream("writings")
                        .region("us-east-1")
                        .endpoint(kinesis.httpsEndpoint())
                        .build())
                .isInstanceOf(SenderFailedException.class)
                .hasMessageStartingWith("stream writings does not exist at " + kinesis.httpsEndpoint());
    }

    private EventSender sender(Part part, boolean aggregate) {
        return EventSender.builder().stream(STREAM)
                .region("us-east-1")
                .endpoint(kinesis.httpsEndpoint())
                .part(part)
                .aggregate(aggregate)
                .build();
    }

    private static void send(EventSender sender, Part part, List<SampleEvent> events) {
        for (SampleEvent event : events) {
            if (part.owns(event.id())) {
                sender.advanceTo(event.timeMillis());
                sender.send(event.bytes(), event.timeMillis(), event.id());
            }
        }
    }

    private static void end(EventSender sender, List<SampleEvent> events) {
        sender.advanceTo(events.get(events.size() - 1).timeMillis() + 1);
        sender.end();
    }

    private static long lastOf(Part part, List<SampleEvent> events) {
        return events.stream()
                .filter(event -> part.owns(event.id()))
                .mapToLong(SampleEvent::timeMillis)
                .max()
                .orElseThrow();
    }

    private List<SampleEvent> eventsInStream() {
        return kinesis.userRecords(STREAM).stream()
                .map(UserRecord::data)
                .filter(data -> !WatermarkRecord.isWatermark(data, 0, data.length))
                .map(SampleEvent::read)
                .toList();
    }

    /** What each shard knows, read as a reader would, parents first; fails on an event that comes late the first time. */
    private Map<String, PartWatermarks> watermarks() {
        Map<String, PartWatermarks> known = new HashMap<>();
        Set<SampleEvent> seen = new HashSet<>();
        for (ShardDescription shard : kinesis.shards(STREAM)) {
            PartWatermarks heard = PartWatermarks.ofChild(
                    shard.parentShardIds().stream().map(known::get).toList());
            for (StoredRecord record : kinesis.records(STREAM, shard.shardId())) {
                for (UserRecord userRecord : record.userRecords()) {
                    heard = read(userRecord.data(), heard, seen);
                }
            }
            known.put(shard.shardId(), heard);
        }
        return known;
    }

    private static PartWatermarks read(byte[] data, PartWatermarks heard, Set<SampleEvent> seen) {
        if (WatermarkRecord.isWatermark(data, 0, data.length)) {
            WatermarkRecord watermark = parsed(data);
            return heard.with(watermark.part(), watermark.watermarkMillis(), watermark.ended());
        }
        SampleEvent event = SampleEvent.read(data);
        if (seen.add(event)) {
            assertThat(event.timeMillis()).isGreaterThan(heard.watermarkMillis());
        }
        return heard;
    }

    private static WatermarkRecord parsed(byte[] data) {
        try {
            return WatermarkRecord.parse(data);
        } catch (MalformedWatermarkException e) {
            throw new AssertionError(e);
        }
    }

    private static ProcessHandle kplProcess() {
        return await().until(
                        () -> ProcessHandle.current()
                                .children()
                                .filter(child -> child.info()
                                        .command()
                                        .filter(command -> command.contains("kinesis_producer"))
                                        .isPresent())
                                .toList(),
                        found -> found.size() == 1)
                .get(0);
    }

    /** The private folder below which the library has put its program. */
    private static Path folderOf(ProcessHandle process) {
        Path path = Path.of(process.info().command().orElseThrow());
        while (!path.getFileName().toString().startsWith("event-time-sender-")) {
            path = path.getParent();
        }
        return path;
    }

    private static void replaceByAProgramThatFails(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path program : files.filter(
                            file -> file.getFileName().toString().startsWith("kinesis_producer"))
                    .toList()) {
                Files.delete(program);
                Files.writeString(program, "#!/bin/sh\nexit 1\n");
                Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
            }
        }
    }

    private static List<SampleEvent> events(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new SampleEvent("e" + i, START + i * 100L))
                .toList();
    }
}
