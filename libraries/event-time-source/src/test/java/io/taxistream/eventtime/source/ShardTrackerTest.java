package io.taxistream.eventtime.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.PartWatermarks;
import io.taxistream.eventtime.source.ShardTracker.Assignment;
import io.taxistream.eventtime.source.TrackedShard.Status;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ShardTrackerTest {

    private static final long NONE = Long.MIN_VALUE;

    private final ShardTracker tracker = new ShardTracker(List.of());

    @Test
    void waitsForEveryReaderBeforeAnyShardIsAssigned() {
        tracker.discovered(List.of(shard("a", 0, 49), shard("b", 50, 99)));
        tracker.readerStarted(0, List.of());

        assertThat(tracker.assign(2)).isEmpty();

        tracker.readerStarted(1, List.of());
        assertThat(tracker.assign(2))
                .containsEntry(0, List.of(new Assignment("a", PartWatermarks.ofOnlyPart(NONE))))
                .containsEntry(1, List.of(new Assignment("b", PartWatermarks.ofOnlyPart(NONE))));
    }

    @Test
    void spreadsShardsEvenlyWhenThereAreMoreThanReaders() {
        List<ShardInfo> listing = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            listing.add(shard("s" + i, i, i));
        }
        tracker.discovered(listing);
        startReaders(3);

        assertThat(tracker.assign(3).values()).extracting(List::size).containsExactly(3, 2, 2);
    }

    @Test
    void assignsChildrenToTheReadersWithTheFewestShards() {
        List<ShardInfo> listing =
                new ArrayList<>(List.of(shard("a", 0, 9), shard("b", 10, 19), shard("c", 20, 29), shard("d", 30, 39)));
        tracker.discovered(listing);
        startReaders(2);
        assertThat(tracker.assign(2).get(0)).extracting(Assignment::shardId).containsExactly("a", "c");
        for (int i = 0; i < 4; i++) {
            listing.add(shard("e" + i, i * 5L, i * 5L + 4, i < 2 ? "a" : "c"));
        }
        tracker.discovered(listing);
        finished(0, "a", 70);
        finished(0, "c", 70);

        assertThat(tracker.assign(2)).satisfies(assigned -> {
            assertThat(assigned.get(0))
                    .as("to the reader that has nothing left")
                    .hasSize(3);
            assertThat(assigned.get(1)).as("to the one that still has two").hasSize(1);
        });
    }

    @Test
    void assignsChildrenOfASplitOnlyAfterTheirParentWasRead() {
        tracker.discovered(List.of(shard("p", 0, 99)));
        startReaders(2);
        tracker.assign(2);
        tracker.discovered(List.of(shard("p", 0, 99), shard("c1", 0, 49, "p"), shard("c2", 50, 99, "p")));

        assertThat(tracker.assign(2)).isEmpty();

        finished(0, "p", 70);
        assertThat(tracker.assign(2))
                .containsEntry(0, List.of(new Assignment("c1", PartWatermarks.ofOnlyPart(70))))
                .containsEntry(1, List.of(new Assignment("c2", PartWatermarks.ofOnlyPart(70))));
    }

    @Test
    void startsTheChildOfAMergeAtTheSmallerWatermarkAfterBothParentsWereRead() {
        tracker.discovered(List.of(shard("p", 0, 49), shard("q", 50, 99)));
        startReaders(2);
        tracker.assign(2);
        tracker.discovered(List.of(shard("p", 0, 49), shard("q", 50, 99), shard("c", 0, 99, "p", "q")));

        finished(0, "p", 100);
        assertThat(tracker.assign(2)).isEmpty();
        finished(1, "q", 40);

        assertThat(tracker.assign(2)).containsEntry(0, List.of(new Assignment("c", PartWatermarks.ofOnlyPart(40))));
    }

    @Test
    void treatsExpiredParentsAsRead() {
        tracker.discovered(List.of(shard("c", 0, 99, "gone", "gone too")));
        startReaders(1);

        assertThat(tracker.assign(1)).containsEntry(0, List.of(new Assignment("c", PartWatermarks.ofOnlyPart(NONE))));
    }

    @Test
    void hasNoLimitBeforeEveryShardHasAWatermark() {
        assertThat(tracker.watermarkLimit()).isEqualTo(NONE);
        tracker.discovered(List.of(shard("a", 0, 49), shard("b", 50, 99)));
        startReaders(1);
        tracker.assign(1);
        progressed(0, "a", 10);
        assertThat(tracker.watermarkLimit()).isEqualTo(NONE);

        progressed(0, "b", 20);

        assertThat(tracker.watermarkLimit()).isEqualTo(10);
    }

    @Test
    void limitsTheWatermarkToAFinishedShardUntilAllOfItsChildrenAreRead() {
        ShardInfo p = shard("p", 0, 49);
        ShardInfo q = shard("q", 50, 99);
        tracker.discovered(List.of(p, q));
        startReaders(2);
        tracker.assign(2);
        progressed(1, "q", 500);
        finished(0, "p", 100);
        assertThat(tracker.watermarkLimit()).isEqualTo(100);

        // a listing that shows one child only
        tracker.discovered(List.of(p, q, shard("c1", 0, 24, "p")));
        tracker.assign(2);
        progressed(0, "c1", 300);
        assertThat(tracker.watermarkLimit()).isEqualTo(100);
        assertThat(tracker.awaitsChildren()).isTrue();

        tracker.discovered(List.of(p, q, shard("c1", 0, 24, "p"), shard("c2", 25, 49, "p")));
        assertThat(tracker.watermarkLimit()).isEqualTo(100);
        tracker.assign(2);
        assertThat(tracker.watermarkLimit()).isEqualTo(100);
        progressed(0, "c2", 200);

        assertThat(tracker.watermarkLimit()).isEqualTo(200);
        assertThat(tracker.awaitsChildren()).isFalse();
    }

    @Test
    void releasesAFinishedShardThatExpiredTogetherWithItsChildren() {
        tracker.discovered(List.of(shard("p", 0, 49), shard("q", 50, 99)));
        startReaders(1);
        tracker.assign(1);
        progressed(0, "q", 500);
        finished(0, "p", 100);
        assertThat(tracker.watermarkLimit()).isEqualTo(100);

        tracker.discovered(List.of(shard("q", 50, 99)));

        assertThat(tracker.watermarkLimit()).isEqualTo(500);
        assertThat(tracker.snapshot()).extracting(TrackedShard::shardId).containsExactly("q");
    }

    @Test
    void givesNoLimitWhileAShardWithoutKnownParentsIsNotRead() {
        ShardInfo a = shard("a", 0, 49);
        tracker.discovered(List.of(a));
        startReaders(1);
        tracker.assign(1);
        progressed(0, "a", 100);
        assertThat(tracker.watermarkLimit()).isEqualTo(100);

        tracker.discovered(List.of(a, shard("b", 50, 99, "gone")));

        assertThat(tracker.watermarkLimit()).isEqualTo(NONE);
    }

    @Test
    void countsTheShardsThatAListingAdds() {
        ShardInfo p = shard("p", 0, 49);
        ShardInfo q = shard("q", 50, 99);

        assertThat(tracker.discovered(List.of(p, q))).isEqualTo(2);
        assertThat(tracker.discovered(List.of(p, q, shard("c", 0, 49, "p")))).isEqualTo(1);
        assertThat(tracker.discovered(List.of(q))).isZero();
    }

    @Test
    void waitsForTheChildWithTheFirstHashKeysAsForAnyOther() {
        ShardInfo p = shard("p", 0, 99);
        ShardInfo second = shard("c2", 50, 99, "p");
        readToItsEnd(p, 100);

        tracker.discovered(List.of(p, second));
        assertThat(tracker.awaitsChildren()).isTrue();

        tracker.discovered(List.of(p, second, shard("c1", 0, 49, "p")));
        assertThat(tracker.awaitsChildren()).isFalse();
    }

    @Test
    void waitsForAChildOfOneHashKey() {
        ShardInfo p = shard("p", 0, 99);
        ShardInfo first = shard("c1", 0, 98, "p");
        readToItsEnd(p, 100);

        tracker.discovered(List.of(p, first));
        assertThat(tracker.awaitsChildren()).isTrue();

        tracker.discovered(List.of(p, first, shard("c2", 99, 99, "p")));
        assertThat(tracker.awaitsChildren()).isFalse();
    }

    @Test
    void forgetsEachGenerationOnceTheNextIsAssigned() {
        ShardInfo p = shard("p", 0, 99);
        readToItsEnd(p, 100);
        tracker.discovered(List.of(p, shard("c", 0, 99, "p")));
        tracker.assign(1);
        finished(0, "c", 200);

        tracker.discovered(List.of(shard("d", 0, 99, "c")));

        assertThat(tracker.snapshot()).extracting(TrackedShard::shardId).containsExactly("c", "d");
        tracker.assign(1);
        finished(0, "d", 300);
        tracker.discovered(List.of(shard("e", 0, 99, "d")));
        tracker.assign(1);
        tracker.discovered(List.of(shard("e", 0, 99, "d")));
        assertThat(tracker.snapshot()).extracting(TrackedShard::shardId).containsExactly("e");
    }

    @Test
    void forgetsAnExpiredShardOnlyAfterItsChildrenWereAssigned() {
        ShardInfo c = shard("c", 0, 99, "p");
        tracker.discovered(List.of(shard("p", 0, 99), c));
        startReaders(1);
        tracker.assign(1);
        finished(0, "p", 100);
        tracker.discovered(List.of(c));
        assertThat(tracker.snapshot()).extracting(TrackedShard::shardId).containsExactly("c", "p");

        assertThat(tracker.assign(1)).containsEntry(0, List.of(new Assignment("c", PartWatermarks.ofOnlyPart(100))));
        tracker.discovered(List.of(c));

        assertThat(tracker.snapshot())
                .containsExactly(new TrackedShard("c", List.of("p"), Status.ASSIGNED, PartWatermarks.ofOnlyPart(100)));
    }

    @Test
    void restoresTheStateOfReadersAfterAFailure() {
        // given a parent that was read to its end, and children that have been read since
        ShardInfo p = shard("p", 0, 99);
        ShardInfo c = shard("c", 0, 99, "p");
        tracker.discovered(List.of(p, c));
        startReaders(2);
        tracker.assign(2);
        finished(0, "p", 100);
        tracker.assign(2);
        progressed(0, "c", 200);
        assertThat(tracker.watermarkLimit()).isEqualTo(200);

        // when all readers go back to a checkpoint taken in the middle of the parent
        tracker.readerReset(0, List.of("c"));
        tracker.readerReset(1, List.of());
        assertThat(tracker.assign(2)).isEmpty();
        tracker.readerStarted(1, List.of(new ShardProgress("p", PartWatermarks.ofOnlyPart(60), false)));
        tracker.readerStarted(0, List.of());

        // then the child waits for the parent again, and so does the watermark
        assertThat(tracker.assign(2)).isEmpty();
        assertThat(tracker.watermarkLimit()).isEqualTo(60);
        finished(1, "p", 100);
        assertThat(tracker.assign(2)).containsEntry(0, List.of(new Assignment("c", PartWatermarks.ofOnlyPart(100))));
    }

    @Test
    void lowersTheLimitAsSoonAsAReaderFailsAndAsSoonAsItHasStartedAgain() {
        ShardInfo p = shard("p", 0, 99);
        readToItsEnd(p, 100);
        tracker.discovered(List.of(p, shard("c", 0, 99, "p")));
        tracker.assign(1);
        progressed(0, "c", 200);
        assertThat(tracker.watermarkLimit()).isEqualTo(200);

        tracker.readerReset(0, List.of("c"));
        assertThat(tracker.watermarkLimit()).isEqualTo(100);

        tracker.readerStarted(0, List.of(new ShardProgress("p", PartWatermarks.ofOnlyPart(60), false)));
        assertThat(tracker.watermarkLimit()).isEqualTo(60);
    }

    @Test
    void aReaderThatStartsMayHoldAShardThatItHasReadToItsEnd() {
        ShardInfo p = shard("p", 0, 99);
        tracker.discovered(List.of(p, shard("c", 0, 99, "p")));

        tracker.readerStarted(0, List.of(new ShardProgress("p", PartWatermarks.ofOnlyPart(60), true)));

        assertThat(tracker.assign(1)).containsEntry(0, List.of(new Assignment("c", PartWatermarks.ofOnlyPart(60))));
    }

    @Test
    void aShardThatOnlyItsReaderKnowsHoldsTheLimitBack() {
        tracker.discovered(List.of(shard("a", 0, 99)));
        startReaders(1);
        tracker.assign(1);
        progressed(0, "a", 100);
        assertThat(tracker.watermarkLimit()).isEqualTo(100);

        progressed(0, "x", 50);

        assertThat(tracker.watermarkLimit()).isEqualTo(50);
    }

    @Test
    void aMergedShardMovesTheLimitFromWhereBothParentsHaveEnded() {
        ShardInfo p = shard("p", 0, 49);
        ShardInfo q = shard("q", 50, 99);
        tracker.discovered(List.of(p, q, shard("c", 0, 99, "p", "q")));
        startReaders(1);
        tracker.assign(1);
        finished(0, "p", 100);
        finished(0, "q", 100);
        assertThat(tracker.watermarkLimit()).isEqualTo(100);
        tracker.assign(1);

        progressed(0, "c", 200);

        assertThat(tracker.watermarkLimit()).isEqualTo(200);
    }

    @Test
    void keepsTheWatermarksOfPartsThatDoNotMoveThatOfTheShard() {
        tracker.discovered(List.of(shard("p", 0, 99), shard("c", 0, 99, "p")));
        startReaders(1);
        tracker.assign(1);
        PartWatermarks first = PartWatermarks.NONE.with(new Part(1, 2), 10, false);
        PartWatermarks later = first.with(new Part(1, 2), 20, false);

        tracker.progressed(0, List.of(new ShardProgress("p", first, false)));
        tracker.progressed(0, List.of(new ShardProgress("p", later, true)));

        assertThat(tracker.assign(1)).containsEntry(0, List.of(new Assignment("c", later)));
    }

    @Test
    void reassignsReturnedShardsToTheSameReaderEvenIfItFailsAgain() {
        // given a child that its reader has read on from its parent, so that the other reader's watermark is past it
        ShardInfo p = shard("p", 0, 99);
        tracker.discovered(List.of(p, shard("c", 0, 99, "p")));
        startReaders(2);
        tracker.assign(2);
        finished(0, "p", 100);
        tracker.assign(2);
        progressed(0, "c", 200);

        // when that reader fails twice before it has started again, and has other shards meanwhile
        tracker.readerReset(0, List.of("c"));
        tracker.readerReset(0, List.of());
        tracker.readerStarted(0, List.of(new ShardProgress("x", PartWatermarks.ofOnlyPart(300), false)));

        // then no other is given the child
        assertThat(tracker.assign(2))
                .containsOnly(Map.entry(0, List.of(new Assignment("c", PartWatermarks.ofOnlyPart(100)))));
    }

    @Test
    void reassignsReturnedShardsToTheSameReaderEvenIfAnotherHasFewer() {
        tracker.discovered(List.of(shard("a", 0, 29), shard("b", 30, 59), shard("c", 60, 99)));
        startReaders(2);
        assertThat(tracker.assign(2).get(0)).extracting(Assignment::shardId).containsExactly("a", "c");
        finished(1, "b", 10);

        tracker.readerReset(0, List.of("c"));
        assertThat(tracker.assign(2)).isEmpty();
        tracker.readerStarted(0, List.of(new ShardProgress("a", PartWatermarks.ofOnlyPart(20), false)));

        assertThat(tracker.assign(2))
                .containsOnlyKeys(0)
                .containsEntry(0, List.of(new Assignment("c", PartWatermarks.ofOnlyPart(NONE))));
    }

    @Test
    void ignoresReportsFromBeforeAReset() {
        tracker.discovered(List.of(shard("a", 0, 99)));
        startReaders(1);
        tracker.assign(1);
        tracker.readerReset(0, List.of());

        finished(0, "a", 100);

        tracker.readerStarted(0, List.of(new ShardProgress("a", PartWatermarks.ofOnlyPart(10), false)));
        assertThat(tracker.snapshot())
                .containsExactly(new TrackedShard("a", List.of(), Status.ASSIGNED, PartWatermarks.ofOnlyPart(10)));
    }

    @Test
    void continuesFromItsSnapshotWithAnotherParallelism() {
        ShardInfo p = shard("p", 0, 49);
        ShardInfo q = shard("q", 50, 99);
        ShardInfo c = shard("c", 0, 49, "p");
        tracker.discovered(List.of(p, q, c));
        startReaders(2);
        tracker.assign(2);
        finished(0, "p", 100);
        progressed(1, "q", 150);

        ShardTracker restored = new ShardTracker(tracker.snapshot());
        restored.readerStarted(0, List.of(new ShardProgress("q", PartWatermarks.ofOnlyPart(170), false)));

        assertThat(restored.watermarkLimit()).isEqualTo(100);
        assertThat(restored.assign(1)).containsEntry(0, List.of(new Assignment("c", PartWatermarks.ofOnlyPart(100))));
        assertThat(restored.watermarkLimit()).as("before the shards are listed").isEqualTo(100);
        restored.discovered(List.of(p, q, c));
        progressed(restored, 0, "c", 160);
        assertThat(restored.watermarkLimit()).isEqualTo(160);
    }

    @Test
    void onlyAFailedReaderLosesItsShardsUntilItReportsThem() {
        tracker.discovered(List.of(shard("a", 0, 49), shard("b", 50, 99)));
        startReaders(2);
        tracker.assign(2);

        tracker.readerReset(0, List.of());
        tracker.readerStarted(0, List.of());
        assertThatThrownBy(() -> tracker.assign(2)).hasMessageContaining("Shard a");

        tracker.readerStarted(0, List.of(new ShardProgress("a", PartWatermarks.ofOnlyPart(10), false)));
        assertThat(tracker.assign(2)).isEmpty();
    }

    @Test
    void failsWhenAShardIsInNoReadersState() {
        ShardTracker restored = new ShardTracker(
                List.of(new TrackedShard("a", List.of(), Status.ASSIGNED, PartWatermarks.ofOnlyPart(10))));
        restored.readerStarted(0, List.of());

        assertThatThrownBy(() -> restored.assign(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Shard a");
    }

    @Test
    void unreadGenerationHoldsTheLimitAtItsAncestors() {
        tracker.discovered(List.of(
                shard("a", 0, 99), shard("b", 0, 49, "a"), shard("c", 50, 99, "a"), shard("d", 0, 99, "b", "c")));
        startReaders(1);
        tracker.assign(1);

        progressed(0, "a", 100);
        assertThat(tracker.watermarkLimit()).isEqualTo(100);

        finished(0, "a", 200);
        assertThat(tracker.watermarkLimit()).isEqualTo(200);
        tracker.assign(1);
        finished(0, "b", 300);
        progressed(0, "c", 250);
        assertThat(tracker.watermarkLimit()).isEqualTo(250);
    }

    @Test
    void awaitsTheSiblingOfAParentThatHoldsTheLimitBack() {
        tracker.discovered(List.of(shard("p", 0, 49), shard("q", 50, 99), shard("c", 0, 99, "p", "q")));
        startReaders(1);
        tracker.assign(1);
        progressed(0, "p", 100);
        progressed(0, "q", 900);
        assertThat(tracker.awaitedShards()).as("while the parent goes on").isEmpty();

        finished(0, "p", 100);

        assertThat(tracker.awaitedShards()).containsExactly(Map.entry(0, Set.of("q")));
        finished(0, "q", 950);
        tracker.assign(1);
        assertThat(tracker.awaitedShards()).isEmpty();
    }

    @Test
    void awaitsTheAncestorsOfAnUnreadSibling() {
        tracker.discovered(List.of(
                shard("p", 0, 49),
                shard("q", 50, 99),
                shard("q1", 50, 74, "q"),
                shard("q2", 75, 99, "q"),
                shard("c", 0, 74, "p", "q1")));
        startReaders(1);
        tracker.assign(1);
        progressed(0, "q", 900);

        finished(0, "p", 100);

        assertThat(tracker.awaitedShards()).containsExactly(Map.entry(0, Set.of("q")));
    }

    @Test
    void awaitsNothingWhileAnAssignedShardHoldsTheLimit() {
        tracker.discovered(
                List.of(shard("o", 0, 9), shard("p", 10, 49), shard("q", 50, 99), shard("c", 10, 99, "p", "q")));
        startReaders(1);
        tracker.assign(1);
        progressed(0, "o", 50);
        progressed(0, "q", 900);

        finished(0, "p", 100);

        assertThat(tracker.awaitedShards()).isEmpty();
    }

    @Test
    void countsUnassignedShards() {
        tracker.discovered(List.of(shard("p", 0, 99), shard("c", 0, 99, "p")));
        assertThat(tracker.pendingShards()).isEqualTo(2);
        startReaders(1);
        tracker.assign(1);
        assertThat(tracker.pendingShards()).isEqualTo(1);
    }

    private void startReaders(int count) {
        for (int reader = 0; reader < count; reader++) {
            tracker.readerStarted(reader, List.of());
        }
    }

    /** Makes this shard the only one, and has the only reader read it to its end. */
    private void readToItsEnd(ShardInfo shard, long watermarkMillis) {
        tracker.discovered(List.of(shard));
        startReaders(1);
        tracker.assign(1);
        finished(0, shard.shardId(), watermarkMillis);
    }

    private void progressed(int reader, String shardId, long watermarkMillis) {
        progressed(tracker, reader, shardId, watermarkMillis);
    }

    private static void progressed(ShardTracker tracker, int reader, String shardId, long watermarkMillis) {
        tracker.progressed(
                reader, List.of(new ShardProgress(shardId, PartWatermarks.ofOnlyPart(watermarkMillis), false)));
    }

    private void finished(int reader, String shardId, long watermarkMillis) {
        tracker.progressed(
                reader, List.of(new ShardProgress(shardId, PartWatermarks.ofOnlyPart(watermarkMillis), true)));
    }

    private static ShardInfo shard(String id, long start, long end, String... parents) {
        return new ShardInfo(id, List.of(parents), BigInteger.valueOf(start), BigInteger.valueOf(end));
    }
}
