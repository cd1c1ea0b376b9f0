package io.taxistream.eventtime.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

/** The bytes of version 1 are written out here: savepoints in the field contain them, and every later version has to read them. */
class StateSerializersTest {

    private static final ShardSplit SPLIT =
            new ShardSplit("shardId-1", new ShardPosition.InsideRecord("4957", 3), 1_451_606_400_000L, false);

    private static final String SPLIT_VERSION_1 = "000973686172644964" + "2d31" // shardId-1
            + "00000151fa7bdc00" // watermark
            + "00" // not finished
            + "03" + "000434393537" + "00000003"; // inside record 4957, 3 user records read

    private static final EnumeratorState STATE = new EnumeratorState(
            new ShardPosition.AtTimestamp(Instant.ofEpochMilli(1)),
            2,
            List.of(
                    new TrackedShard("a", List.of(), Status.FINISHED, 3),
                    new TrackedShard("b", List.of("a", "z"), Status.ASSIGNED, 4),
                    new TrackedShard("c", List.of("a"), Status.PENDING, Long.MIN_VALUE)));

    private static final String STATE_VERSION_1 = "01" + "0000000000000001" // at timestamp 1
            + "0000000000000002" // stream created
            + "00000003"
            + "000161" + "00" + "02" + "0000000000000003"
            + "000162" + "02" + "000161" + "00017a" + "01" + "0000000000000004"
            + "000163" + "01" + "000161" + "00" + "8000000000000000";

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
    void everyPositionOfAShardSurvivesTheRoundTrip(ShardPosition position) throws IOException {
        ShardSplit split = new ShardSplit("shardId-000000000007", position, Long.MIN_VALUE, true);

        assertThat(splits.deserialize(splits.getVersion(), splits.serialize(split)))
                .isEqualTo(split);
    }

    @Test
    void splitsAreWrittenAndReadInVersion1() throws IOException {
        assertThat(splits.getVersion()).isEqualTo(1);
        assertThat(HexFormat.of().formatHex(splits.serialize(SPLIT))).isEqualTo(SPLIT_VERSION_1);
        assertThat(splits.deserialize(1, HexFormat.of().parseHex(SPLIT_VERSION_1)))
                .isEqualTo(SPLIT);
    }

    @Test
    void enumeratorStateIsWrittenAndReadInVersion1() throws IOException {
        assertThat(states.getVersion()).isEqualTo(1);
        assertThat(HexFormat.of().formatHex(states.serialize(STATE))).isEqualTo(STATE_VERSION_1);
        assertThat(states.deserialize(1, HexFormat.of().parseHex(STATE_VERSION_1)))
                .isEqualTo(STATE);
    }

    @Test
    void theStateOfAJobThatHasSeenNothingSurvivesTheRoundTrip() throws IOException {
        EnumeratorState state =
                new EnumeratorState(new ShardPosition.TrimHorizon(), EnumeratorState.UNKNOWN, List.of());

        assertThat(states.deserialize(states.getVersion(), states.serialize(state)))
                .isEqualTo(state);
    }

    static Stream<SimpleVersionedSerializer<?>> serializers() {
        return Stream.of(new ShardSplitSerializer(), new EnumeratorStateSerializer());
    }

    @ParameterizedTest
    @MethodSource("serializers")
    void stateOfALaterVersionIsRefused(SimpleVersionedSerializer<?> serializer) {
        assertThatThrownBy(() -> serializer.deserialize(2, new byte[0]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version 2");
    }
}
