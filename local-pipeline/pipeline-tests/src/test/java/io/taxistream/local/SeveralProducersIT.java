package io.taxistream.local;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.taxistream.embeddedkinesis.UserRecord;
import io.taxistream.events.Event;
import io.taxistream.events.EventReader;
import io.taxistream.events.MalformedEventException;
import io.taxistream.events.TripEvent;
import io.taxistream.eventtime.Part;
import io.taxistream.local.batch.BatchComputation;
import io.taxistream.local.services.FlinkJob;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several shipped producers on one stream that is resharded: one starts late or is never resumed. */
@Tag("full")
class SeveralProducersIT {

    private static final int TRIPS = 6_000;

    /** Six hours of event time in fifteen seconds. */
    private static final String SPEEDUP = "1440";

    @TempDir
    private static Path folder;

    private static Path trips;
    private static BatchComputation batch;
    private static ProcessorRuns runs;

    private final ShippedProducer producers = new ShippedProducer(folder);

    @BeforeAll
    static void start() throws Exception {
        trips = folder.resolve("trips.csv");
        TripFile.write(trips, TRIPS, 5);
        batch = TripFile.batch(trips);
        runs = ProcessorRuns.start(2, folder.resolve("flink"));
    }

    @AfterAll
    static void stop() throws Exception {
        runs.close();
    }

    @AfterEach
    void stopProducers() {
        producers.close();
    }

    @Test
    void lateStartingPartMakesNoTripLate() throws Exception {
        String stream = "late-part";
        runs.createStream(stream, 4);
        FlinkJob job = runs.submit(stream, stream, 2);
        Process first = start(stream, "1/2");
        await().atMost(ProcessorRuns.TIMEOUT)
                .until(() -> eventTimeSpanned(stream).compareTo(Duration.ofMinutes(5)) >= 0);
        runs.kinesis().updateShardCount(stream, 6);

        Process second = start(stream, "2/2");

        await().atMost(ProcessorRuns.TIMEOUT).until(() -> tripsIn(stream).size() > TRIPS / 2);
        runs.kinesis().updateShardCount(stream, 3);
        awaitDone(first, stream, "1/2");
        awaitDone(second, stream, "2/2");
        assertThat(tripsIn(stream)).hasSize(TRIPS);
        runs.drainAndCompare(job, stream, batch);
    }

    @Test
    void endingAKilledPartKeepsTheOtherResultsExact() throws Exception {
        String stream = "dead-part";
        runs.createStream(stream, 4);
        FlinkJob job = runs.submit(stream, stream, 2);
        Process first = start(stream, "1/3");
        Process second = start(stream, "2/3");
        Process third = start(stream, "3/3");
        // The job has a watermark once every part has one in every shard.
        await().atMost(ProcessorRuns.TIMEOUT)
                .until(() -> job.read(Set.of()).watermark().isPresent() && sentBy(new Part(2, 3), stream) > TRIPS / 9);
        kill(second);
        runs.kinesis().updateShardCount(stream, 6);
        awaitDone(first, stream, "1/3");
        awaitDone(third, stream, "3/3");

        Instant watermarkBefore = job.read(Set.of()).watermark().orElseThrow();
        assertThat(watermarkBefore)
                .as("silence is not progress")
                .isBefore(batch.lastDropoff().minus(Duration.ofHours(1)));
        List<String> end = new ArrayList<>(ShippedProducer.into(runs.kinesis(), stream));
        end.addAll(List.of("-part", "2/3", "-end"));
        Process byHand = producers.start("end.out", "end.log", producers.command("128m", end));
        assertThat(byHand.waitFor(ProcessorRuns.TIMEOUT.toMinutes(), MINUTES)).isTrue();
        assertThat(byHand.exitValue()).as(producers.read("end.log")).isZero();

        List<TripEvent> inStream = tripsIn(stream);
        assertThat(inStream).as("a part's trips are missing").hasSizeBetween(2 * TRIPS / 3, TRIPS - 100);
        runs.drainAndCompare(
                job, stream, Trips.of(inStream, new BatchComputation()).batch());
    }

    private Process start(String stream, String part) throws IOException {
        List<String> arguments = new ArrayList<>(ShippedProducer.into(runs.kinesis(), stream));
        arguments.addAll(List.of("-data", trips.toString(), "-sort", "-speedup", SPEEDUP, "-part", part));
        return producers.start(log(stream, part) + ".out", log(stream, part), producers.command("128m", arguments));
    }

    private void awaitDone(Process producer, String stream, String part) throws Exception {
        assertThat(producer.waitFor(ProcessorRuns.TIMEOUT.toMinutes(), MINUTES)).isTrue();
        assertThat(producer.exitValue()).as(producers.read(log(stream, part))).isZero();
    }

    private static String log(String stream, String part) {
        return stream + "-" + part.replace('/', '-') + ".log";
    }

    private static void kill(Process process) {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        await().atMost(ProcessorRuns.TIMEOUT)
                .until(() -> !process.isAlive() && children.stream().noneMatch(ProcessHandle::isAlive));
    }

    private static long sentBy(Part part, String stream) throws MalformedEventException {
        return tripsIn(stream).stream()
                .filter(trip -> part.owns(Long.toUnsignedString(trip.tripId(), Character.MAX_RADIX)))
                .count();
    }

    private static Duration eventTimeSpanned(String stream) throws MalformedEventException {
        var times = tripsIn(stream).stream().mapToLong(TripEvent::dropoffMillis).summaryStatistics();
        return times.getCount() == 0 ? Duration.ZERO : Duration.ofMillis(times.getMax() - times.getMin());
    }

    /** Returns the trips in the stream without duplicates. */
    private static List<TripEvent> tripsIn(String stream) throws MalformedEventException {
        EventReader reader = new EventReader();
        Map<Long, TripEvent> trips = new TreeMap<>();
        for (UserRecord record : runs.kinesis().userRecords(stream)) {
            Event event = reader.read(record.data());
            if (event instanceof TripEvent trip) {
                trips.put(trip.tripId(), trip);
            }
        }
        return List.copyOf(trips.values());
    }
}
