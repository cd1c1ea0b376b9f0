package io.taxistream.eventtime.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.metrics.groups.GenericMetricGroup;
import org.apache.flink.runtime.metrics.groups.UnregisteredMetricGroups;
import org.apache.flink.runtime.metrics.util.TestingMetricRegistry;
import org.junit.jupiter.api.Test;

class ReadMetricsTest {

    private final List<String> registered = new ArrayList<>();
    private final TestingMetricRegistry registry = TestingMetricRegistry.builder()
            .setRegisterConsumer((metric, name, group) -> registered.add(name))
            .setUnregisterConsumer((metric, name, group) -> registered.remove(name))
            .build();
    private final ReadMetrics metrics = new ReadMetrics(new GenericMetricGroup(
            registry, UnregisteredMetricGroups.createUnregisteredOperatorMetricGroup(), "reader"));

    @Test
    void theMetricsOfAShardEndWithIt() {
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
    void aShardThatComesBackHasMetricsAgain() {
        registerAll("shard-1");
        metrics.unregister("shard-1");

        registerAll("shard-1");

        assertThat(registered).endsWith("millisBehindLatest", "watermark", "heldBackMillis");
    }

    private void registerAll(String shardId) {
        metrics.registerShard(shardId, () -> 0);
        metrics.registerWatermark(shardId, () -> 0);
        metrics.registerHeldBack(shardId, () -> 0);
    }
}
