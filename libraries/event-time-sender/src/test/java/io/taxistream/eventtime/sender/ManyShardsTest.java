package io.taxistream.eventtime.sender;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.WatermarkRecord;
import io.taxistream.eventtime.sender.FakeStream.FakeShard;
import io.taxistream.eventtime.sender.WatermarkBroadcaster.BroadcastWatermark;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Watermarks for a thousand shards, with calls that take as long, and take as many records, as those to Kinesis. */
class ManyShardsTest {

    private static final int SHARDS = 1_000;
    private static final int RESHARDS = 100;
    private static final int RECORDS_PER_CALL = 500;
    private static final int CONCURRENT_CALLS = 8;

    /** As the upkeep of the stream has it. */
    private static final Duration TICK = Duration.ofMillis(25);

    private static final Duration STEP = Duration.ofMillis(5);

    private final FakeTime time = new FakeTime();
    private final FakeStream stream = new FakeStream(time, new Random(1), SHARDS);
    private final WatermarkBroadcaster watermarks = new WatermarkBroadcaster(stream, Part.ONLY, time);

    /** When each shard was opened. */
    private final Map<String, Long> openedMillis = new HashMap<>();

    @Test
    void everyOpenShardReceivesTheLastWatermarkThroughAHundredReshards() {
        delayCalls(10, 40);
        stream.failurePercent = 1;
        long cpuStart = cpuNanos();
        long startMillis = time.millis();

        recordOpenShards();
        for (int reshard = 0; reshard < RESHARDS; reshard++) {
            replay(Duration.ofMillis(600));
            stream.reshard();
            recordOpenShards();
        }
        double seconds = (time.millis() - startMillis) / 1e3;
        int calls = stream.calls;
        int listings = stream.listings;
        stream.failurePercent = 0;
        long last = time.millis();
        runUntil(last, () -> watermarks.isSettled(new BroadcastWatermark(last, false)));

        double cpuSeconds = (cpuNanos() - cpuStart) / 1e9;
        long records =
                stream.shards.stream().mapToLong(shard -> shard.records.size()).sum();
        System.out.printf(
                "%d shards, %d reshards, %.0f s: %.1f calls/s, of which %.1f list shards; %.0f watermarks/s in all;"
                        + " %.2f CPU seconds, the stream included%n",
                SHARDS, RESHARDS, seconds, calls / seconds, listings / seconds, records / seconds, cpuSeconds);
        assertThat(stream.open()).allSatisfy(shard -> assertThat(lastOf(shard)).isEqualTo(last));
        assertThat(stream.shards).allSatisfy(shard -> {
            assertThat(shard.records)
                    .extracting(record -> ((WatermarkRecord) record).watermarkMillis())
                    .isSorted();
            assertThat(maxPerSecond(shard.arrivalMillis)).isLessThanOrEqualTo(5);
        });
        assertThat(stream.open())
                .allSatisfy(shard -> assertThat(shard.arrivalMillis.get(0) - openedMillis.get(shard.id))
                        .isLessThan(2_000));
        // Kinesis allows a stream 1,000 listings a second
        assertThat(listings / seconds).isLessThan(5);
        assertThat(calls / seconds).isLessThan(50);
    }

    @ParameterizedTest
    @CsvSource({"15, 50", "100, 150", "400, 450"})
    void watermarkReachesAllShardsTogether(long callMillis, long withinMillis) {
        delayCalls(callMillis, callMillis);
        runUntil(1, () -> watermarks.isSettled(new BroadcastWatermark(1, false)));
        run(1, WatermarkBroadcaster.INTERVAL);
        long start = time.millis();

        runUntil(2, () -> watermarks.arrivedMillis() == 2);

        long tookMillis = time.millis() - start;
        System.out.printf(
                "%d shards, %d ms a call: a watermark is in all after %d ms%n", SHARDS, callMillis, tookMillis);
        assertThat(tookMillis).isLessThanOrEqualTo(withinMillis);
    }

    private void delayCalls(long fromMillis, long toMillis) {
        stream.minDelayMillis = fromMillis;
        stream.maxDelayMillis = toMillis;
        stream.recordsPerCall = RECORDS_PER_CALL;
        stream.maxConcurrentCalls = CONCURRENT_CALLS;
    }

    /** Lets event time go on with the clock. */
    private void replay(Duration duration) {
        long end = time.nanoTime() + duration.toNanos();
        while (time.nanoTime() - end < 0) {
            run(time.millis(), TICK);
        }
    }

    private void runUntil(long watermarkMillis, BooleanSupplier condition) {
        long end = time.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean() && time.nanoTime() - end < 0) {
            run(watermarkMillis, STEP);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private void recordOpenShards() {
        stream.open().forEach(shard -> openedMillis.putIfAbsent(shard.id, time.millis()));
    }

    private void run(long watermarkMillis, Duration duration) {
        watermarks.tick(new BroadcastWatermark(watermarkMillis, false));
        long end = time.nanoTime() + duration.toNanos();
        while (time.nanoTime() - end < 0) {
            time.sleep(STEP.toNanos());
            stream.step();
        }
    }

    private static long lastOf(FakeShard shard) {
        return ((WatermarkRecord) shard.records.get(shard.records.size() - 1)).watermarkMillis();
    }

    private static int maxPerSecond(List<Long> arrivalMillis) {
        Map<Long, Integer> perSecond = new HashMap<>();
        arrivalMillis.forEach(millis -> perSecond.merge(millis / 1_000, 1, Integer::sum));
        return perSecond.isEmpty() ? 0 : Collections.max(perSecond.values());
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
