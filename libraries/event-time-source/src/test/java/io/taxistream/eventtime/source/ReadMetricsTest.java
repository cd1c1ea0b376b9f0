package io.taxistream.eventtime.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.PartWatermarks;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.metrics.groups.GenericMetricGroup;
import org.apache.flink.runtime.metrics.groups.UnregisteredMetricGroups;
import org.apache.flink.runtime.metrics.util.TestingMetricRegistry;
import org.junit.jupiter.api.Test;

class ReadMetricsTest {

    private final List<String> registered = new ArrayList<>();
    private final Map<String, Gauge<?>> ofParts = new HashMap<>();
    private final TestingMetricRegistry registry = TestingMetricRegistry.builder()
            .setRegisterConsumer((metric, name, group) -> {
                registered.add(name);
                if (group.getAllVariables().containsKey("<part>")) {
                    ofParts.put(group.getAllVariables().get("<part>"), (Gauge<?>) metric);
                }
            })
            .setUnregisterConsumer((metric, name, group) -> registered.remove(name))
            .build();
    private final ReadMetrics metrics = new ReadMetrics(new GenericMetricGroup(
            registry, UnregisteredMetricGroups.createUnregisteredOperatorMetricGroup(), "reader"));

    @Test
    void metricsOfAShardAreUnregisteredWithIt() {
        List<String> ofReader = List.copyOf(registered);
        registerAll("shard-1");
        registerAll("shard-2");

        metrics.unregister("shard-1");

        assertThat(registered)
                .startsWith(ofReader.toArray(String[]::new))
                .hasSize(ofReader.size() + 3)
                .endsWith("millisBehindLatest", "watermark", "heldBackMillis");
    }

    @Test
    void returningShardHasMetricsAgain() {
        registerAll("shard-1");
        metrics.unregister("shard-1");

        registerAll("shard-1");

        assertThat(registered).endsWith("millisBehindLatest", "watermark", "heldBackMillis");
    }

    @Test
    void watermarkOfAPartIsTheSmallestOverAllShards() {
        PartWatermarks behind =
                PartWatermarks.NONE.with(new Part(1, 3), 10, false).with(new Part(2, 3), 70, false);
        PartWatermarks ahead =
                PartWatermarks.NONE.with(new Part(1, 3), 20, false).with(new Part(3, 3), 50, false);

        metrics.registerParts("shard-1", () -> behind);
        metrics.registerParts("shard-2", () -> ahead);

        assertThat(ofParts).hasSize(3);
        assertThat(ofParts.get("1/3").getValue()).isEqualTo(10L);
        assertThat(ofParts.get("2/3").getValue()).as("not heard in a shard").isEqualTo(Long.MIN_VALUE);

        metrics.unregister("shard-1");

        assertThat(ofParts.get("1/3").getValue()).isEqualTo(20L);
        assertThat(ofParts.get("2/3").getValue()).isEqualTo(Long.MIN_VALUE);
        assertThat(ofParts.get("3/3").getValue()).isEqualTo(50L);
    }

    @Test
    void endedPartHoldsNothingBack() {
        PartWatermarks ended =
                PartWatermarks.NONE.with(new Part(1, 2), 10, true).with(new Part(2, 2), 30, false);

        metrics.registerParts("shard-1", () -> ended);

        assertThat(ofParts.get("1/2").getValue()).isEqualTo(Long.MAX_VALUE);
        assertThat(ofParts.get("2/2").getValue()).isEqualTo(30L);
    }

    @Test
    void onlyPartHasNoMetricOfItsOwn() {
        metrics.registerParts("shard-1", () -> PartWatermarks.ofOnlyPart(10));

        assertThat(ofParts).isEmpty();
    }

    @Test
    void onlyPartHasAMetricBesideTheFalseOneThatItWaitsFor() {
        PartWatermarks watermarks = PartWatermarks.ofOnlyPart(10).with(new Part(2, 2), 5, false);

        metrics.registerParts("shard-1", () -> watermarks);

        assertThat(ofParts).containsOnlyKeys("1/1", "1/2", "2/2");
        assertThat(ofParts.get("1/1").getValue()).isEqualTo(10L);
        assertThat(ofParts.get("1/2").getValue()).isEqualTo(Long.MIN_VALUE);
        assertThat(ofParts.get("2/2").getValue()).isEqualTo(5L);
    }

    private void registerAll(String shardId) {
        metrics.registerShard(shardId, () -> 0);
        metrics.registerWatermark(shardId, () -> 0);
        metrics.registerHeldBack(shardId, () -> 0);
    }
}
