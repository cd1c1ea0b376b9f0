package io.taxistream.eventtime.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Jobs on real Flink clusters, while their stream is resharded and everything around them fails. */
@ParameterizedClass(name = "{0}")
@EnumSource
class KinesisSourceJobTest {

    private static final int SLOTS = 8;

    private static final EnhancedFanOut CONSUMER = EnhancedFanOut.named("job")
            .timing(new SubscriptionTiming(
                    Duration.ofMillis(500),
                    Duration.ofMillis(200),
                    Duration.ofMillis(10),
                    Duration.ofMillis(20),
                    Duration.ofMillis(500)));

    /** How the jobs read. */
    enum Reads {
        POLLING,
        FAN_OUT;

        ConsumerType type() {
            return this == POLLING ? new Polling() : CONSUMER;
        }

        Reads other() {
            return this == POLLING ? FAN_OUT : POLLING;
        }
    }

    private static MiniCluster cluster;

    @Parameter
    Reads reads;

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
                .setNumSlotsPerTaskManager(SLOTS)
                .withRandomPorts()
                .build());
        cluster.start();
    }

    @AfterAll
    static void stopCluster() throws Exception {
        cluster.close();
    }

    @BeforeEach
    void nameStream(TestInfo test) {
        name = reads + " " + test.getTestMethod().orElseThrow().getName() + " " + test.getDisplayName();
    }

    @AfterEach
    void stopJob() throws Exception {
        job.close();
        FakeKinesis.remove(name);
    }

    /** Creates the stream, and the job that is to read it. */
    private void given(int shards, int parallelism) {
        stream = FakeKinesis.create(name, shards);
        feed = new Feed(stream, shards);
        job = new CheckedJob(cluster, name, folder, feed)
                .parallelism(parallelism)
                .consumer(reads.type());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 8})
    void readsEveryRecordOnceAndNoneLateThroughReshards(int parallelism) throws Exception {
        given(4, parallelism);
        job.start();

        feed.rounds(5, 100);
        stream.split(stream.openShardIds().get(0));
        feed.rounds(5, 100);
        stream.merge(stream.openShardIds().get(2), stream.openShardIds().get(3));
        feed.rounds(5, 100);
        job.awaitWatermark(feed.watermarkMillis());
        stream.updateShardCount(8);
        feed.rounds(5, 100);
        stream.updateShardCount(16);
        feed.rounds(5, 200);
        job.awaitWatermark(feed.watermarkMillis() - 1000);
        stream.updateShardCount(5);
        feed.rounds(5, 100);

        job.drainAndCheck();
    }

    @Test
    void readsABacklogOfManyGenerationsOfShards() throws Exception {
        given(2, 4);
        for (int target : new int[] {8, 1, 16, 3, 6}) {
            feed.rounds(3, 100);
            stream.updateShardCount(target);
        }
        feed.rounds(3, 100);

        job.start();

        job.drainAndCheck();
    }

    @Test
    void recoversFromFailuresInTheMiddleOfReshards() throws Exception {
        given(3, 3);
        stream.failAtRandom(0.1, 7);
        job.failing(5, 400).start();
        for (int target : new int[] {6, 2, 8, 4}) {
            feed.rounds(5, 100);
            stream.updateShardCount(target);
            stream.expireIterators();
            feed.rounds(3, 50);
            job.awaitWatermark(feed.watermarkMillis());
        }

        job.drainAndCheck();

        assertThat(job.observed().failures).hasValueGreaterThan(2);
    }

    @Test
    void recoversFromAFailureBeforeTheFirstCheckpoint() throws Exception {
        given(4, 2);
        feed.rounds(3, 100);

        job.failing(1, 1).start();

        job.drainAndCheck();
        assertThat(job.observed().failures).hasValue(1);
    }

    @Test
    void continuesFromSavepointsWithAnotherParallelism() throws Exception {
        given(4, 2);
        job.start();
        int[] parallelisms = {5, 1, 3, 8, 4};
        int[] shards = {8, 2, 7, 3, 6};
        for (int i = 0; i < parallelisms.length; i++) {
            long seen = job.observed().seen.get();
            feed.rounds(3, 100);
            job.awaitSeen(seen + 20L);
            String savepoint = job.stopWithSavepoint();
            feed.rounds(2, 50);
            stream.updateShardCount(shards[i]);
            feed.rounds(2, 50);
            job.parallelism(parallelisms[i]).startFrom(savepoint);
        }

        job.drainAndCheck();
    }

    @Test
    void continuesFromASavepointWithTheOtherConsumerType() throws Exception {
        given(4, 2);
        job.start();
        for (int i = 0; i < 4; i++) {
            long seen = job.observed().seen.get();
            feed.rounds(3, 100);
            job.awaitSeen(seen + 20L);
            String savepoint = job.stopWithSavepoint();
            stream.updateShardCount(3 + i);
            feed.rounds(2, 50);
            reads = reads.other();
            job.consumer(reads.type()).parallelism(1 + i).startFrom(savepoint);
        }

        job.drainAndCheck();
    }

    @Test
    void startsAtATimestampBeforeSeveralReshards() throws Exception {
        given(3, 2);
        new Feed(stream, 99).rounds(2, 100);
        stream.updateShardCount(5);
        Instant begin = stream.tick();
        feed.rounds(2, 100);
        stream.updateShardCount(2);
        feed.rounds(2, 100);
        stream.updateShardCount(6);
        feed.rounds(2, 100);

        job.from(new InitialPosition.AtTimestamp(begin)).start();

        job.drainAndCheck();
    }

    @Test
    void readsOnlyNewRecordsFromLatest() throws Exception {
        given(2, 2);
        new Feed(stream, 99).rounds(2, 100);
        stream.updateShardCount(4);

        job.from(new InitialPosition.Latest()).start();
        stream.awaitReads(8);
        feed.rounds(2, 100);
        stream.updateShardCount(3);
        feed.rounds(2, 100);

        job.drainAndCheck();
    }

    @Test
    void alignsTheWatermarksOfShardsThatAreFarApart() throws Exception {
        given(3, 2);
        feed.rounds(20, 60);
        stream.updateShardCount(6);
        feed.rounds(20, 60);

        job.aligned(Duration.ofSeconds(1)).start();

        job.drainAndCheck();
    }

    @Test
    void readAheadOfALaggingShardIsBounded() throws Exception {
        given(4, 2);
        feed.rounds(2, 100);
        job.readingAhead(Duration.ofSeconds(5)).start();
        job.awaitWatermark(2_000);
        String behind = stream.openShardIds().get(0);
        stream.stall(behind, true);

        feed.rounds(30, 100);
        stream.updateShardCount(7);
        feed.rounds(30, 100);
        stream.updateShardCount(2);
        feed.rounds(5, 100);
        job.awaitTimestamp(7_000);
        // only the shard that is behind is asked for more
        stream.awaitReads(stream.reads() + 50);

        // five seconds ahead of the watermark, and the second whose watermark shows that these are over
        assertThat(job.observed().latestMillis).hasValueLessThanOrEqualTo(8_000);
        stream.stall(behind, false);
        job.drainAndCheck();
    }

    @Test
    void readsABacklogOfManyGenerationsWithLittleReadAhead() throws Exception {
        given(2, 2);
        for (int target : new int[] {8, 1, 6}) {
            feed.rounds(10, 60);
            stream.updateShardCount(target);
        }
        feed.rounds(10, 60);

        job.readingAhead(Duration.ofSeconds(2)).start();

        job.drainAndCheck();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readsAParentFarAheadOfTheOtherToItsEnd(boolean alignedByFlink) throws Exception {
        given(2, 2);
        feed.rounds(1, 50);
        String ahead = stream.openShardIds().get(1);
        stream.putTo(ahead, Feed.watermark(9_000));
        stream.putTo(ahead, Feed.watermark(9_500));
        stream.updateShardCount(1);
        feed.rounds(12, 50);

        Duration lessThanOneRound = Duration.ofMillis(100);
        (alignedByFlink ? job.aligned(lessThanOneRound) : job.readingAhead(lessThanOneRound)).start();

        job.drainAndCheck();
    }

    @Test
    void continuesAfterShardsExpiredUnread() throws Exception {
        given(2, 2);
        feed.rounds(2, 50);
        job.start();
        job.awaitWatermark(feed.watermarkMillis());
        String savepoint = job.stopWithSavepoint();
        List<String> old = stream.openShardIds();
        stream.updateShardCount(4);
        old.forEach(stream::expire);
        feed.rounds(2, 50);

        job.startFrom(savepoint);

        job.drainAndCheck();
    }

    @Test
    void holdsTheWatermarkBackForAShardWithoutOne() throws Exception {
        given(2, 2);
        job.start();
        feed.records(100);
        String silent = stream.openShardIds().get(1);
        stream.putTo(stream.openShardIds().get(0), Feed.watermark(5000));
        job.awaitSeen(100);
        assertThat(job.observed().watermarks.values()).containsOnly(Long.MIN_VALUE);

        stream.putTo(silent, Feed.watermark(3000));

        job.awaitWatermark(3000);
        assertThat(job.observed().watermarks.values()).containsOnly(3000L);
    }

    @Test
    void readsSeveralStreamsOfIndependentProducers() throws Exception {
        given(3, 2);
        String otherName = name + ", the other stream";
        FakeKinesis other = FakeKinesis.create(otherName, 2);
        try {
            Feed otherFeed = new Feed(other, 7, Feed.KEYS);
            job.addStream(otherName, otherFeed).aligned(Duration.ofSeconds(2)).start();

            feed.rounds(6, 100);
            otherFeed.rounds(2, 100);
            job.awaitWatermark(otherFeed.watermarkMillis());
            assertThat(job.observed().watermarks.values()).containsOnly(otherFeed.watermarkMillis());
            other.updateShardCount(3);
            stream.updateShardCount(2);
            otherFeed.rounds(10, 100);
            feed.rounds(6, 100);

            job.drainAndCheck();
        } finally {
            job.close();
            FakeKinesis.remove(otherName);
        }
    }

    /** Nothing in a watermark says whose it is, so that each producer of a stream has to have one of its own. */
    @Test
    void eventsOfASlowerProducerWithoutAPartAreLate() throws Exception {
        given(2, 1);
        job.start();
        feed.rounds(6, 50);
        job.awaitWatermark(feed.watermarkMillis());

        new Feed(stream, 7, Feed.KEYS).rounds(1, 50);
        job.awaitSeen(350);

        assertThat(job.observed().errors).hasSize(50).allMatch(mistake -> mistake.contains("behind the watermark"));
    }

    @Test
    void failsWhenTheStreamDoesNotExist() throws Exception {
        given(2, 2);
        stream.delete();

        job.withoutRestarts().start();

        assertThat(job.awaitFailure()).contains("the stream does not exist");
    }

    @Test
    void failsWhenTheStreamIsDeletedWhileReading() throws Exception {
        given(2, 2);
        job.withoutRestarts().start();
        stream.awaitReads(2);

        stream.delete();

        assertThat(job.awaitFailure()).contains("the stream does not exist");
    }

    @Test
    void failsWhenTheStreamWasRecreated() throws Exception {
        given(2, 2);
        feed.rounds(1, 10);
        job.withoutRestarts().start();
        job.awaitWatermark(feed.watermarkMillis());
        String savepoint = job.stopWithSavepoint();

        stream.recreate(2);
        job.startFrom(savepoint);

        assertThat(job.awaitFailure()).containsAnyOf("created again", "belongs to another stream");
    }
}
