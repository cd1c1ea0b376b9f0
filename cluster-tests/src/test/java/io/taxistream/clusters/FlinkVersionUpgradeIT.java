package io.taxistream.clusters;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The shipped jar, which is compiled for Flink 1.20, on a session cluster of each version. */
class FlinkVersionUpgradeIT {

    @Test
    @Tag("full")
    void restoresASavepointOfFlink1OnFlink2() throws Exception {
        Path folder = BuildOutput.emptyFolder("flink-upgrade");
        try (Replay replay = Replay.prepare(folder.resolve("replay"), Upgrade.FILES, Upgrade.SHARDS);
                SessionCluster older =
                        SessionCluster.start(BuildOutput.FLINK_LIB, folder.resolve("flink-1"), 2, replay.jobOptions());
                SessionCluster newer = SessionCluster.start(
                        BuildOutput.FLINK_2_LIB, folder.resolve("flink-2"), 2, replay.jobOptions())) {
            assertThat(older.flinkVersion()).startsWith("1.20.");
            assertThat(newer.flinkVersion()).startsWith("2.");

            Upgrade.play(new UpgradedCluster(older, newer), replay);

            assertThat(older.flink().logLines(" ERROR ")).isEmpty();
            assertThat(newer.flink().logLines(" ERROR ")).isEmpty();
        }
    }

    /** New jobs start on one cluster, those that go on from a savepoint on the other. */
    private record UpgradedCluster(SessionCluster first, SessionCluster then) implements Upgrade.Cluster {

        @Override
        public RunningJob start(int parallelism, Optional<String> savepoint) throws Exception {
            return (savepoint.isPresent() ? then : first).start(parallelism, savepoint);
        }

        @Override
        public String savepoints() {
            return first.savepoints();
        }
    }
}
