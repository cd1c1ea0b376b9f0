package io.taxistream.eventtime.sender;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.WatermarkRecord;
import io.taxistream.eventtime.sender.FakeStream.FakeShard;
import io.taxistream.eventtime.sender.WatermarkBroadcaster.BroadcastWatermark;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class WatermarkBroadcasterTest {

    private final FakeTime time = new FakeTime();
    private final FakeStream stream = new FakeStream(time, new Random(1), 3);
    private final WatermarkBroadcaster watermarks = new WatermarkBroadcaster(stream, Part.ONLY, time);

    @Test
    void watermarkReachesEveryShard() {
        run(1_000, Duration.ofSeconds(1));

        assertThat(stream.open())
                .allSatisfy(shard -> assertThat(shard.records).containsExactly(WatermarkRecord.of(1_000)));
        assertThat(watermarks.arrivedMillis()).isEqualTo(1_000);
    }

    @Test
    void sendsNothingUntilTheWatermarkAdvances() {
        run(1_000, Duration.ofSeconds(5));
        run(2_000, Duration.ofSeconds(5));

        assertThat(stream.open())
                .allSatisfy(shard -> assertThat(shard.records)
                        .containsExactly(WatermarkRecord.of(1_000), WatermarkRecord.of(2_000)));
    }

    @Test
    void advancingWatermarkIsSentFourTimesPerSecond() {
        for (int i = 0; i < 100; i++) {
            run(1_000 + i, Duration.ofMillis(100));
        }

        assertThat(stream.open().get(0).records).hasSizeBetween(30, 40);
    }

    @Test
    void failingShardDoesNotDelayTheOthers() {
        FakeShard broken = stream.open().get(1);
        stream.brokenShard = broken.id;

        for (int i = 1; i <= 20; i++) {
            run(i * 1_000L, Duration.ofMillis(500));
        }

        assertThat(stream.open().get(0).records).hasSizeGreaterThan(15).endsWith(WatermarkRecord.of(20_000));
        assertThat(stream.open().get(2).records).hasSizeGreaterThan(15).endsWith(WatermarkRecord.of(20_000));
        assertThat(broken.records).isEmpty();
        assertThat(watermarks.outageDuration()).isGreaterThan(Duration.ofSeconds(9));
        assertThat(watermarks.lastError()).contains("InternalFailure");

        stream.brokenShard = null;
        run(20_000, Duration.ofSeconds(3));
        assertThat(broken.records).containsExactly(WatermarkRecord.of(20_000));
        assertThat(watermarks.outageDuration()).isZero();
    }

    @Test
    void childrenOfASplitReceiveTheWatermarkWithinTwoSeconds() {
        run(1_000, Duration.ofSeconds(1));

        stream.split(stream.open().get(0));
        run(1_000, Duration.ofSeconds(2));

        assertThat(stream.open())
                .hasSize(4)
                .allSatisfy(shard -> assertThat(shard.records).isNotEmpty().containsOnly(WatermarkRecord.of(1_000)));
    }

    @Property(tries = 50)
    void everyOpenShardHasTheWatermarkWithinTwoSecondsOfAnyReshard(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 300) int maxDelayMillis) {
        var random = new Random(seed);
        var shards = new FakeStream(time, random, 1 + random.nextInt(4));
        shards.maxDelayMillis = maxDelayMillis;
        var reached = new WatermarkBroadcaster(shards, Part.ONLY, time);
        long watermark = 1_000;
        for (int reshard = 0; reshard < 8; reshard++) {
            long end = time.nanoTime() + Duration.ofSeconds(2).toNanos();
            boolean advances = random.nextBoolean();
            while (time.nanoTime() - end < 0) {
                watermark += advances ? 5 : 0;
                reached.tick(new BroadcastWatermark(watermark, false));
                time.sleep(5_000_000);
                shards.step();
            }
            assertThat(shards.open())
                    .allSatisfy(shard -> assertThat(shard.records).isNotEmpty());
            shards.reshard();
        }
        assertThat(shards.shards)
                .allSatisfy(shard -> assertThat(shard.records)
                        .extracting(record -> ((WatermarkRecord) record).watermarkMillis())
                        .isSorted());
    }

    @Test
    void watermarkInAnotherShardTriggersAListing() {
        run(1_000, Duration.ofSeconds(1));

        stream.split(stream.open().get(0));
        run(2_000, Duration.ofMillis(400));

        assertThat(stream.open()).allSatisfy(shard -> assertThat(shard.records).contains(WatermarkRecord.of(2_000)));
    }

    @Test
    void watermarkSettlesOnlyAfterAListingWithoutNewShards() {
        run(1_000, Duration.ofMillis(100));
        assertThat(watermarks.arrivedMillis()).isEqualTo(1_000);
        stream.split(stream.open().get(0));

        Duration waited = Duration.ZERO;
        while (!watermarks.isSettled(new BroadcastWatermark(1_000, false))
                && waited.compareTo(Duration.ofSeconds(5)) < 0) {
            run(1_000, Duration.ofMillis(5));
            waited = waited.plusMillis(5);
        }

        assertThat(watermarks.isSettled(new BroadcastWatermark(1_000, false))).isTrue();
        assertThat(stream.open()).allSatisfy(shard -> assertThat(shard.records).contains(WatermarkRecord.of(1_000)));
        assertThat(waited).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void newerWatermarkWaitsForAnOlderOneInFlight() {
        run(1_000, Duration.ofSeconds(1));
        stream.maxDelayMillis = 900;
        watermarks.tick(new BroadcastWatermark(2_000, false));
        // the three puts are on their way, for different times, when their shards are merged
        stream.merge(stream.open().get(0), stream.open().get(1));
        for (int i = 3; i < 20; i++) {
            run(i * 1_000L, Duration.ofMillis(100));
        }

        assertThat(stream.shards)
                .allSatisfy(shard -> assertThat(shard.records)
                        .extracting(record -> ((WatermarkRecord) record).watermarkMillis())
                        .isSorted());
    }

    @Test
    void failureInAClosedShardIsNotAnOutage() {
        var client = new HeldPuts();
        var reached = new WatermarkBroadcaster(client, Part.ONLY, time);
        client.open = List.of(new OpenShard("parent", BigInteger.ZERO));
        reached.tick(new BroadcastWatermark(1_000, false));
        reached.tick(new BroadcastWatermark(1_000, false));
        assertThat(client.puts).hasSize(1);

        client.open = List.of(new OpenShard("child", BigInteger.ZERO));
        time.sleep(Duration.ofSeconds(2).toNanos());
        reached.tick(new BroadcastWatermark(1_000, false));
        client.puts.remove(0).completeExceptionally(new IllegalStateException("InternalFailure"));
        time.sleep(Duration.ofSeconds(2).toNanos());
        reached.tick(new BroadcastWatermark(2_000, false));
        client.puts.remove(0).complete("child");

        assertThat(reached.arrivedMillis()).isEqualTo(2_000);
        assertThat(reached.outageDuration()).isZero();
    }

    /** Answers listings at once, and puts when it is told to. */
    private static final class HeldPuts implements StreamClient {

        private final List<CompletableFuture<String>> puts = new ArrayList<>();
        private List<OpenShard> open = List.of();

        @Override
        public CompletableFuture<List<OpenShard>> openShards() {
            return CompletableFuture.completedFuture(open);
        }

        @Override
        public List<CompletableFuture<String>> put(List<BigInteger> hashKeys, byte[] data) {
            List<CompletableFuture<String>> results = hashKeys.stream()
                    .map(key -> new CompletableFuture<String>())
                    .toList();
            puts.addAll(results);
            return results;
        }

        @Override
        public void close() {
            // nothing is open
        }
    }

    @Test
    void reportsAPermanentErrorUnchanged() {
        stream.outage = new SenderFailedException("there is no stream");
        run(1_000, Duration.ofSeconds(1));

        assertThat(watermarks.failure()).isSameAs(stream.outage);
    }

    private void run(long watermarkMillis, Duration duration) {
        long end = time.nanoTime() + duration.toNanos();
        while (time.nanoTime() - end < 0) {
            watermarks.tick(new BroadcastWatermark(watermarkMillis, false));
            time.sleep(5_000_000);
            stream.step();
        }
    }
}
