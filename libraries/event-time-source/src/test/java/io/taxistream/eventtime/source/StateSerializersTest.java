package io.taxistream.eventtime.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.PartWatermarks;
import io.taxistream.eventtime.source.TrackedShard.Status;
import java.io.IOException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The bytes of each version are written out here: savepoints in the field contain them, and every later build has to read them. */
class StateSerializersTest {

    private static final ShardSplit SPLIT = new ShardSplit(
            "shardId-1",
            new ShardPosition.InsideRecord("4957", 3),
            PartWatermarks.ofOnlyPart(1_451_606_400_000L),
            false);

    private static final String SPLIT_VERSION_1 = "000973686172644964" + "2d31" // shardId-1
            + "00000151fa7bdc00" // watermark
            + "00" // not finished
            + "03" + "000434393537" + "00000003"; // inside record 4957, 3 user records read

    private static final EnumeratorState STATE = new EnumeratorState(
            new ShardPosition.AtTimestamp(Instant.ofEpochMilli(1)),
            2,
            EnumeratorState.UNKNOWN,
            List.of(
                    new TrackedShard("a", List.of(), Status.FINISHED, PartWatermarks.ofOnlyPart(3)),
                    new TrackedShard("b", List.of("a", "z"), Status.ASSIGNED, PartWatermarks.ofOnlyPart(4)),
                    new TrackedShard("c", List.of("a"), Status.PENDING, PartWatermarks.ofOnlyPart(Long.MIN_VALUE))));

    private static final String STATE_VERSION_1 = "01" + "0000000000000001" // at timestamp 1
            + "0000000000000002" // stream created
            + "00000003"
            + "000161" + "00" + "02" + "0000000000000003"
            + "000162" + "02" + "000161" + "00017a" + "01" + "0000000000000004"
            + "000163" + "01" + "000161" + "00" + "8000000000000000";

    /** One part of two has been heard, and the only part before it. */
    private static final PartWatermarks PARTS = PartWatermarks.ofOnlyPart(5).with(new Part(2, 2), 7, true);

    private static final String PARTS_VERSION_2 = "0000000000000005" // watermark
            + "0002"
            + "01" + "01" + "0000000000000005" + "00" // part 1 of 1
            + "02" + "02" + "0000000000000007" + "01"; // part 2 of 2, ended

    private static final ShardSplit SPLIT_OF_PARTS =
            new ShardSplit("shardId-1", new ShardPosition.AfterRecord("4957"), PARTS, true);

    private static final String SPLIT_VERSION_2 = "000973686172644964" + "2d31" // shardId-1
            + PARTS_VERSION_2
            + "01" // finished
            + "02" + "000434393537"; // after record 4957

    private static final ShardSplit SPLIT_WITH_EVENTS =
            new ShardSplit("shardId-1", new ShardPosition.AfterRecord("4957"), PARTS, true, 9);

    private static final String SPLIT_VERSION_3 = SPLIT_VERSION_2 + "0000000000000009"; // newest event

    private static final EnumeratorState STATE_OF_PARTS = new EnumeratorState(
            new ShardPosition.TrimHorizon(), 2, 9, List.of(new TrackedShard("a", List.of(), Status.FINISHED, PARTS)));

    private static final String STATE_VERSION_2 = "00" // trim horizon
            + "0000000000000002" // stream created
            + "0000000000000009" // newest event
            + "00000001"
            + "000161" + "00" + "02" + PARTS_VERSION_2;

    private final ShardSplitSerializer splits = new ShardSplitSerializer();
    private final EnumeratorStateSerializer states = new EnumeratorStateSerializer();

    static Stream<ShardPosition> positions() {
        return Stream.of(
                new ShardPosition.TrimHorizon(),
                new ShardPosition.AtTimestamp(Instant.ofEpochMilli(1_451_606_400_123L)),
                new ShardPosition.AfterRecord("49590338271490256608559692538361571095921575989136588898"),
                new ShardPosition.InsideRecord("49590338271490256608559692538361571095921575989136588898", 17));
    }

    @ParameterizedTest
    @MethodSource("positions")
    void roundTripsEveryShardPosition(ShardPosition position) throws IOException {
        ShardSplit split =
                new ShardSplit("shardId-000000000007", position, PartWatermarks.ofOnlyPart(Long.MIN_VALUE), true);

        assertThat(splits.deserialize(splits.getVersion(), splits.serialize(split)))
                .isEqualTo(split);
    }

    @Test
    void version1IsReadAsTheOnlyPart() throws IOException {
        assertThat(splits.deserialize(1, HexFormat.of().parseHex(SPLIT_VERSION_1)))
                .isEqualTo(SPLIT);
        assertThat(states.deserialize(1, HexFormat.of().parseHex(STATE_VERSION_1)))
                .isEqualTo(STATE);
    }

    @Test
    void version2OfASplitIsReadAsWithoutEvents() throws IOException {
        assertThat(splits.deserialize(2, HexFormat.of().parseHex(SPLIT_VERSION_2)))
                .isEqualTo(SPLIT_OF_PARTS);
    }

    @Test
    void splitsAreWrittenAndReadInVersion3() throws IOException {
        assertThat(splits.getVersion()).isEqualTo(3);
        assertThat(HexFormat.of().formatHex(splits.serialize(SPLIT_WITH_EVENTS)))
                .isEqualTo(SPLIT_VERSION_3);
        assertThat(splits.deserialize(3, HexFormat.of().parseHex(SPLIT_VERSION_3)))
                .isEqualTo(SPLIT_WITH_EVENTS);
    }

    @Test
    void enumeratorStateIsWrittenAndReadInVersion2() throws IOException {
        assertThat(states.getVersion()).isEqualTo(2);
        assertThat(HexFormat.of().formatHex(states.serialize(STATE_OF_PARTS))).isEqualTo(STATE_VERSION_2);
        assertThat(states.deserialize(2, HexFormat.of().parseHex(STATE_VERSION_2)))
                .isEqualTo(STATE_OF_PARTS);
    }

    @Test
    void roundTripsTheInitialState() throws IOException {
        EnumeratorState state = new EnumeratorState(
                new ShardPosition.TrimHorizon(), EnumeratorState.UNKNOWN, EnumeratorState.UNKNOWN, List.of());

        assertThat(states.deserialize(states.getVersion(), states.serialize(state)))
                .isEqualTo(state);
    }

    static Stream<SimpleVersionedSerializer<?>> serializers() {
        return Stream.of(new ShardSplitSerializer(), new EnumeratorStateSerializer());
    }

    @ParameterizedTest
    @MethodSource("serializers")
    void rejectsStateOfALaterVersion(SimpleVersionedSerializer<?> serializer) {
        assertThatThrownBy(() -> serializer.deserialize(serializer.getVersion() + 1, new byte[0]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version " + (serializer.getVersion() + 1));
    }
}
