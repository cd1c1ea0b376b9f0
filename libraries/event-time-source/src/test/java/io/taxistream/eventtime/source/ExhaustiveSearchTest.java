package io.taxistream.eventtime.source;

import static io.taxistream.eventtime.source.ModelStream.Entry.end;
import static io.taxistream.eventtime.source.ModelStream.Entry.event;
import static io.taxistream.eventtime.source.ModelStream.Entry.watermark;
import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.source.ExhaustiveSearch.Order;
import io.taxistream.eventtime.source.ExhaustiveSearch.Outcome;
import io.taxistream.eventtime.source.JobModel.Failure;
import io.taxistream.eventtime.source.JobModel.ModelShard;
import io.taxistream.eventtime.source.JobModel.Plan;
import io.taxistream.eventtime.source.JobModel.Steps;
import io.taxistream.eventtime.source.ModelStream.Packed;
import java.math.BigInteger;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every order of events in small jobs of two readers: outdated listings, messages that wait, a checkpoint, and failures.
 * In each state, what is emitted is later than every limit and watermark given out before, and read once and after all of its
 * shard's parents; and wherever nothing is left to happen, all was read and event time is at its end.
 */
class ExhaustiveSearchTest {

    /** A search that exceeds this has not found its planted bug in time. */
    private static final int MAX_STATES_WITH_BUG = 200_000;

    private static final Part FIRST = new Part(1, 2);
    private static final Part SECOND = new Part(2, 2);

    /** Shard a is followed by b. */
    private static final Scenario SUCCESSION = scenario(
            "succession",
            1,
            90,
            shard("a", 0, 99, true, List.of(), new Packed(watermark(10))),
            shard("b", 0, 99, false, List.of("a"), new Packed(event(12)), new Packed(watermark(90))));

    /** Shard a is split into c and d, beside b. */
    private static final Scenario SPLIT = scenario(
            "split",
            2,
            80,
            shard("a", 0, 99, true, List.of(), new Packed(watermark(10), event(12))),
            shard("b", 100, 199, false, List.of(), new Packed(watermark(20)), new Packed(watermark(90))),
            shard("c", 0, 49, false, List.of("a"), new Packed(event(13)), new Packed(watermark(90))),
            shard("d", 50, 99, false, List.of("a"), new Packed(event(11), watermark(80))));

    /** Shards a and b are merged into m. */
    private static final Scenario MERGE = scenario(
            "merge",
            2,
            90,
            shard("a", 0, 99, true, List.of(), new Packed(watermark(10), event(12))),
            shard("b", 100, 199, true, List.of(), new Packed(watermark(20)), new Packed(event(21))),
            shard("m", 0, 199, false, List.of("a", "b"), new Packed(event(11)), new Packed(event(14), watermark(90))));

    /** Two senders, of which the second ends; shards a and b are merged before the second was heard in b. */
    private static final Scenario TWO_PARTS = scenario(
            "merge of two senders",
            2,
            90,
            shard(
                    "a",
                    0,
                    99,
                    true,
                    List.of(),
                    new Packed(watermark(FIRST, 10)),
                    new Packed(watermark(SECOND, 20), event(11))),
            shard("b", 100, 199, true, List.of(), new Packed(watermark(FIRST, 30)), new Packed(event(5))),
            shard(
                    "m",
                    0,
                    199,
                    false,
                    List.of("a", "b"),
                    new Packed(event(21), watermark(SECOND, 40)),
                    new Packed(event(31), end(SECOND, 50)),
                    new Packed(watermark(FIRST, 90))));

    /**
     * Two senders and three open shards: a is split into c and d, and d is merged with b into m. Shard b is so far ahead that it
     * is read on only because m waits for it. The second sender ends.
     */
    private static final Scenario SPLIT_AND_MERGE = scenario(
            "split and merge of two senders",
            2,
            90,
            shard("a", 0, 99, true, List.of(), new Packed(watermark(FIRST, 10), watermark(SECOND, 20))),
            shard("b", 100, 199, true, List.of(), new Packed(watermark(FIRST, 30), watermark(SECOND, 25), event(35))),
            shard("c", 0, 49, false, List.of("a"), new Packed(event(13), end(SECOND, 50), watermark(FIRST, 90))),
            shard("d", 50, 99, true, List.of("a"), new Packed(event(11))),
            shard(
                    "m",
                    50,
                    199,
                    false,
                    List.of("d", "b"),
                    new Packed(event(15), end(SECOND, 50), watermark(FIRST, 90))));

    /**
     * What a search runs through.
     *
     * @param endMillis the last watermark of the stream
     */
    private record Scenario(String name, List<ModelShard> stream, int initialShards, long endMillis) {}

    private static Scenario scenario(String name, int initialShards, long endMillis, ModelShard... stream) {
        return new Scenario(name, List.of(stream), initialShards, endMillis);
    }

    private static ModelShard shard(
            String id, long first, long last, boolean closed, List<String> parents, Packed... content) {
        return new ModelShard(
                new ShardInfo(id, parents, BigInteger.valueOf(first), BigInteger.valueOf(last)),
                List.of(content),
                closed);
    }

    @ParameterizedTest
    @EnumSource(Failure.class)
    void nothingIsLateLostOrReadTwiceInAMerge(Failure failure) {
        search(MERGE, failure, 1);
    }

    @ParameterizedTest
    @EnumSource(Failure.class)
    void nothingIsLateLostOrReadTwiceWithTwoSenders(Failure failure) {
        search(TWO_PARTS, failure, 1);
    }

    @Test
    void nothingIsLateWhenAReaderFailsRepeatedly() {
        search(SUCCESSION, Failure.ONE_READER, 3);
    }

    @Tag("full")
    @ParameterizedTest
    @EnumSource(Failure.class)
    void nothingIsLateLostOrReadTwiceInASplit(Failure failure) {
        search(SPLIT, failure, 1);
    }

    @ParameterizedTest
    @EnumSource(Failure.class)
    void nothingIsLateLostOrReadTwiceInASplitAndAMergeOfTwoSenders(Failure failure) {
        search(SPLIT_AND_MERGE, failure, 1, Steps.MERGED);
    }

    /** What {@link Steps#MERGED} leaves out. */
    @Tag("full")
    @Test
    void nothingIsLateLostOrReadTwiceInASplitAndAMergeOfTwoSendersInSingleSteps() {
        search(SPLIT_AND_MERGE, Failure.WHOLE_JOB, 1, Steps.SINGLE);
    }

    private static void search(Scenario scenario, Failure failure, int failures) {
        search(scenario, failure, failures, Steps.SINGLE);
    }

    private static void search(Scenario scenario, Failure failure, int failures, Steps steps) {
        long start = System.nanoTime();
        Outcome outcome = ExhaustiveSearch.run(
                plan(
                        scenario,
                        failure,
                        failures,
                        steps,
                        ShardTracker::new,
                        maxReadAheadMillis -> new ReaderShards(maxReadAheadMillis, Long.MAX_VALUE)),
                Order.BREADTH_FIRST,
                Integer.MAX_VALUE);

        System.out.printf(
                "%s (%s fails %dx): %,d states in %.1f s%n",
                scenario.name(), failure, failures, outcome.states(), (System.nanoTime() - start) / 1e9);
        if (outcome.mistake() != null) {
            throw outcome.mistake();
        }
        assertThat(outcome.states()).isGreaterThan(1_000);
    }

    private static Plan plan(
            Scenario scenario,
            Failure failure,
            int failures,
            Steps steps,
            Function<List<TrackedShard>, ShardTracker> trackers,
            LongFunction<ReaderShards> readers) {
        return new Plan(
                scenario.stream(),
                scenario.initialShards(),
                2,
                5,
                1,
                failure,
                failures,
                steps,
                trackers,
                readers,
                scenario.endMillis());
    }

    /** Not every bug shows when the whole job is restored. */
    @ParameterizedTest
    @EnumSource(SeededBugs.class)
    void everyPlantedBugIsFoundInAMerge(SeededBugs bug) {
        boolean found = findsMistake(bug, MERGE, Failure.WHOLE_JOB, Steps.SINGLE)
                || findsMistake(bug, MERGE, Failure.ONE_READER, Steps.SINGLE);

        assertThat(found).as("mistake found").isTrue();
    }

    @ParameterizedTest
    @EnumSource(SeededBugs.class)
    void everyPlantedBugIsFoundInASplitAndAMergeOfTwoSenders(SeededBugs bug) {
        // a whole job that is restored gets a new tracker, to which no shard is given back
        Failure failure = bug == SeededBugs.RETURNED_SHARD_FORGOTTEN ? Failure.ALL_READERS : Failure.WHOLE_JOB;

        boolean found = findsMistake(bug, SPLIT_AND_MERGE, failure, Steps.MERGED);

        assertThat(found).as("mistake found").isTrue();
    }

    private static boolean findsMistake(SeededBugs bug, Scenario scenario, Failure failure, Steps steps) {
        long start = System.nanoTime();
        Outcome outcome = ExhaustiveSearch.run(
                plan(scenario, failure, 1, steps, bug.trackers, bug.readers), Order.BOTH_ENDS, MAX_STATES_WITH_BUG);

        AssertionError mistake = outcome.mistake();
        System.out.printf(
                "%s, %s (%s fails 1x): %,d states in %.1f s, %s%n",
                bug,
                scenario.name(),
                failure,
                outcome.states(),
                (System.nanoTime() - start) / 1e9,
                mistake == null
                        ? "no mistake"
                        : mistake.getMessage().lines().findFirst().orElseThrow() + " "
                                + (mistake.getMessage().lines().count() - 1) + " steps");
        return mistake != null;
    }
}
