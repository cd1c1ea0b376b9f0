package io.taxistream.local.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.embeddedkinesis.FaultInjector;
import io.taxistream.local.page.ScalingAction;
import io.taxistream.local.services.StreamService;
import io.taxistream.local.services.TaskManagers;
import io.taxistream.local.status.EventLog;
import io.taxistream.local.status.EventLog.Kind;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScalingTest {

    private final EventLog events = new EventLog(Clock.systemUTC());
    private final CountedTaskManagers taskManagers = new CountedTaskManagers();
    private StreamService stream;
    private Scaling scaling;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        stream = StreamService.start(2, false, FaultInjector.none(), folder, failure -> {});
        scaling = new Scaling(stream, taskManagers, events);
    }

    @AfterEach
    void stop() {
        stream.close();
    }

    @Test
    void splitsTheWidestShardAndMergesTheNarrowestPair() throws Exception {
        assertThat(scaling.execute(ScalingAction.SPLIT_SHARD, 0)).endsWith("3 shards are open now");
        assertThat(scaling.execute(ScalingAction.SPLIT_SHARD, 0)).endsWith("4 shards are open now");

        String merged = scaling.execute(ScalingAction.MERGE_SHARDS, 0);

        assertThat(merged).contains("Merged").endsWith("3 shards are open now");
        assertThat(stream.openShards()).hasSize(3);
        assertThat(events.entries()).hasSize(3).allMatch(entry -> entry.kind() == Kind.SCALING);
        assertThat(events.entries().get(2).text()).isEqualTo(merged);
    }

    @Test
    void changesTheNumberOfShards() throws Exception {
        assertThat(scaling.execute(ScalingAction.SET_SHARD_COUNT, 5)).endsWith("5 shards are open now");
        assertThat(scaling.execute(ScalingAction.SET_SHARD_COUNT, 1)).endsWith("1 shard is open now");

        assertThat(stream.openShards()).hasSize(1);
    }

    @Test
    void rejectsInvalidShardCounts() throws Exception {
        assertThatThrownBy(() -> scaling.execute(ScalingAction.SET_SHARD_COUNT, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the stream can have 1 to 256 shards");
        assertThatThrownBy(() -> scaling.execute(ScalingAction.SET_SHARD_COUNT, 257))
                .isInstanceOf(IllegalArgumentException.class);
        scaling.execute(ScalingAction.SET_SHARD_COUNT, 1);
        assertThatThrownBy(() -> scaling.execute(ScalingAction.MERGE_SHARDS, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("so there is nothing to merge");
    }

    @Test
    void replacesAKilledTaskManager() throws Exception {
        assertThat(scaling.execute(ScalingAction.KILL_TASK_MANAGER, 0)).endsWith("1 is running now");
        assertThat(scaling.execute(ScalingAction.START_TASK_MANAGER, 0)).endsWith("2 are running now");

        assertThat(taskManagers.killed).isEqualTo(1);
        assertThat(events.entries()).extracting(EventLog.Entry::kind).containsExactly(Kind.FAULT, Kind.SCALING);
    }

    private static final class CountedTaskManagers implements TaskManagers {

        private int running = 1;
        private int killed;

        @Override
        public int startTaskManager() {
            return ++running;
        }

        @Override
        public int killTaskManager() {
            killed++;
            return --running;
        }
    }
}
