package io.taxistream.eventtime;

import static io.taxistream.eventtime.PartWatermarks.NO_WATERMARK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.eventtime.PartWatermarks.PartWatermark;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartWatermarksTest {

    private static final Part FIRST = new Part(1, 2);
    private static final Part SECOND = new Part(2, 2);

    @Test
    void onlyPartDeterminesTheWatermarkOfTheShard() {
        PartWatermarks shard = PartWatermarks.NONE.with(Part.ONLY, 10, false);

        assertThat(shard.watermarkMillis()).isEqualTo(10);
    }

    @Test
    void shardWithoutWatermarksHasNone() {
        assertThat(PartWatermarks.NONE.watermarkMillis()).isEqualTo(NO_WATERMARK);
    }

    @Test
    void missingPartHoldsTheWatermarkBack() {
        PartWatermarks one = PartWatermarks.NONE.with(FIRST, 10, false);
        PartWatermarks both = one.with(SECOND, 7, false);

        assertThat(one.watermarkMillis()).isEqualTo(NO_WATERMARK);
        assertThat(both.watermarkMillis()).isEqualTo(7);
    }

    @Test
    void endedPartDoesNotHoldTheWatermarkBack() {
        PartWatermarks shard = PartWatermarks.NONE
                .with(FIRST, 10, false)
                .with(SECOND, 7, false)
                .with(SECOND, 7, true);

        assertThat(shard.watermarkMillis()).isEqualTo(10);
    }

    @Test
    void endOfOnePartStillWaitsForTheOthers() {
        assertThat(PartWatermarks.NONE.with(FIRST, 10, true).watermarkMillis()).isEqualTo(NO_WATERMARK);
    }

    @Test
    void slowestPartsAreAwaited() {
        PartWatermarks shard = PartWatermarks.NONE
                .with(new Part(1, 3), 7, false)
                .with(new Part(2, 3), 10, false)
                .with(new Part(3, 3), 7, false);

        assertThat(shard.awaited()).containsExactly(new Part(1, 3), new Part(3, 3));
        assertThat(shard.isHeldBack()).isTrue();
        assertThat(shard.with(new Part(1, 3), 7, true).awaited()).containsExactly(new Part(3, 3));
    }

    @Test
    void partsWithoutWatermarkAreAwaitedFirst() {
        // given the only part, and a false watermark of the second of three
        PartWatermarks shard = PartWatermarks.NONE.with(Part.ONLY, 5, false).with(new Part(2, 3), 1, false);

        assertThat(shard.awaited()).containsExactly(new Part(1, 3), new Part(3, 3));
        assertThat(shard.isHeldBack()).as("the only part is not ahead yet").isFalse();
        assertThat(shard.with(Part.ONLY, 6, false).isHeldBack()).isTrue();
    }

    @Test
    void nothingIsAwaitedBeforeTheFirstAndAfterTheLastWatermark() {
        PartWatermarks ended = PartWatermarks.NONE.with(FIRST, 10, true).with(SECOND, 7, true);

        assertThat(PartWatermarks.NONE.awaited()).isEmpty();
        assertThat(PartWatermarks.NONE.isHeldBack()).isFalse();
        assertThat(ended.awaited()).isEmpty();
        assertThat(ended.isHeldBack()).isFalse();
    }

    @Test
    void greatestWatermarkCountsAfterAllPartsEnded() {
        PartWatermarks shard = PartWatermarks.NONE.with(FIRST, 10, true).with(SECOND, 7, true);

        assertThat(shard.watermarkMillis()).isEqualTo(10);
    }

    @Test
    void olderWatermarkDoesNotReopenAnEndedPart() {
        PartWatermarks ended = PartWatermarks.NONE.with(FIRST, 10, false).with(SECOND, 7, true);

        assertThat(ended.with(SECOND, 7, false)).isSameAs(ended);
        assertThat(ended.with(SECOND, 6, false)).isSameAs(ended);
    }

    @Test
    void newerWatermarkReopensAnEndedPart() {
        PartWatermarks ended = PartWatermarks.NONE.with(FIRST, 10, true).with(SECOND, 7, true);

        PartWatermarks reopened = ended.with(FIRST, 20, false);

        assertThat(reopened.watermarkMillis()).isEqualTo(20);
        assertThat(reopened.with(SECOND, 12, false).watermarkMillis()).isEqualTo(20);
        assertThat(reopened.with(SECOND, 12, false).with(SECOND, 23, false).with(FIRST, 21, false))
                .extracting(PartWatermarks::watermarkMillis)
                .isEqualTo(21L);
    }

    @Test
    void changedPartCountNeverLowersTheWatermark() {
        PartWatermarks shard = PartWatermarks.NONE.with(Part.ONLY, 10, true).with(FIRST, 20, false);

        assertThat(shard.watermarkMillis()).isEqualTo(10);
        assertThat(shard.with(SECOND, 15, false).watermarkMillis()).isEqualTo(15);
    }

    @Test
    void childHasTheSmallestWatermarkOfPartsInBothParents() {
        PartWatermarks left = PartWatermarks.NONE.with(FIRST, 10, true).with(SECOND, 7, true);
        PartWatermarks right = PartWatermarks.NONE.with(FIRST, 8, true).with(SECOND, 9, false);

        PartWatermarks child = PartWatermarks.ofChild(List.of(left, right));

        assertThat(child.latest())
                .containsExactly(new PartWatermark(FIRST, 8, true), new PartWatermark(SECOND, 7, false));
    }

    @Test
    void childStartsAtTheWatermarkOfTheSlowerParent() {
        PartWatermarks left = PartWatermarks.NONE.with(FIRST, 10, true).with(SECOND, 7, true);
        PartWatermarks right = PartWatermarks.NONE.with(FIRST, 8, true).with(SECOND, 9, false);

        assertThat(PartWatermarks.ofChild(List.of(left, right)).watermarkMillis())
                .isEqualTo(9);
    }

    @Test
    void childLacksPartsMissingInOneParent() {
        PartWatermarks left = PartWatermarks.NONE.with(FIRST, 10, false).with(SECOND, 7, false);
        PartWatermarks right = PartWatermarks.NONE.with(FIRST, 8, false);

        PartWatermarks child = PartWatermarks.ofChild(List.of(left, right));

        assertThat(child.watermarkMillis()).isEqualTo(NO_WATERMARK);
        assertThat(child.with(SECOND, 9, false).watermarkMillis()).isEqualTo(8);
    }

    @Test
    void childOfOneParentInheritsItsWatermarks() {
        PartWatermarks parent = PartWatermarks.NONE.with(FIRST, 10, false);

        assertThat(PartWatermarks.ofChild(List.of(parent))).isEqualTo(parent);
        assertThat(PartWatermarks.ofChild(List.of())).isEqualTo(PartWatermarks.NONE);
    }

    @Test
    void readsVersion1AsTheOnlyPart() throws IOException {
        PartWatermarks read = PartWatermarks.readFrom(input(longBytes(10)), 1);

        assertThat(read).isEqualTo(PartWatermarks.NONE.with(Part.ONLY, 10, false));
        assertThat(PartWatermarks.readFrom(input(longBytes(NO_WATERMARK)), 1)).isEqualTo(PartWatermarks.NONE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void refusesAVersionItDoesNotKnow(int version) {
        assertThatThrownBy(() -> PartWatermarks.readFrom(input(longBytes(10)), version))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version " + version);
    }

    /** State of a checkpoint that an earlier build has written. */
    @Test
    void writesAndReadsTheFormatByteForByte() throws IOException {
        PartWatermarks shard = PartWatermarks.NONE.with(FIRST, 7, false).with(SECOND, 10, true);
        byte[] format = HexFormat.of()
                .parseHex("0000000000000007" + "0002" + "0102000000000000000700" + "0202000000000000000a01");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        shard.writeTo(new DataOutputStream(bytes));

        assertThat(bytes.toByteArray()).isEqualTo(format);
        assertThat(PartWatermarks.readFrom(input(format), 2)).isEqualTo(shard);
    }

    @Test
    void statesAreEqualIfWatermarkAndPartsAre() {
        PartWatermarks shard = PartWatermarks.NONE.with(FIRST, 7, false).with(SECOND, 10, true);
        PartWatermarks same = PartWatermarks.NONE.with(SECOND, 10, true).with(FIRST, 7, false);
        PartWatermarks olderPart = PartWatermarks.NONE.with(FIRST, 7, false).with(SECOND, 9, true);
        // the parts are the same, but the watermark does not decrease
        PartWatermarks ahead = PartWatermarks.NONE.with(Part.ONLY, 9, false).with(FIRST, 7, false);
        PartWatermarks behind = PartWatermarks.NONE.with(FIRST, 7, false).with(Part.ONLY, 9, false);

        assertThat(shard).isEqualTo(same).hasSameHashCodeAs(same).isNotEqualTo(olderPart);
        assertThat(shard.hashCode()).isNotEqualTo(olderPart.hashCode());
        assertThat(ahead.latest()).isEqualTo(behind.latest());
        assertThat(ahead).isNotEqualTo(behind).doesNotHaveSameHashCodeAs(behind);
    }

    @Test
    void printsTheWatermarkAndThoseOfItsParts() {
        assertThat(PartWatermarks.NONE).hasToString("none ()");
        assertThat(PartWatermarks.NONE.with(FIRST, 1_000, false).with(SECOND, 2_000, true))
                .hasToString("1970-01-01T00:00:01Z (1/2: 1970-01-01T00:00:01Z, 2/2: 1970-01-01T00:00:02Z ended)");
    }

    @Test
    void rejectsAPartBeyondTheCount() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeLong(0);
        out.writeShort(1);
        out.write(new byte[] {3, 2});
        out.writeLong(0);
        out.writeBoolean(false);

        assertThatThrownBy(() -> PartWatermarks.readFrom(input(bytes.toByteArray()), 2))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("part 3/2");
    }

    @Property
    void readsWhatItWrites(@ForAll("histories") List<WatermarkRecord> history) throws IOException {
        PartWatermarks shard = heard(history);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        shard.writeTo(new DataOutputStream(bytes));
        DataInputStream in = input(bytes.toByteArray());

        assertThat(PartWatermarks.readFrom(in, PartWatermarks.VERSION)).isEqualTo(shard);
        assertThat(in.available()).isZero();
    }

    @Property
    void matchesTheSpecificationForAnyHistory(@ForAll("histories") List<WatermarkRecord> history) {
        assertThat(heard(history).watermarkMillis()).isEqualTo(modelWatermark(history));
    }

    @Property
    void isMonotonic(@ForAll("histories") List<WatermarkRecord> history) {
        PartWatermarks shard = PartWatermarks.NONE;
        for (WatermarkRecord each : history) {
            PartWatermarks next = shard.with(each.part(), each.watermarkMillis(), each.ended());
            assertThat(next.watermarkMillis()).isGreaterThanOrEqualTo(shard.watermarkMillis());
            shard = next;
        }
    }

    @Property
    void childIsNeverAheadOfAParent(
            @ForAll("historiesOfTwoParts") List<WatermarkRecord> left,
            @ForAll("historiesOfTwoParts") List<WatermarkRecord> right) {
        PartWatermarks child = PartWatermarks.ofChild(List.of(heard(left), heard(right)));

        assertThat(child.watermarkMillis())
                .isEqualTo(Math.min(heard(left).watermarkMillis(), heard(right).watermarkMillis()));
    }

    @Provide
    Arbitrary<List<WatermarkRecord>> histories() {
        return records(Arbitraries.of(Part.ONLY, FIRST, SECOND, new Part(1, 3), new Part(2, 3), new Part(3, 3)));
    }

    @Provide
    Arbitrary<List<WatermarkRecord>> historiesOfTwoParts() {
        return records(Arbitraries.of(FIRST, SECOND));
    }

    private static Arbitrary<List<WatermarkRecord>> records(Arbitrary<Part> parts) {
        return Combinators.combine(
                        Arbitraries.longs().between(0, 12),
                        parts,
                        Arbitraries.frequencyOf(
                                Tuple.of(2, Arbitraries.just(false)), Tuple.of(1, Arbitraries.just(true))))
                .as(WatermarkRecord::new)
                .list()
                .ofMaxSize(24);
    }

    private static PartWatermarks heard(List<WatermarkRecord> history) {
        PartWatermarks shard = PartWatermarks.NONE;
        for (WatermarkRecord each : history) {
            shard = shard.with(each.part(), each.watermarkMillis(), each.ended());
        }
        return shard;
    }

    /** The rules, applied to each beginning of the history anew. */
    private static long modelWatermark(List<WatermarkRecord> history) {
        return IntStream.rangeClosed(0, history.size())
                .mapToLong(length -> modelOf(history.subList(0, length)))
                .max()
                .orElseThrow();
    }

    private static long modelOf(List<WatermarkRecord> history) {
        Comparator<WatermarkRecord> laterAndEnded =
                Comparator.comparingLong(WatermarkRecord::watermarkMillis).thenComparing(WatermarkRecord::ended);
        List<WatermarkRecord> heard = history.stream()
                .map(WatermarkRecord::part)
                .distinct()
                .map(part -> history.stream()
                        .filter(each -> each.part().equals(part))
                        .max(laterAndEnded)
                        .orElseThrow())
                .toList();
        List<WatermarkRecord> needed = heard.stream()
                .map(each -> each.part().count())
                .distinct()
                .flatMap(count -> IntStream.rangeClosed(1, count)
                        .mapToObj(index -> heard.stream()
                                .filter(each -> each.part().equals(new Part(index, count)))
                                .findFirst()
                                .orElse(null)))
                .filter(each -> each == null || !each.ended())
                .toList();
        if (needed.isEmpty()) {
            return heard.stream()
                    .mapToLong(WatermarkRecord::watermarkMillis)
                    .max()
                    .orElse(NO_WATERMARK);
        }
        return needed.stream().anyMatch(Objects::isNull)
                ? NO_WATERMARK
                : needed.stream()
                        .mapToLong(WatermarkRecord::watermarkMillis)
                        .min()
                        .orElseThrow();
    }

    private static DataInputStream input(byte[] bytes) {
        return new DataInputStream(new ByteArrayInputStream(bytes));
    }

    private static byte[] longBytes(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }
}
