package io.taxistream.local;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.embeddedkinesis.ShardDescription;
import io.taxistream.embeddedkinesis.StoredRecord;
import io.taxistream.embeddedkinesis.UserRecord;
import io.taxistream.local.services.LocalCredentials;
import io.taxistream.producer.parquet.ParquetFiles;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** Runs the shipped producer as users do, without faults: checks the contents of the stream, and the files that remain. */
class ProducerRunsIT {

    private static final String STREAM = "taxi-trips";
    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Shared by all tests: the producer library unpacks its native process there, once. */
    @TempDir
    private static Path folder;

    private Path trips;
    private ShippedProducer producer;

    @BeforeEach
    void prepare() {
        trips = folder.resolve("trips.csv");
        producer = new ShippedProducer(folder);
    }

    @AfterEach
    void stop() {
        producer.close();
    }

    @Test
    void stopWaitsForTripsInFlightAndReportsThem() throws Exception {
        TripFile.write(trips, 6_000, 4);
        try (EmbeddedKinesis kinesis = stream(4)) {
            Process process = start(kinesis, "-data", trips.toString(), "-sort", "-speedup", "720");
            await().atMost(TIMEOUT).until(() -> kinesis.userRecords(STREAM).size() > 500 || !process.isAlive());

            process.destroy();

            assertThat(process.waitFor(TIMEOUT.toMinutes(), MINUTES)).isTrue();
            assertThat(process.exitValue()).as(producer.read("log")).isZero();
            List<Event> sent = tripsIn(kinesis);
            assertThat(sent).hasSizeBetween(400, 5_999);
            Instant last =
                    sent.stream().map(Event::time).max(Instant::compareTo).orElseThrow();
            for (ShardDescription shard : kinesis.shards(STREAM)) {
                List<Event> events = events(kinesis, shard);
                int end = lastWatermark(events);
                assertThat(events.get(end).time())
                        .as("the end of %s: others of that time may come when it goes on", shard.shardId())
                        .isEqualTo(last.minusMillis(1));
                // The watermark may be sent while the last trip is the only one in flight.
                assertThat(events.subList(end + 1, events.size()))
                        .allSatisfy(event -> assertThat(event.time()).isEqualTo(last));
            }
            assertThat(producer.read("log")).containsPattern("summary read=6000 sent=" + sent.size() + " ");
        }
    }

    @Test
    void brokenPipeEndsTheReplayQuietly() throws Exception {
        TripFile.write(trips, 20_000, 4);
        String command = String.join(
                " ",
                producer.command(
                        "128m",
                        List.of("-data", trips.toString(), "-speedup", "0", "-sort", "-noWatermark", "-print")));

        Process process = producer.start(
                "three", "log", List.of("sh", "-c", "{ " + command + "; echo ended with $? >&2; } | head -n 3"));

        assertThat(process.waitFor(TIMEOUT.toMinutes(), MINUTES)).isTrue();
        assertThat(producer.lines("three"))
                .hasSize(3)
                .allSatisfy(line -> assertThat(line).contains("\"type\":\"trip\""));
        assertThat(producer.lines("log")).containsExactly("ended with 0");
    }

    @Test
    void killedWhileSortingItLeavesNoTemporaryFile() throws Exception {
        TripFile.write(trips, 40_000, 4);
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        try (var sorting = new ShippedProducer(temporary)) {
            List<String> arguments = List.of(
                    "-data", trips.toString(), "-speedup", "1", "-print", "-noWatermark", "-sort", "-sortMemory", "1");
            Process process = sorting.start("output", "log", sorting.command("128m", arguments));
            // the first trip is printed after all have been sorted
            await().atMost(TIMEOUT).until(() -> !sorting.lines("output").isEmpty() || !process.isAlive());
            assertThat(process.isAlive()).as("it runs").isTrue();

            process.destroyForcibly();

            assertThat(process.waitFor(TIMEOUT.toMinutes(), MINUTES)).isTrue();
        }
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("output", "log");
        }
    }

    @Tag("full")
    @Test
    void heapDoesNotGrowWithTheNumberOfTrips() throws Exception {
        int count = 1_000_000;
        TripFile.write(trips, count, 4);
        // The stream accepts less than the producer reads, and the encoded trips would fill the heap three times over.
        try (EmbeddedKinesis kinesis = stream(8)) {
            List<String> arguments =
                    new ArrayList<>(List.of("-data", trips.toString(), "-sort", "-speedup", "0", "-aggregate"));
            arguments.addAll(ShippedProducer.into(kinesis, STREAM));
            Process process = producer.start("output", "log", producer.command("64m", arguments));

            assertThat(process.waitFor(TIMEOUT.toMinutes(), MINUTES)).isTrue();

            assertThat(process.exitValue()).as(producer.read("log")).isZero();
            Set<Long> ids = new HashSet<>();
            long bytes = 0;
            for (ShardDescription shard : kinesis.shards(STREAM)) {
                for (StoredRecord record : kinesis.records(STREAM, shard.shardId())) {
                    for (UserRecord user : record.userRecords()) {
                        Event event = event(user);
                        if (!event.isWatermark()) {
                            ids.add(event.json().get("trip_id").longValue());
                            bytes += user.data().length;
                        }
                    }
                }
            }
            assertThat(ids).hasSize(count);
            assertThat(bytes).as("bytes of the trips").isGreaterThan(3 * (64L << 20));
        }
    }

    @Tag("full")
    @Test
    void fetchesOnlyNeededRangesOfAParquetFileInS3() throws Exception {
        int count = 20_000;
        Path bucket = Files.createDirectories(folder.resolve("s3").resolve("trips"));
        Path file = bucket.resolve("yellow_tripdata_2023-01.parquet");
        LocalDateTime start = LocalDateTime.parse("2023-01-01T05:00:00");
        Files.write(file, parquet(start, count));
        List<String> ranges = new CopyOnWriteArrayList<>();
        S3Proxy s3 = S3Proxy.builder()
                .blobStore(new RequestedRanges(
                        new FilesystemNio2BlobStore(folder.resolve("s3").toString()), ranges))
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(
                        AuthenticationType.AWS_V4, LocalCredentials.ACCESS_KEY_ID, LocalCredentials.SECRET_ACCESS_KEY)
                .ignoreUnknownHeaders(true)
                .build();
        s3.start();
        try (EmbeddedKinesis kinesis = stream(2)) {
            Process process = start(
                    kinesis,
                    "-bucket",
                    "trips",
                    "-prefix",
                    "yellow",
                    "-s3Endpoint",
                    "http://127.0.0.1:" + s3.getPort(),
                    "-timezone",
                    "UTC",
                    "-speedup",
                    "0",
                    "-aggregate");
            assertThat(process.waitFor(TIMEOUT.toMinutes(), MINUTES)).isTrue();
            assertThat(process.exitValue()).as(producer.read("log")).isZero();

            Map<Integer, Event> byAmount = new HashMap<>();
            tripsIn(kinesis)
                    .forEach(trip -> byAmount.put(
                            (int) Math.round(trip.json().get("total_amount").doubleValue() * 100), trip));
            assertThat(byAmount).hasSize(count);
            byAmount.forEach((row, trip) -> {
                assertThat(trip.time())
                        .isEqualTo(start.plusSeconds(row).plusMinutes(10).toInstant(ZoneOffset.UTC));
                assertThat(trip.json().get("pickup_datetime").textValue())
                        .isEqualTo(
                                start.plusSeconds(row).toInstant(ZoneOffset.UTC).toString());
                // zone 132 is JFK airport, zone 138 LaGuardia
                assertThat(trip.json().get("pickup_lat").doubleValue()).isBetween(40.62, 40.67);
                assertThat(trip.json().get("dropoff_lat").doubleValue()).isBetween(40.76, 40.79);
            });
        } finally {
            s3.stop();
        }
        // The first request detects a Parquet file, and is aborted after its first bytes.
        assertThat(ranges.get(0)).isEqualTo("all");
        assertThat(ranges).hasSizeGreaterThan(2).first().isEqualTo("all");
        assertThat(ranges.subList(1, ranges.size()))
                .allSatisfy(range -> assertThat(range).matches("bytes=\\d+-\\d+"));
        assertThat(ranges.subList(1, ranges.size()).stream()
                        .mapToLong(ProducerRunsIT::length)
                        .sum())
                .as("bytes fetched by ranges, of a file most of which no trip needs")
                .isLessThan(Files.size(file) / 2);
    }

    @Tag("full")
    @Test
    void replaysAggregatedWithInvocationTimesInAnotherZone() throws Exception {
        TripFile.write(trips, 2_000, 4);
        try (EmbeddedKinesis kinesis = stream(2)) {
            Instant before = Instant.now();
            run(
                    kinesis,
                    "-adaptTime",
                    "invocation",
                    "-aggregate",
                    "-timezone",
                    "UTC",
                    "-seek",
                    "2015-12-01T03:00:00Z",
                    "-speedup",
                    "0");
            Instant after = Instant.now();

            List<Event> sent = tripsIn(kinesis);
            Instant first =
                    sent.stream().map(Event::time).min(Instant::compareTo).orElseThrow();
            Instant last =
                    sent.stream().map(Event::time).max(Instant::compareTo).orElseThrow();
            assertThat(first).as("the first trip ends when it starts").isBetween(before, after);
            // the six hours of the file begin at midnight UTC; half of them are left
            assertThat(Duration.between(first, last)).isBetween(Duration.ofMinutes(175), Duration.ofMinutes(180));
            assertThat(sent).hasSizeBetween(900, 1_100);
            assertThat(kinesis.shards(STREAM)).allSatisfy(shard -> {
                assertThat(kinesis.records(STREAM, shard.shardId()))
                        .anySatisfy(record -> assertThat(record.userRecords()).hasSizeGreaterThan(100));
                assertThat(events(kinesis, shard))
                        .anySatisfy(event -> assertThat(event.isWatermark()).isTrue());
            });
        }
    }

    @Tag("full")
    @Test
    void replaysWithIngestionTimesWithoutWatermarks() throws Exception {
        TripFile.write(trips, 2_000, 4);
        try (EmbeddedKinesis kinesis = stream(2)) {
            run(kinesis, "-adaptTime", "ingestion", "-noWatermark", "-statisticsFrequency", "100", "-speedup", "7200");

            int trips = 0;
            for (ShardDescription shard : kinesis.shards(STREAM)) {
                for (StoredRecord record : kinesis.records(STREAM, shard.shardId())) {
                    assertThat(record.userRecords()).as("records are single").hasSize(1);
                    Event event = event(record.userRecords().get(0));
                    assertThat(event.isWatermark()).isFalse();
                    assertThat(Duration.between(event.time(), record.arrivalTime()))
                            .as("from the end of the trip to its arrival")
                            .isBetween(Duration.ofMillis(-1), Duration.ofSeconds(30));
                    trips++;
                }
            }
            assertThat(trips).isEqualTo(2_000);
            // six hours take three seconds
            assertThat(producer.lines("log").stream().filter(line -> line.startsWith("progress ")))
                    .hasSizeGreaterThan(15);
        }
    }

    private void run(EmbeddedKinesis kinesis, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("-data", trips.toString(), "-sort"));
        all.addAll(List.of(arguments));
        Process process = start(kinesis, all.toArray(String[]::new));
        assertThat(process.waitFor(TIMEOUT.toMinutes(), MINUTES)).isTrue();
        assertThat(process.exitValue()).as(producer.read("log")).isZero();
    }

    private Process start(EmbeddedKinesis kinesis, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(ShippedProducer.into(kinesis, STREAM));
        return producer.start("output", "log", producer.command("128m", all));
    }

    private static EmbeddedKinesis stream(int shards) throws IOException {
        EmbeddedKinesis kinesis = EmbeddedKinesis.builder()
                .region(LocalCredentials.REGION)
                .enforceLimits(true)
                .start();
        kinesis.createStream(STREAM, shards);
        return kinesis;
    }

    /**
     * Creates trips from JFK to LaGuardia, one per second, whose amount in cents is the row number, and a column that trips do
     * not need.
     */
    private static byte[] parquet(LocalDateTime start, int count) throws IOException {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int row = 0; row < count; row++) {
            rows.add(Map.of(
                    "tpep_pickup_datetime",
                    micros(start.plusSeconds(row)),
                    "tpep_dropoff_datetime",
                    micros(start.plusSeconds(row).plusMinutes(10)),
                    "PULocationID",
                    132L,
                    "DOLocationID",
                    138L,
                    "total_amount",
                    row / 100.0,
                    "store_and_fwd_flag",
                    "a text that takes as much room as all the others together, row " + row));
        }
        return ParquetFiles.of(ParquetFiles.YELLOW).rowsInGroup(5_000).write(rows);
    }

    private static long micros(LocalDateTime time) {
        return time.toEpochSecond(ZoneOffset.UTC) * 1_000_000;
    }

    private static long length(String range) {
        String[] ends = range.substring("bytes=".length()).split("-", 2);
        return Long.parseLong(ends[1]) - Long.parseLong(ends[0]) + 1;
    }

    private static List<Event> tripsIn(EmbeddedKinesis kinesis) throws IOException {
        List<Event> events = new ArrayList<>();
        for (ShardDescription shard : kinesis.shards(STREAM)) {
            events.addAll(events(kinesis, shard));
        }
        events.removeIf(Event::isWatermark);
        return events;
    }

    private static List<Event> events(EmbeddedKinesis kinesis, ShardDescription shard) throws IOException {
        List<Event> events = new ArrayList<>();
        for (StoredRecord record : kinesis.records(STREAM, shard.shardId())) {
            for (UserRecord user : record.userRecords()) {
                events.add(event(user));
            }
        }
        return events;
    }

    private static int lastWatermark(List<Event> events) {
        int index = events.size() - 1;
        while (!events.get(index).isWatermark()) {
            index--;
        }
        return index;
    }

    private static Event event(UserRecord record) throws IOException {
        return new Event(JSON.readTree(record.data()));
    }

    private record Event(JsonNode json) {

        boolean isWatermark() {
            return json.get("type").textValue().equals("watermark");
        }

        Instant time() {
            return Instant.parse(
                    json.get(isWatermark() ? "watermark" : "dropoff_datetime").textValue());
        }
    }

    /** Records the ranges of objects that are requested. */
    private static final class RequestedRanges extends ForwardingBlobStore {

        private final List<String> ranges;

        RequestedRanges(BlobStore blobStore, List<String> ranges) {
            super(blobStore);
            this.ranges = ranges;
        }

        @Override
        public ResponseInputStream<GetObjectResponse> getBlob(GetObjectRequest request) {
            ranges.add(request.range() == null ? "all" : request.range());
            return super.getBlob(request);
        }
    }
}
