package io.taxistream.clusters;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs the shipped jar on a Flink session cluster with the commands of the walk-through. */
class SessionClusterIT {

    private static Replay replay;
    private static SessionCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        Path folder = BuildOutput.emptyFolder("session");
        replay = Replay.prepare(folder.resolve("replay"), Upgrade.FILES, Upgrade.SHARDS);
        cluster = SessionCluster.start(BuildOutput.FLINK_LIB, folder, 2, replay.jobOptions());
    }

    @AfterAll
    static void stop() {
        cluster.close();
        replay.close();
    }

    @Test
    @Tag("full")
    void everyDocumentIsCorrectAfterUpgradesAndADrain() throws Exception {
        Upgrade.play(cluster, replay);

        assertThat(cluster.flink().logLines(" ERROR ")).isEmpty();
    }

    @Test
    void invalidCommandLineExitsWithCodeTwoAndOneLine() throws Exception {
        FlinkInstallation.Result run = cluster.flink()
                .flink(List.of("run", "-p", "8", BuildOutput.PROCESSOR.toString(), "--region", AwsEnvironment.REGION));

        assertThat(run.lines()).singleElement().asString().contains("--stream");
        assertThat(run.exitCode()).isEqualTo(2);
    }
}
