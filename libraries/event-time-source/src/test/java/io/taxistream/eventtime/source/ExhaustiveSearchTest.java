package io.taxistream.eventtime.source;

import static io.taxistream.eventtime.source.ModelStream.Entry.event;
import static io.taxistream.eventtime.source.ModelStream.Entry.watermark;
import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.eventtime.source.ModelStream.Packed;
import io.taxistream.eventtime.source.SmallWorld.Failure;
import io.taxistream.eventtime.source.SmallWorld.ModelShard;
import io.taxistream.eventtime.source.SmallWorld.Plan;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every order of events in small jobs of two readers: outdated listings, messages that wait, a checkpoint, and failures.
 * In each state, what is emitted is later than every limit and watermark given out before, and read once; and wherever
 * nothing is left to happen, all was read and event time is at its end.
 */
class ExhaustiveSearchTest {

    /** Shard a is followed by b. */
    private static final List<ModelShard> SUCCESSION = List.of(
            shard("a", 0, 99, true, List.of(), new Packed(watermark(10))),
            shard("b", 0, 99, false, List.of("a"), new Packed(event(12)), new Packed(watermark(90))));

    /** Shard a is split into c and d, beside b. */
    private static final List<ModelShard> SPLIT = List.of(
            shard("a", 0, 99, true, List.of(), new Packed(watermark(10), event(12))),
            shard("b", 100, 199, false, List.of(), new Packed(watermark(20)), new Packed(watermark(90))),
            shard("c", 0, 49, false, List.of("a"), new Packed(event(13)), new Packed(watermark(90))),
            shard("d", 50, 99, false, List.of("a"), new Packed(event(11), watermark(80))));

    /** Shards a and b are merged into m. */
    private static final List<ModelShard> MERGE = List.of(
            shard("a", 0, 99, true, List.of(), new Packed(watermark(10), event(12))),
            shard("b", 100, 199, true, List.of(), new Packed(watermark(20)), new Packed(event(21))),
            shard("m", 0, 199, false, List.of("a", "b"), new Packed(event(11)), new Packed(event(14), watermark(90))));

    /** Shards a and b are merged into m, which is split into c and d. */
    private static final List<ModelShard> MERGE_AND_SPLIT = List.of(
            shard("a", 0, 99, true, List.of(), new Packed(watermark(10), event(12))),
            shard("b", 100, 199, true, List.of(), new Packed(watermark(20), event(21))),
            shard("m", 0, 199, true, List.of("a", "b"), new Packed(event(11), watermark(30))),
            shard("c", 0, 99, false, List.of("m"), new Packed(watermark(90))),
            shard("d", 100, 199, false, List.of("m"), new Packed(event(31), watermark(80))));

    /** Of the three initial shards, a is split into c and d, and d is merged with b into m. */
    private static final List<ModelShard> THREE_SHARDS = List.of(
            shard("a", 0, 99, true, List.of(), new Packed(watermark(10), event(12))),
            shard("b", 100, 199, true, List.of(), new Packed(watermark(20), event(21))),
            shard("s", 200, 299, false, List.of(), new Packed(watermark(85))),
            shard("c", 0, 49, false, List.of("a"), new Packed(event(13), watermark(90))),
            shard("d", 50, 99, true, List.of("a"), new Packed(event(11))),
            shard("m", 50, 199, false, List.of("d", "b"), new Packed(event(14), watermark(80))));

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
        search(MERGE, 2, failure, 1);
    }

    @ParameterizedTest
    @EnumSource(value = Failure.class, mode = EnumSource.Mode.EXCLUDE, names = "ONE_READER")
    void nothingIsLateLostOrReadTwiceInASplit(Failure failure) {
        search(SPLIT, 2, failure, 1);
    }

    @Test
    void nothingIsLateWhenOneReaderFailsAgainAndAgain() {
        search(SUCCESSION, 1, Failure.ONE_READER, 3);
    }

    @Tag("full")
    @ParameterizedTest
    @EnumSource(Failure.class)
    void nothingIsLateLostOrReadTwiceInAMergeAndASplit(Failure failure) {
        search(MERGE_AND_SPLIT, 2, failure, 1);
        search(SPLIT, 2, failure, 1);
        search(MERGE, 2, failure, 2);
    }

    @Test
    @Tag("full")
    void nothingIsLateLostOrReadTwiceAmongThreeShards() {
        search(THREE_SHARDS, 3, Failure.ALL_READERS, 1);
    }

    private static void search(List<ModelShard> stream, int initialShards, Failure failure, int failures) {
        int states = ExhaustiveSearch.run(
                new Plan(stream, initialShards, 2, 5, 1, failure, failures, ShardTracker::new, ReaderShards::new));

        System.out.printf("%,d states with failure of %s%n", states, failure);
        assertThat(states).isGreaterThan(1_000);
    }

    @ParameterizedTest
    @EnumSource(PlantedBugs.class)
    void everyPlantedBugIsFound(PlantedBugs bug) {
        List<Plan> plans = List.of(
                new Plan(MERGE, 2, 2, 5, 1, Failure.WHOLE_JOB, 1, bug.trackers, bug.readers),
                new Plan(MERGE, 2, 2, 5, 1, Failure.ONE_READER, 1, bug.trackers, bug.readers));

        AssertionError found = firstMistake(plans);

        assertThat(found).as("mistake found").isNotNull();
        System.out.println(bug + ": " + found.getMessage().lines().findFirst().orElseThrow() + " "
                + (found.getMessage().lines().count() - 1) + " steps");
    }

    private static AssertionError firstMistake(List<Plan> plans) {
        for (Plan plan : plans) {
            try {
                ExhaustiveSearch.run(plan);
            } catch (AssertionError e) {
                return e;
            }
        }
        return null;
    }
}
