package io.taxistream.local.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.embeddedkinesis.Fault;
import io.taxistream.embeddedkinesis.FaultRules;
import io.taxistream.embeddedkinesis.KinesisOperation;
import io.taxistream.embeddedkinesis.ShardDescription;
import io.taxistream.events.EventReader;
import io.taxistream.events.EventWriter;
import io.taxistream.events.MalformedEventException;
import io.taxistream.events.TripEvent;
import io.taxistream.events.WatermarkEvent;
import io.taxistream.eventtime.Part;
import io.taxistream.local.chaos.ChaosFault.DuplicateRecords;
import io.taxistream.local.chaos.ChaosFault.KillProducer;
import io.taxistream.local.chaos.ChaosFault.KillTaskManager;
import io.taxistream.local.chaos.ChaosFault.LateTrips;
import io.taxistream.local.chaos.ChaosFault.MergeShards;
import io.taxistream.local.chaos.ChaosFault.PoisonDocument;
import io.taxistream.local.chaos.ChaosFault.RestoreJob;
import io.taxistream.local.chaos.ChaosFault.SetShardCount;
import io.taxistream.local.chaos.ChaosFault.SplitShard;
import io.taxistream.local.chaos.ChaosFault.StartProducer;
import io.taxistream.local.chaos.ChaosFault.StrayWatermark;
import io.taxistream.local.chaos.ChaosSchedule.PlannedFault;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Injects faults into an embedded stream, with a pipeline around it that only records the calls. */
class ChaosPlayTest {

    private static final String STREAM = "trips";
    private static final int TRIPS = 100;
    private static final long START = Instant.parse("2015-12-01T16:00:00Z").toEpochMilli();

    private final FakeTarget target = new FakeTarget();
    private final StreamGate gate = new StreamGate(new FaultRules(Clock.systemUTC(), new Random(1)));
    private final List<String> reported = new CopyOnWriteArrayList<>();
    private final ReplayInput input = new ReplayInput();
    private final List<byte[]> records = new ArrayList<>();
    private EmbeddedKinesis kinesis;
    private FaultySearchEngine search;

    @BeforeEach
    void start() throws Exception {
        kinesis = EmbeddedKinesis.builder().faults(gate).start();
        kinesis.createStream(STREAM, 2);
        // receives no requests in this test
        search = FaultySearchEngine.start(URI.create("http://127.0.0.1:9"), 1);
        EventWriter writer = new EventWriter();
        for (int i = 0; i < TRIPS; i++) {
            long dropoff = START + i * 30_000L;
            byte[] record =
                    writer.write(new TripEvent(i, dropoff - 600_000, dropoff, 40.75, -73.98, 40.75, -73.98, 10));
            records.add(record);
            input.add(new String(record, StandardCharsets.UTF_8));
        }
    }

    @AfterEach
    void stop() {
        target.restore.countDown();
        search.close();
        kinesis.close();
    }

    @Test
    void injectsFaultsInOrderAtTheirShareOfTheStream() {
        CompletableFuture<Void> played = play(
                new PlannedFault(0.2, new SplitShard(0)),
                new PlannedFault(0.4, new MergeShards(0.9)),
                new PlannedFault(0.6, new SetShardCount(4)),
                new PlannedFault(0.8, new KillTaskManager(1)),
                new PlannedFault(0.85, new KillProducer(new Part(2, 3), false)),
                new PlannedFault(0.9, new StartProducer(new Part(2, 3))));

        assertThat(open()).hasSize(2);
        put(0, 21);
        await().until(() -> open().size() == 3);
        put(21, 41);
        await().until(() -> open().size() == 2);
        put(41, 61);
        await().until(() -> open().size() == 4);
        put(61, TRIPS);
        await().until(played::isDone);

        assertThat(played).isCompleted();
        assertThat(target.done).containsExactly("kill task manager 1", "kill producer 2/3", "start producer 2/3");
        assertThat(reported).hasSize(6);
    }

    @Test
    void streamThrottlesWhileAFaultIsOverdue() {
        CompletableFuture<Void> played =
                play(new PlannedFault(0.2, new RestoreJob(3)), new PlannedFault(0.5, new SplitShard(0)));
        put(0, 21);
        await().until(() -> target.done.contains("restore job with 3"));
        assertThat(gate.next(KinesisOperation.PUT_RECORDS)).isEmpty();

        put(21, 51);

        assertThat(gate.next(KinesisOperation.PUT_RECORDS)).contains(new Fault.Throttle(1));
        assertThat(gate.next(KinesisOperation.PUT_RECORD)).contains(new Fault.Throttle(1));
        assertThat(gate.next(KinesisOperation.GET_RECORDS)).isEmpty();
        assertThat(open()).hasSize(2);
        target.restore.countDown();
        await().until(played::isDone);
        assertThat(open()).hasSize(3);
        assertThat(gate.next(KinesisOperation.PUT_RECORDS)).isEmpty();
    }

    @Test
    void injectsRemainingFaultsWhenNoProducerIsRunning() {
        target.noProducerRunning = true;

        CompletableFuture<Void> played = play(
                new PlannedFault(0.5, new SplitShard(0)), new PlannedFault(0.9, new KillProducer(Part.ONLY, true)));

        await().until(played::isDone);
        assertThat(open()).hasSize(3);
        assertThat(target.done).isEmpty();
        assertThat(reported).last().isEqualTo("the producer was not running");
    }

    @Test
    void comparisonAccountsForInjectedRecords() throws Exception {
        PoisonDocument poison = new PoisonDocument(0, 42);
        put(0, TRIPS);
        watermark(START + TRIPS * 30_000L);
        Chaos chaos = chaos(
                new PlannedFault(0.5, new LateTrips(0, 1_000)),
                new PlannedFault(0.6, new DuplicateRecords(0, 0, 1, 0)),
                new PlannedFault(0.7, poison),
                new PlannedFault(0.8, new StrayWatermark(0)));
        chaos.play();

        String poisonId = "malformed-" + UUID.nameUUIDFromBytes(StreamCorruption.poisonRecord(poison));
        Set<String> late = new HashSet<>(Set.of("late-1000", "late-1001"));
        // the first shard's last trip and its first, delivered again
        StreamAudit.of(kinesis, STREAM).lateTripIds().forEach(id -> late.add("late-" + id));
        assertThat(late).hasSizeBetween(3, 4);
        String strayId = "malformed-" + UUID.nameUUIDFromBytes(StreamCorruption.strayWatermarkRecord());
        assertThat(chaos.isSettled(late, Set.of(poisonId))).isFalse();
        late.add(strayId);
        assertThat(chaos.isSettled(late, Set.of())).isFalse();
        assertThat(chaos.isSettled(late, Set.of(poisonId))).isTrue();
        assertThat(chaos.compare(documents(late, Set.of(poisonId)), Optional.empty())
                        .problems())
                .isEmpty();

        late.removeAll(Set.of("late-1001", strayId));
        assertThat(chaos.compare(documents(late, Set.of()), Optional.empty()).problems())
                .containsExactly(
                        "trip 1001 arrived late, but is not stored",
                        "record " + strayId + " is malformed, but is not stored",
                        "document " + poisonId + " was rejected, but is not stored as a dead letter");
    }

    @Test
    void lateTripsAreNotDeliveredAgainToAShardWhereTheyWouldBeInTime() throws Exception {
        put(0, TRIPS);
        watermark(START + TRIPS * 30_000L);

        chaos(
                        new PlannedFault(0.5, new LateTrips(0, 1_000)),
                        new PlannedFault(0.6, new DuplicateRecords(0, 0.5, TRIPS, 0)))
                .play();

        List<Long> tripIds = new ArrayList<>();
        EventReader reader = new EventReader();
        for (ShardDescription shard : open()) {
            kinesis.forEachRecord(STREAM, shard.shardId(), record -> {
                try {
                    if (reader.read(record.data()) instanceof TripEvent trip) {
                        tripIds.add(trip.tripId());
                    }
                } catch (MalformedEventException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
        assertThat(tripIds).hasSizeGreaterThan(TRIPS + 2).containsOnlyOnce(1_000L, 1_001L);
    }

    @Test
    void comparisonReportsTripsMissingInTheStream() {
        put(0, TRIPS - 1);

        Comparison comparison = chaos().compare(documents(Set.of(), Set.of()), Optional.empty());

        assertThat(comparison.problems()).containsExactly("1 trips of the input are not in the stream");
    }

    @Test
    void ignoresOpenWindows() {
        put(0, TRIPS);
        var nothing = new Chaos.Documents(Map.of(), Map.of(), Map.of(), Set.of());

        Comparison comparison = chaos().compare(nothing, Optional.of(Instant.ofEpochMilli(START + 599_999)));

        assertThat(comparison.compared()).isEqualTo(1);
        assertThat(comparison.missing()).isEqualTo(1);
    }

    private Chaos.Documents documents(Set<String> rejected, Set<String> dead) {
        Map<String, Map<String, Object>> rejectedRecords =
                rejected.stream().collect(Collectors.toMap(id -> id, id -> Map.of("reason", "IMPLAUSIBLE_WATERMARK")));
        return new Chaos.Documents(input.batch().pickupCounts(), input.batch().tripDurations(), rejectedRecords, dead);
    }

    private Chaos chaos(PlannedFault... faults) {
        return new Chaos(
                new ChaosSchedule(1, false, false, 1, List.of(faults)),
                input,
                kinesis,
                STREAM,
                gate,
                search,
                target,
                reported::add);
    }

    private CompletableFuture<Void> play(PlannedFault... faults) {
        Chaos chaos = chaos(faults);
        return CompletableFuture.runAsync(() -> {
            try {
                chaos.play();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private List<ShardDescription> open() {
        return kinesis.shards(STREAM).stream().filter(ShardDescription::isOpen).toList();
    }

    private void put(int from, int to) {
        IntStream.range(from, to).forEach(i -> {
            BigInteger hashKey = BigInteger.TWO.pow(121).multiply(BigInteger.valueOf(i));
            kinesis.putRecord(STREAM, "k", hashKey, records.get(i));
        });
    }

    private void watermark(long millis) {
        open().forEach(shard -> kinesis.putRecord(
                STREAM, "w", shard.startingHashKey(), new EventWriter().write(new WatermarkEvent(millis))));
    }

    private static final class FakeTarget implements ChaosTarget {

        private final List<String> done = new CopyOnWriteArrayList<>();
        private final CountDownLatch restore = new CountDownLatch(1);
        private volatile boolean noProducerRunning;

        @Override
        public boolean noProducerRunning() {
            return noProducerRunning;
        }

        @Override
        public void killTaskManager(int taskManager) {
            done.add("kill task manager " + taskManager);
        }

        @Override
        public void restoreJob(int parallelism) throws InterruptedException {
            done.add("restore job with " + parallelism);
            restore.await();
        }

        @Override
        public boolean killProducer(Part part, boolean isResumed) {
            if (noProducerRunning) {
                return false;
            }
            done.add("kill producer " + part);
            return true;
        }

        @Override
        public void startProducer(Part part) {
            done.add("start producer " + part);
        }
    }
}
