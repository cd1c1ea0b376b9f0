package io.taxistream.eventtime.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.taxistream.eventtime.source.FakeKinesis.Operation;
import io.taxistream.eventtime.source.KinesisProxyException.Kind;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Jobs on a real Flink cluster whose consumer is missing, is not active yet, or disappears. */
class ConsumerRegistrationTest {

    private static final EnhancedFanOut CONSUMER = EnhancedFanOut.named("job");

    private static MiniCluster cluster;

    @TempDir
    Path folder;

    private String name;
    private FakeKinesis stream;
    private Feed feed;
    private CheckedJob job;

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(2)
                .withRandomPorts()
                .build());
        cluster.start();
    }

    @AfterAll
    static void stopCluster() throws Exception {
        cluster.close();
    }

    @BeforeEach
    void createStream(TestInfo test) {
        name = test.getTestMethod().orElseThrow().getName() + " " + test.getDisplayName();
        stream = FakeKinesis.create(name, 2);
        feed = new Feed(stream, 1);
        feed.rounds(2, 50);
        job = new CheckedJob(cluster, name, folder, feed);
    }

    @AfterEach
    void stopJob() throws Exception {
        job.close();
        FakeKinesis.remove(name);
    }

    @Test
    void registersAMissingConsumerAndLeavesItRegistered() throws Exception {
        stream.activateAfter(2);

        job.consumer(CONSUMER).start();
        job.drainAndCheck();

        assertThat(stream.consumers()).containsExactly("job");
    }

    @Test
    void usesAnExistingConsumer() throws Exception {
        stream.registerConsumer("job");

        job.consumer(CONSUMER.withoutRegistration()).start();

        job.drainAndCheck();
    }

    @Test
    void deregistersTheConsumerIfConfigured() throws Exception {
        job.consumer(CONSUMER.deregisteredAtEnd()).start();

        job.drainAndCheck();

        await().until(() -> stream.consumers().isEmpty());
    }

    @Test
    void failsWhenTheConsumerIsMissingAndMayNotBeRegistered() throws Exception {
        job.consumer(CONSUMER.withoutRegistration()).withoutRestarts().start();

        assertThat(job.awaitFailure()).contains("Stream fake has no consumer job");
    }

    @Test
    void failsWhenTheConsumerDoesNotBecomeActive() throws Exception {
        stream.activateAfter(Integer.MAX_VALUE);

        job.consumer(CONSUMER.registrationTimeout(Duration.ofSeconds(1)))
                .withoutRestarts()
                .start();

        assertThat(job.awaitFailure()).contains("Consumer job of stream fake has not become active within PT1S");
    }

    @ParameterizedTest
    @EnumSource(names = {"THROTTLED", "IN_USE", "TEMPORARY"})
    void waitsWhenRegistrationFails(Kind kind) throws Exception {
        stream.failNext(Operation.REGISTER, kind);
        stream.failNext(Operation.CONSUMER, kind == Kind.IN_USE ? Kind.THROTTLED : kind);

        job.consumer(CONSUMER).start();

        job.drainAndCheck();
    }

    @Test
    void registersARemovedConsumerAgain() throws Exception {
        job.consumer(CONSUMER).start();
        job.awaitWatermark(feed.watermarkMillis());

        stream.removeConsumer("job");
        stream.endSubscriptions();
        feed.rounds(2, 50);

        job.drainAndCheck();
        assertThat(stream.consumers()).containsExactly("job");
    }
}
