package io.taxistream.clusters;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs the shipped jar as an application on YARN, as EMR does. */
@Tag("full")
class YarnApplicationIT {

    private static Replay replay;
    private static YarnCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        Path folder = BuildOutput.emptyFolder("yarn");
        replay = Replay.prepare(folder.resolve("replay"), Upgrade.FILES, Upgrade.SHARDS);
        cluster = YarnCluster.start(folder, replay.jobOptions());
    }

    @AfterAll
    static void stop() {
        cluster.close();
        replay.close();
    }

    @Test
    void everyDocumentIsCorrectAfterUpgradesAndADrain() throws Exception {
        Upgrade.play(cluster, replay);
    }
}
