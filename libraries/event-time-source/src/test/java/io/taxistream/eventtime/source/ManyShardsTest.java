package io.taxistream.eventtime.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The enumerator of a stream of a thousand shards, through a hundred reshards and one of the whole stream. */
class ManyShardsTest {

    private static final int SHARDS = 1_000;
    private static final int RESHARDS = 100;
    private static final int SHARDS_AT_ONCE = 5;

    private final FakeKinesis stream = new FakeKinesis(SHARDS);
    private final Random random = new Random(1);

    @Test
    void readsAThousandShardsInOrderThroughAHundredReshards() {
        readsInOrder(16);
    }

    @Test
    @Tag("full")
    void maximumNumberOfReadersReadAThousandShardsInOrder() {
        readsInOrder(128);
    }

    /** Readers that are stopped with a savepoint end after it, and an event that is too late for one would fail the job. */
    @Test
    void sendsNothingToReadersAfterACheckpointUntilTheyContinue() {
        SimulatedCoordinator job = new SimulatedCoordinator(stream, 4);
        await().until(job::isTicking);
        job.startReaders();

        job.checkpoint(7);
        job.reportThatReadersContinue(6);
        job.run(Duration.ofSeconds(1));
        assertThat(job.counts.assignments).isZero();
        assertThat(job.counts.limits).isZero();

        job.reportThatReadersContinue(7);
        job.run(Duration.ofSeconds(1));
        job.checkEverythingRead();
        job.close();
    }

    @Test
    void abortedCheckpointHoldsNothingBack() {
        SimulatedCoordinator job = new SimulatedCoordinator(stream, 4);
        await().until(job::isTicking);
        job.startReaders();
        job.checkpoint(7);

        job.abortCheckpoint(7);

        job.run(Duration.ofSeconds(1));
        job.checkEverythingRead();
        job.close();
    }

    private void readsInOrder(int parallelism) {
        SimulatedCoordinator job = new SimulatedCoordinator(stream, parallelism);
        // its timer has a clock of its own, and has called once
        await().until(job::isTicking);
        job.startReaders();
        job.run(Duration.ofSeconds(2));

        long start = job.counts.limits;
        for (int reshard = 0; reshard < RESHARDS; reshard++) {
            reshard();
            job.observeStream();
            job.run(Duration.ofMillis(300));
        }
        job.run(Duration.ofSeconds(2));
        job.checkEverythingRead();
        print(parallelism, "after " + RESHARDS + " reshards", job);

        mergeAll();
        job.observeStream();
        job.run(Duration.ofSeconds(12));
        job.checkEverythingRead();
        print(parallelism, "after a merge of all pairs", job);
        job.close();

        assertThat(start).isPositive();
        // Kinesis allows an account to describe 20 streams a second, and a stream 1,000 listings
        assertThat(job.counts.maxListingsPerSecond()).isLessThanOrEqualTo(5);
        assertThat(job.counts.greatestLimitBytes).isLessThan(2 * 1024);
    }

    private static void print(int parallelism, String when, SimulatedCoordinator job) {
        System.out.printf("%d readers, %s: %s, %d bytes of state%n", parallelism, when, job.counts, job.stateBytes());
    }

    /** Splits some shards, or merges some pairs of neighbours. */
    private void reshard() {
        List<String> open = new ArrayList<>(stream.openShardIds());
        for (int i = 0; i < SHARDS_AT_ONCE; i++) {
            int at = random.nextInt(open.size() - 1);
            if (random.nextBoolean()) {
                stream.split(open.remove(at));
            } else {
                String lower = open.remove(at);
                String upper = open.get(at);
                if (stream.areNeighbors(lower, upper)) {
                    open.remove(at);
                    stream.merge(lower, upper);
                }
            }
        }
    }

    private void mergeAll() {
        List<String> open = stream.openShardIds();
        for (int i = 0; i + 1 < open.size(); i += 2) {
            stream.merge(open.get(i), open.get(i + 1));
        }
    }
}
