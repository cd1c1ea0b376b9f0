package io.taxistream.local;

import static io.taxistream.embeddedkinesis.KinesisOperation.LIST_SHARDS;
import static io.taxistream.embeddedkinesis.KinesisOperation.PUT_RECORDS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.embeddedkinesis.Fault;
import io.taxistream.embeddedkinesis.FaultRule;
import io.taxistream.embeddedkinesis.FaultRules;
import io.taxistream.embeddedkinesis.ShardDescription;
import io.taxistream.embeddedkinesis.StoredRecord;
import io.taxistream.embeddedkinesis.UserRecord;
import io.taxistream.local.services.LocalCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shipped producer sends to a stream that throttles, fails and is resharded, and is killed. Afterwards the shards contain
 * exactly its input, and no trip follows a watermark of its own shard that covers it.
 */
class ProducerFaultsIT {

    private static final String STREAM = "taxi-trips";
    private static final int TRIPS = 6_000;
    private static final String HEAP = "256m";
    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path folder;

    private static Path trips;

    /** Records that the producer prints for the input, by id; the producer's own tests compare them with the files. */
    private static Map<Long, JsonNode> input;

    private final FaultRules faults = new FaultRules(Clock.systemUTC(), new Random(7));
    private final ShippedProducer producer = new ShippedProducer(folder);
    private EmbeddedKinesis kinesis;

    @BeforeAll
    static void printInput() throws Exception {
        trips = folder.resolve("trips.csv");
        TripFile.write(trips, TRIPS, 3);
        input = new TreeMap<>();
        try (var producer = new ShippedProducer(folder)) {
            List<String> arguments =
                    List.of("-data", trips.toString(), "-sort", "-print", "-noWatermark", "-speedup", "0");
            Process print = producer.start("printed.json", "print.log", producer.command(HEAP, arguments));
            assertThat(print.waitFor(2, MINUTES)).isTrue();
            for (String line : producer.lines("printed.json")) {
                JsonNode trip = JSON.readTree(line);
                input.put(trip.get("trip_id").longValue(), trip);
            }
        }
        assertThat(input).hasSize(TRIPS);
    }

    @BeforeEach
    void startStream() throws IOException {
        kinesis = EmbeddedKinesis.builder()
                .region(LocalCredentials.REGION)
                .enforceLimits(true)
                .faults(faults)
                .start();
        kinesis.createStream(STREAM, 8);
    }

    @AfterEach
    void stopAll() {
        producer.close();
        kinesis.close();
    }

    @Test
    void losesNothingUnderThrottlingErrorsAndReshards() throws Exception {
        sendThroughFaults(Duration.ofSeconds(5), "-speedup", "1440");
    }

    @Test
    @Tag("full")
    void losesNoAggregatedTrips() throws Exception {
        sendThroughFaults(Duration.ofSeconds(5), "-speedup", "1440", "-aggregate");
    }

    @Test
    @Tag("full")
    void survivesHalfAMinuteOfThrottling() throws Exception {
        sendThroughFaults(Duration.ofSeconds(30), "-speedup", "360");
    }

    @Test
    @Tag("full")
    void losesNothingWhenKilledAndResumed() throws Exception {
        faults.add(FaultRule.of(new Fault.ServerError(500, true)).withProbability(0.1));
        faults.add(FaultRule.of(new Fault.ServerError(503, false)).withProbability(0.1));

        Process first = start("first.log", "-resume", "-speedup", "1440");
        awaitRecords(TRIPS / 4, first);
        kill(first);
        assertThat(producer.read("first.log"))
                .contains("stream taxi-trips contains no watermark; starting from the beginning");

        kinesis.updateShardCount(STREAM, 16);
        Process second = start("second.log", "-resume", "-speedup", "1440");
        awaitRecords(TRIPS / 2, second);
        kinesis.updateShardCount(STREAM, 5);
        awaitRecords(3 * TRIPS / 4, second);
        kill(second);

        Process third = start("third.log", "-resume", "-speedup", "1440");
        assertThat(third.waitFor(TIMEOUT.toMinutes(), MINUTES)).isTrue();

        assertThat(third.exitValue()).as(producer.read("third.log")).isZero();
        assertThat(producer.read("second.log")).contains("are in stream taxi-trips; resuming after them");
        assertThat(producer.read("third.log")).contains("are in stream taxi-trips; resuming after them");
        assertThatTheShardsHoldTheInputAndNoTripIsLate();
    }

    private void sendThroughFaults(Duration throttling, String... arguments) throws Exception {
        Process process = start("faults.log", arguments);
        awaitRecords(TRIPS / 8, process);
        faults.add(FaultRule.of(new Fault.Throttle(1)).on(PUT_RECORDS).lasting(throttling));
        awaitRecords(3 * TRIPS / 16, process);
        faults.add(FaultRule.of(new Fault.ExpiredCredentials())
                .on(PUT_RECORDS, LIST_SHARDS)
                .lasting(Duration.ofSeconds(2)));
        awaitRecords(TRIPS / 4, process);
        faults.add(FaultRule.of(new Fault.ServerError(500, true)).withProbability(0.08));
        faults.add(FaultRule.of(new Fault.ServerError(503, false)).withProbability(0.08));
        faults.add(FaultRule.of(new Fault.ConnectionClosed(true)).withProbability(0.04));
        awaitRecords(3 * TRIPS / 8, process);
        kinesis.updateShardCount(STREAM, 16);
        awaitRecords(5 * TRIPS / 8, process);
        kinesis.updateShardCount(STREAM, 5);
        assertThat(process.waitFor(TIMEOUT.toMinutes(), MINUTES)).isTrue();

        assertThat(process.exitValue()).as(producer.read("faults.log")).isZero();
        assertThat(producer.read("faults.log")).containsPattern("summary .*sent=" + TRIPS + " .*retried=[1-9]");
        assertThat(faults.injected()).containsKey(PUT_RECORDS);
        assertThatTheShardsHoldTheInputAndNoTripIsLate();
    }

    private void assertThatTheShardsHoldTheInputAndNoTripIsLate() throws IOException {
        Map<Long, JsonNode> arrived = new TreeMap<>();
        Instant last = input.values().stream()
                .map(trip -> time(trip, "dropoff_datetime"))
                .max(Instant::compareTo)
                .orElseThrow();
        for (ShardDescription shard : kinesis.shards(STREAM)) {
            Instant watermark = Instant.MIN;
            for (StoredRecord record : kinesis.records(STREAM, shard.shardId())) {
                for (UserRecord user : record.userRecords()) {
                    JsonNode event = JSON.readTree(user.data());
                    if (event.get("type").textValue().equals("watermark")) {
                        assertThat(time(event, "watermark")).isAfterOrEqualTo(watermark);
                        watermark = time(event, "watermark");
                    } else {
                        assertThat(time(event, "dropoff_datetime"))
                                .as("trip behind a watermark of %s", shard.shardId())
                                .isAfter(watermark);
                        arrived.put(event.get("trip_id").longValue(), event);
                    }
                }
            }
            if (shard.isOpen()) {
                assertThat(watermark)
                        .as("last watermark of %s", shard.shardId())
                        .isEqualTo(last);
            }
        }
        assertThat(arrived).isEqualTo(input);
    }

    private void awaitRecords(long records, Process process) {
        await().atMost(TIMEOUT).until(() -> kinesis.userRecords(STREAM).size() >= records || !process.isAlive());
        assertThat(process.isAlive()).as("the producer runs").isTrue();
    }

    /** Kills the process as {@code kill -9} does; the library's native process sees its pipes close and exits. */
    private static void kill(Process process) {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        await().atMost(TIMEOUT)
                .until(() -> !process.isAlive() && children.stream().noneMatch(ProcessHandle::isAlive));
    }

    private Process start(String log, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("-data", trips.toString(), "-sort", "-statisticsFrequency", "500"));
        all.addAll(ShippedProducer.into(kinesis, STREAM));
        all.addAll(List.of(arguments));
        return producer.start("output", log, producer.command(HEAP, all));
    }

    private static Instant time(JsonNode event, String field) {
        return Instant.parse(event.get(field).textValue());
    }
}
