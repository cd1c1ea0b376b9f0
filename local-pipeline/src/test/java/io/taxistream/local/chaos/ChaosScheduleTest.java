package io.taxistream.local.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.eventtime.Part;
import io.taxistream.local.chaos.ChaosFault.KillProducer;
import io.taxistream.local.chaos.ChaosFault.Kind;
import io.taxistream.local.chaos.ChaosFault.MergeShards;
import io.taxistream.local.chaos.ChaosFault.RestoreJob;
import io.taxistream.local.chaos.ChaosFault.SetShardCount;
import io.taxistream.local.chaos.ChaosFault.SplitShard;
import io.taxistream.local.chaos.ChaosFault.StartProducer;
import io.taxistream.local.chaos.ChaosSchedule.PlannedFault;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ChaosScheduleTest {

    @Property(tries = 200)
    void sameSeedYieldsTheSameSchedule(@ForAll long seed) {
        assertThat(ChaosSchedule.draw(seed, OptionalInt.empty(), 8, 2, 1))
                .isEqualTo(ChaosSchedule.draw(seed, OptionalInt.empty(), 8, 2, 1));
    }

    @Test
    void differentSeedYieldsADifferentSchedule() {
        assertThat(ChaosSchedule.draw(1, OptionalInt.empty(), 8, 2, 1))
                .isNotEqualTo(ChaosSchedule.draw(2, OptionalInt.empty(), 8, 2, 1));
    }

    @Property(tries = 200)
    void timeScaleChangesOnlyDurations(@ForAll long seed) {
        ChaosSchedule fast = ChaosSchedule.draw(seed, OptionalInt.empty(), 4, 2, 0.1);
        ChaosSchedule slow = ChaosSchedule.draw(seed, OptionalInt.empty(), 4, 2, 1);

        assertThat(fast.faults().stream().map(PlannedFault::share))
                .isEqualTo(slow.faults().stream().map(PlannedFault::share).toList());
        assertThat(fast.countByKind()).isEqualTo(slow.countByKind());
    }

    @Property(tries = 500)
    void faultsAreOrderedAndBeforeTheEnd(@ForAll long seed) {
        ChaosSchedule schedule = ChaosSchedule.draw(seed, OptionalInt.empty(), 8, 2, 1);

        assertThat(schedule.faults()).map(PlannedFault::share).isSorted().allMatch(share -> share > 0 && share < 1);
        assertThat(schedule.countByKind())
                .containsKeys(
                        Kind.TASK_MANAGER_KILLED,
                        Kind.JOB_RESTORED,
                        Kind.POISON,
                        Kind.PRODUCER_KILLED,
                        Kind.LATE,
                        Kind.STRAY_WATERMARK,
                        Kind.SEARCH_REFUSES,
                        Kind.DUPLICATES);
    }

    @Property(tries = 200)
    void everySecondSeedUsesEnhancedFanOutWithFailingSubscriptions(@ForAll long seed) {
        ChaosSchedule schedule = ChaosSchedule.draw(seed, OptionalInt.empty(), 8, 2, 1);
        ChaosSchedule next = ChaosSchedule.draw(seed + 1, OptionalInt.empty(), 8, 2, 1);

        assertThat(schedule.fanOut()).isNotEqualTo(next.fanOut());
        assertThat(schedule.countByKind().containsKey(Kind.SUBSCRIPTIONS_FAIL)).isEqualTo(schedule.fanOut());
    }

    @Property(tries = 500)
    void everyFaultIsPossible(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 256) int shards,
            @ForAll @IntRange(min = 1, max = 64) int parallelism) {
        int open = shards;
        int subtasks = parallelism;
        for (PlannedFault planned : ChaosSchedule.draw(seed, OptionalInt.empty(), shards, parallelism, 1)
                .faults()) {
            if (planned.fault() instanceof SplitShard) {
                open++;
            } else if (planned.fault() instanceof MergeShards) {
                assertThat(open).as("shards to merge").isGreaterThan(1);
                open--;
            } else if (planned.fault() instanceof SetShardCount recount) {
                assertThat(recount.shards()).isNotEqualTo(open).isBetween((open + 1) / 2, 2 * open);
                open = recount.shards();
            } else if (planned.fault() instanceof RestoreJob restore) {
                assertThat(restore.parallelism()).isNotEqualTo(subtasks).isBetween(1, ChaosSchedule.MAX_PARALLELISM);
                subtasks = restore.parallelism();
            }
        }
    }

    @Test
    void everyKindOccurs() {
        Set<Kind> drawn = EnumSet.noneOf(Kind.class);
        for (long seed = 1; seed <= 20; seed++) {
            drawn.addAll(ChaosSchedule.draw(seed, OptionalInt.empty(), 8, 2, 1)
                    .countByKind()
                    .keySet());
        }
        assertThat(drawn).containsExactlyInAnyOrder(Kind.values());
    }

    @Property(tries = 500)
    void everyProducerRunsAfterTheLastFault(@ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int producers) {
        ChaosSchedule schedule = ChaosSchedule.draw(seed, OptionalInt.of(producers), 8, 2, 1);
        Set<Part> running = new HashSet<>();
        for (int index = 1; index <= producers; index++) {
            Part part = new Part(index, producers);
            if (!schedule.startsLate(part)) {
                running.add(part);
            }
        }
        assertThat(running).as("with the replay").isNotEmpty();

        for (PlannedFault planned : schedule.faults()) {
            if (planned.fault() instanceof KillProducer kill && !kill.isResumed()) {
                running.remove(kill.part());
            } else if (planned.fault() instanceof StartProducer start) {
                running.add(start.part());
            }
        }

        assertThat(running).hasSize(producers);
    }

    @Property(tries = 200)
    void numberOfProducersChangesNoOtherFault(@ForAll long seed) {
        List<List<PlannedFault>> others = new ArrayList<>();
        for (int producers = 1; producers <= 4; producers++) {
            others.add(ChaosSchedule.draw(seed, OptionalInt.of(producers), 8, 2, 1).faults().stream()
                    .filter(planned ->
                            !(planned.fault() instanceof KillProducer || planned.fault() instanceof StartProducer))
                    .toList());
        }

        assertThat(others).allSatisfy(faults -> assertThat(faults).isEqualTo(others.get(0)));
    }

    @Test
    void oneToFourProducersAreDrawn() {
        Set<Integer> drawn = new HashSet<>();
        for (long seed = 1; seed <= 30; seed++) {
            drawn.add(ChaosSchedule.draw(seed, OptionalInt.empty(), 8, 2, 1).producers());
        }
        assertThat(drawn).containsExactlyInAnyOrder(1, 2, 3, 4);
    }
}
