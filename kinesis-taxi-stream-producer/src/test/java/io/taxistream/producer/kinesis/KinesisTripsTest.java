package io.taxistream.producer.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.events.Event;
import io.taxistream.events.TripEvent;
import io.taxistream.events.WatermarkEvent;
import io.taxistream.producer.kinesis.FakeStream.FakeShard;
import io.taxistream.producer.replay.StreamFailedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class KinesisTripsTest {

    private static final Duration GIVE_UP_AFTER = Duration.ofSeconds(60);
    private static final int MAX_IN_FLIGHT = 64;

    private final FakeTime time = new FakeTime();

    @Property(tries = 150)
    void everyTripArrivesAndNoWatermarkLiesWhateverFailsOrIsReshardedMeanwhile(
            @ForAll long seed,
            @ForAll @IntRange(max = 40) int failurePercent,
            @ForAll boolean reshards,
            @ForAll boolean packed) {
        var random = new Random(seed);
        var stream = new FakeStream(time, random, 1 + random.nextInt(5));
        stream.failurePercent = failurePercent;
        stream.maxDelayMillis = 1L + random.nextInt(400);
        KinesisTrips sink = sink(stream, packed ? new KplPackingSender(stream, time) : stream, true);
        List<TripEvent> trips = trips(random, 300);
        long last = trips.get(trips.size() - 1).timestampMillis();
        time.onSleep(() -> {
            stream.step();
            sink.upkeep();
            // what opens when all is done already is nobody's to reach any more
            if (reshards && sink.status().watermarkMillis() < last && random.nextInt(400) == 0) {
                stream.reshard();
            }
        });

        for (TripEvent trip : trips) {
            if (random.nextInt(20) == 0) {
                sink.announce(trip.timestampMillis());
                time.sleep(random.nextInt(200) * 1_000_000L);
            }
            sink.send(trip, trip.timestampMillis());
        }
        sink.finish(true);

        assertThat(tripsIn(stream)).containsExactlyInAnyOrderElementsOf(new HashSet<>(trips));
        for (FakeShard shard : stream.shards) {
            assertThatWatermarksHoldIn(shard);
        }
        assertThat(stream.open()).allSatisfy(shard -> assertThat(shard.records).endsWith(new WatermarkEvent(last)));
        assertThat(sink.status().sent()).isEqualTo(trips.size());
        assertThat(sink.status().inFlight()).isZero();
        assertThat(sink.status().watermarkMillis()).isEqualTo(last);
    }

    @Property(tries = 100)
    void aReplayThatWasKilledGoesOnBehindTheLastWatermarkWithNothingMissingAndNothingLate(
            @ForAll long seed,
            @ForAll @IntRange(max = 40) int failurePercent,
            @ForAll boolean reshards,
            @ForAll boolean packed) {
        var random = new Random(seed);
        var stream = new FakeStream(time, random, 1 + random.nextInt(5));
        stream.failurePercent = failurePercent;
        stream.maxDelayMillis = 1L + random.nextInt(400);
        List<TripEvent> trips = trips(random, 300);
        long resumeBehind = Long.MIN_VALUE;
        for (int life = 0; life < 3; life++) {
            KinesisTrips sink = sink(stream, packed ? new KplPackingSender(stream, time) : stream, true);
            time.onSleep(() -> {
                stream.step();
                sink.upkeep();
                if (reshards && random.nextInt(400) == 0) {
                    stream.reshard();
                }
            });
            int sendAtMost = life < 2 ? random.nextInt(300) : trips.size();
            for (TripEvent trip : trips) {
                if (trip.timestampMillis() > resumeBehind && sendAtMost-- > 0) {
                    sink.send(trip, trip.timestampMillis());
                    time.sleep(random.nextInt(100) * 1_000_000L);
                }
            }
            if (life == 2) {
                sink.finish(true);
                break;
            }
            stream.kill();
            time.onSleep(() -> {});
            time.sleep(random.nextInt(600) * 1_000_000_000L);
            if (reshards) {
                stream.reshard();
            }
            resumeBehind = new LastWatermark(stream, "trips", time).find().orElse(Long.MIN_VALUE);
        }

        assertThat(tripsIn(stream)).containsExactlyInAnyOrderElementsOf(new HashSet<>(trips));
        for (FakeShard shard : stream.shards) {
            assertThatWatermarksHoldIn(shard);
        }
    }

    @Test
    void whenToldToStopTheLastWatermarkLeavesRoomForTripsOfTheSameTime() {
        var stream = new FakeStream(time, new Random(1), 2);
        KinesisTrips sink = sink(stream, true);
        run(stream, sink);

        sink.send(trip(1, 5_000), 5_000);
        sink.finish(false);

        assertThat(stream.open()).allSatisfy(shard -> assertThat(shard.records).endsWith(new WatermarkEvent(4_999)));
    }

    @Test
    void withoutWatermarksThereAreTripsOnly() {
        var stream = new FakeStream(time, new Random(1), 2);
        KinesisTrips sink = sink(stream, false);
        run(stream, sink);

        sink.send(trip(1, 5_000), 5_000);
        sink.finish(true);

        assertThat(stream.open()).flatExtracting(shard -> shard.records).containsExactly(trip(1, 5_000));
    }

    @Test
    void withoutTripsThereIsNothingToSay() {
        var stream = new FakeStream(time, new Random(1), 2);
        KinesisTrips sink = sink(stream, true);
        run(stream, sink);

        sink.finish(true);

        assertThat(stream.open()).allSatisfy(shard -> assertThat(shard.records).isEmpty());
    }

    @Test
    void sendingWaitsWhileTooManyTripsAreOnTheirWay() {
        var stream = new FakeStream(time, new Random(1), 2);
        stream.maxDelayMillis = 1_000;
        KinesisTrips sink = sink(stream, true);
        run(stream, sink);

        for (int i = 0; i < 1_000; i++) {
            sink.send(trip(i, i), i);
            assertThat(sink.status().inFlight()).isLessThanOrEqualTo(MAX_IN_FLIGHT);
        }
    }

    @Test
    void throttlingForHalfAMinuteIsRiddenOut() {
        var stream = new FakeStream(time, new Random(1), 2);
        KinesisTrips sink = sink(stream, true);
        stream.outage = new IllegalStateException("ProvisionedThroughputExceededException: slow down");
        long end = time.nanoTime() + Duration.ofSeconds(30).toNanos();
        time.onSleep(() -> {
            if (time.nanoTime() - end >= 0) {
                stream.outage = null;
            }
            stream.step();
            sink.upkeep();
        });

        for (int i = 0; i < 200; i++) {
            sink.send(trip(i, i), i);
        }
        sink.finish(true);

        assertThat(tripsIn(stream)).hasSize(200);
        assertThat(sink.status().retried()).isPositive();
    }

    @Test
    void aStreamThatTakesNothingEndsTheReplayAndTellsWhereToGoOn() {
        var stream = new FakeStream(time, new Random(1), 2);
        KinesisTrips sink = sink(stream, false);
        run(stream, sink);
        sink.send(trip(1, 1_000), 1_000);
        sink.finish(false);
        stream.outage = new IllegalStateException("InternalFailure: out of order");
        sink.send(trip(2, 1_449_014_400_000L), 1_449_014_400_000L);

        assertThatThrownBy(() -> sink.finish(true))
                .isInstanceOf(StreamFailedException.class)
                .hasMessage("stream trips has taken no trip for 60 s (InternalFailure: out of order); go on later with"
                        + " -seek 2015-12-02T00:00:00Z");
    }

    @Test
    void aMissingPermissionEndsTheReplayAtOnce() {
        var stream = new FakeStream(time, new Random(1), 2);
        stream.hopeless = true;
        KinesisTrips sink = sink(stream, true);
        run(stream, sink);
        sink.send(trip(1, 1_000), 1_000);
        long start = time.nanoTime();

        assertThatThrownBy(() -> sink.finish(true))
                .isInstanceOf(StreamFailedException.class)
                .hasMessageStartingWith("stream trips takes no trips: AccessDeniedException")
                .hasMessageEndingWith("-seek 1970-01-01T00:00:01Z");
        assertThat(Duration.ofNanos(time.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void watermarksThatReachNotAllShardsEndTheReplay() {
        var stream = new FakeStream(time, new Random(1), 2);
        stream.brokenShard = stream.open().get(1).id;
        KinesisTrips sink = sink(stream, true);
        run(stream, sink);
        sink.send(trip(1, 1_000), 1_000);

        assertThatThrownBy(() -> sink.finish(true))
                .isInstanceOf(StreamFailedException.class)
                .hasMessage(
                        "watermarks have not reached all shards of stream trips for 60 s (InternalFailure: try again)");
    }

    private KinesisTrips sink(FakeStream stream, boolean watermarks) {
        return sink(stream, stream, watermarks);
    }

    private KinesisTrips sink(FakeStream stream, RecordSender sender, boolean watermarks) {
        var settings = new KinesisTrips.Settings("trips", watermarks, MAX_IN_FLIGHT, GIVE_UP_AFTER);
        return new KinesisTrips(sender, stream, settings, time);
    }

    private void run(FakeStream stream, KinesisTrips sink) {
        time.onSleep(() -> {
            stream.step();
            sink.upkeep();
        });
    }

    private static void assertThatWatermarksHoldIn(FakeShard shard) {
        long watermark = Long.MIN_VALUE;
        for (Event event : shard.records) {
            if (event instanceof WatermarkEvent) {
                assertThat(event.timestampMillis()).isGreaterThanOrEqualTo(watermark);
                watermark = event.timestampMillis();
            } else {
                assertThat(event.timestampMillis())
                        .as("trip behind watermark %s", watermark)
                        .isGreaterThan(watermark);
            }
        }
    }

    private static Set<TripEvent> tripsIn(FakeStream stream) {
        Set<TripEvent> trips = new HashSet<>();
        for (FakeShard shard : stream.shards) {
            for (Event event : shard.records) {
                if (event instanceof TripEvent trip) {
                    trips.add(trip);
                }
            }
        }
        return trips;
    }

    private static List<TripEvent> trips(Random random, int count) {
        List<TripEvent> trips = new ArrayList<>();
        long eventTime = 1_449_014_400_000L;
        for (int i = 0; i < count; i++) {
            eventTime += random.nextInt(3) * 500L;
            trips.add(trip(random.nextLong(), eventTime));
        }
        return trips;
    }

    private static TripEvent trip(long id, long eventTimeMillis) {
        return new TripEvent(id, eventTimeMillis, eventTimeMillis, 40.7, -73.9, 40.6, -73.8, 12.5);
    }
}
