package io.taxistream.eventtime.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.taxistream.eventtime.AggregatedRecords;
import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.PartWatermarks;
import io.taxistream.eventtime.source.FakeKinesis.Operation;
import io.taxistream.eventtime.source.KinesisProxyException.Kind;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;
import org.apache.flink.runtime.metrics.groups.InternalSourceReaderMetricGroup;
import org.apache.flink.runtime.metrics.groups.UnregisteredMetricGroups;
import org.apache.flink.util.SimpleUserCodeClassLoader;
import org.apache.flink.util.UserCodeClassLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ShardSourceReaderTest {

    private static final ShardPosition START = new ShardPosition.TrimHorizon();
    private static final ReadOptions OPTIONS = ReadOptionsBuilder.inQuickSteps().build();

    /** When the records arrived that a deserializer was asked about. */
    private static final List<Long> arrivals = new ArrayList<>();

    private final FakeKinesis stream = new FakeKinesis(2);
    private final String first = stream.openShardIds().get(0);
    private final String second = stream.openShardIds().get(1);
    private final RecordingContext context = new RecordingContext();
    private final RecordingOutput output = new RecordingOutput();
    private final ShardSourceReader<String> reader =
            new ShardSourceReader<>(context, new TextDeserializer(), stream, OPTIONS, Clock.systemUTC(), new Random(1));

    @AfterEach
    void close() {
        arrivals.clear();
        reader.close();
    }

    @Test
    void reportsRestoredShardsImmediately() {
        reader.addSplits(List.of(
                new ShardSplit(first, START, PartWatermarks.ofOnlyPart(10), false),
                new ShardSplit(second, START, PartWatermarks.ofOnlyPart(20), true)));
        reader.start();

        assertThat(context.events)
                .containsExactly(new ShardReport(
                        true,
                        List.of(
                                new ShardProgress(first, PartWatermarks.ofOnlyPart(10), false),
                                new ShardProgress(second, PartWatermarks.ofOnlyPart(20), true)),
                        Long.MIN_VALUE));
    }

    @Test
    void reportsEvenWithoutShards() {
        reader.start();

        assertThat(context.events).containsExactly(new ShardReport(true, List.of(), Long.MIN_VALUE));
    }

    @Test
    void reportsThatItContinuesAfterACheckpoint() {
        start(new ShardSplit(first, START, PartWatermarks.ofOnlyPart(3), false));
        pollUntilNothingIsAvailable();
        context.events.clear();

        reader.snapshotState(7);
        assertThat(context.events).as("a reader that was stopped is not polled").isEmpty();
        assertThat(reader.isAvailable()).isDone();
        poll(reader, output);

        assertThat(context.events).containsExactly(new ReaderContinued(7));
        pollUntilNothingIsAvailable();
        assertThat(context.events).hasSize(1);
    }

    @Test
    void emitsRecordsAndWatermarksOfEachShardInOrder() {
        put(first, "a@1", "w5", "b@6");
        put(second, "c@2");
        start(
                new ShardSplit(first, START, PartWatermarks.ofOnlyPart(Long.MIN_VALUE), false),
                new ShardSplit(second, START, PartWatermarks.ofOnlyPart(3), false));

        pollUntil(() ->
                output.emitted(first).size() == 3 && output.emitted(second).size() == 2);

        assertThat(output.emitted(first)).containsExactly("a@1", "watermark 5", "b@6");
        assertThat(output.emitted(second)).containsExactly("watermark 3", "c@2");
        assertThat(context.metrics.getIOMetricGroup().getNumRecordsInCounter().getCount())
                .isEqualTo(4);
        assertThat(context.metrics.getIOMetricGroup().getNumBytesInCounter().getCount())
                .isEqualTo(11);
    }

    @Test
    void passesTheShardWatermarkToTheDeserializerAfterARestore() {
        put(first, "?", "w5", "?", "w4", "?");
        put(second, "?");
        start(
                new ShardSplit(first, START, PartWatermarks.ofOnlyPart(Long.MIN_VALUE), false),
                new ShardSplit(second, START, PartWatermarks.ofOnlyPart(3), false));

        pollUntil(() ->
                output.emitted(first).size() == 4 && output.emitted(second).size() == 2);

        assertThat(output.emitted(first)).containsExactly("at " + Long.MIN_VALUE, "watermark 5", "at 5", "at 5");
        assertThat(output.emitted(second)).containsExactly("watermark 3", "at 3");
    }

    @Test
    void reportsProgressToTheEnumerator() {
        put(first, "w5", "w4", "w7");
        start(new ShardSplit(first, START, PartWatermarks.ofOnlyPart(Long.MIN_VALUE), false));

        pollUntil(() -> context.events.contains(new ShardReport(
                false, List.of(new ShardProgress(first, PartWatermarks.ofOnlyPart(7), false)), Long.MIN_VALUE)));

        assertThat(output.emitted(first)).containsExactly("watermark 5", "watermark 7");
    }

    @Test
    void advancesWithTheLimitWithoutShards() {
        start();
        reader.handleSourceEvents(new WatermarkLimit(5, Set.of(), Long.MIN_VALUE));
        pollUntil(() -> output.emitted("watermark limit").size() == 1);
        reader.handleSourceEvents(new WatermarkLimit(3, Set.of(), Long.MIN_VALUE));
        reader.handleSourceEvents(new WatermarkLimit(9, Set.of(), Long.MIN_VALUE));
        pollUntil(() -> output.emitted("watermark limit").size() == 2);

        assertThat(output.emitted("watermark limit")).containsExactly("watermark 5", "watermark 9");
    }

    @Test
    void keepsAFinishedShardInItsStateUntilTheEnumeratorRecordedIt() {
        put(first, "a@1", "w5");
        stream.split(first);
        start(new ShardSplit(first, START, PartWatermarks.ofOnlyPart(Long.MIN_VALUE), false));

        pollUntil(() -> context.events.contains(
                new ShardReport(false, List.of(new ShardProgress(first, PartWatermarks.ofOnlyPart(5), true)), 1)));

        assertThat(output.released).containsExactly(first);
        assertThat(reader.snapshotState(1))
                .containsExactly(new ShardSplit(
                        first, new ShardPosition.AfterRecord("2"), PartWatermarks.ofOnlyPart(5), true, 1));
        reader.handleSourceEvents(new FinishRecorded(List.of(first)));
        assertThat(reader.snapshotState(2)).isEmpty();
    }

    @Test
    void releasesTheOutputOfARestoredFinishedShardImmediately() {
        start(new ShardSplit(first, START, PartWatermarks.ofOnlyPart(5), true));

        pollUntil(() -> !output.released.isEmpty());

        assertThat(output.released).containsExactly(first);
        assertThat(output.emitted(first)).isEmpty();
        assertThat(stream.reads()).isZero();
    }

    @Test
    void continuesInsideAnAggregatedRecord() throws Exception {
        int polled = ShardSourceReader.MAX_RECORDS_PER_POLL;
        List<byte[]> userRecords = LongStream.rangeClosed(1, polled + 1)
                .mapToObj(time -> bytes("r@" + time))
                .toList();
        stream.putTo(first, AggregatedRecords.aggregate("p", null, userRecords));
        put(first, "d@" + (polled + 2));
        start(new ShardSplit(first, START, PartWatermarks.ofOnlyPart(Long.MIN_VALUE), false));
        pollUntil(() -> output.emitted(first).size() == polled);
        List<ShardSplit> state = reader.snapshotState(1);
        assertThat(state)
                .containsExactly(new ShardSplit(
                        first,
                        new ShardPosition.InsideRecord("1", polled),
                        PartWatermarks.ofOnlyPart(Long.MIN_VALUE),
                        false,
                        polled));

        try (ShardSourceReader<String> restored = new ShardSourceReader<>(
                context, new TextDeserializer(), stream, OPTIONS, Clock.systemUTC(), new Random(1))) {
            RecordingOutput restoredOutput = new RecordingOutput();
            restored.addSplits(state);
            restored.start();
            pollUntil(
                    restored,
                    restoredOutput,
                    () -> restoredOutput.emitted(first).size() == 2);

            assertThat(restoredOutput.emitted(first)).containsExactly("r@" + (polled + 1), "d@" + (polled + 2));
            assertThat(restored.snapshotState(2))
                    .containsExactly(new ShardSplit(
                            first,
                            new ShardPosition.AfterRecord("2"),
                            PartWatermarks.ofOnlyPart(Long.MIN_VALUE),
                            false,
                            polled + 2));
        }
    }

    @Test
    void emitsNothingOfAPausedShardUntilItIsResumed() throws Exception {
        put(first, "a@1", "b@2");
        put(second, "c@1", "d@2");
        start(
                new ShardSplit(first, START, PartWatermarks.ofOnlyPart(0), false),
                new ShardSplit(second, START, PartWatermarks.ofOnlyPart(0), false));
        pollUntil(() -> output.emitted(first).contains("a@1"));
        // Flink also names the output of the limit, which is no shard
        reader.pauseOrResumeSplits(List.of(first, "watermark limit"), List.of());
        int emitted = output.emitted(first).size();

        pollUntil(() -> output.emitted(second).contains("d@2"));
        pollUntilNothingIsAvailable();

        // one more record may have been under way
        assertThat(output.emitted(first)).hasSizeLessThanOrEqualTo(emitted + 1);
        reader.pauseOrResumeSplits(List.of(), List.of(first));
        put(first, "e@3");
        pollUntil(() -> output.emitted(first).contains("e@3"));
        assertThat(output.emitted(first)).containsExactly("watermark 0", "a@1", "b@2", "e@3");
    }

    @Test
    void pausesAShardBeyondTheLimitUntilTheLimitAdvances() throws Exception {
        put(first, "w100", "a@101", "w200", "b@201", "w300", "c@301");
        try (ShardSourceReader<String> bounded = reader(Duration.ofMillis(50))) {
            bounded.addSplits(List.of(new ShardSplit(first, START, PartWatermarks.ofOnlyPart(0), false)));
            bounded.start();
            bounded.handleSourceEvents(new WatermarkLimit(60, Set.of(), Long.MIN_VALUE));
            pollUntil(bounded, output, () -> output.emitted(first).contains("a@101"));
            pollUntilNothingIsAvailable(bounded);
            // one event beyond the bound, which shows that there is something to wait for
            assertThat(output.emitted(first))
                    .containsExactly("watermark 0", "watermark 100", "a@101", "watermark 200", "b@201");

            bounded.handleSourceEvents(new WatermarkLimit(150, Set.of(), Long.MIN_VALUE));

            pollUntil(bounded, output, () -> output.emitted(first).contains("watermark 300"));
            pollUntilNothingIsAvailable(bounded);
            assertThat(output.emitted(first)).endsWith("b@201", "watermark 300");

            bounded.handleSourceEvents(new WatermarkLimit(160, Set.of(), Long.MIN_VALUE));

            pollUntil(bounded, output, () -> output.emitted(first).contains("c@301"));
            pollUntilNothingIsAvailable(bounded);
            assertThat(output.emitted(first)).endsWith("b@201", "watermark 300", "c@301");
        }
    }

    @Test
    void readsRecordsAfterAStrayWatermarkAsLate() throws Exception {
        // given a watermark of the past, which nothing tells from an honest one
        put(first, "a@10", "w1000000", "b@20", "?", "c@30");
        try (ShardSourceReader<String> bounded = reader(Duration.ofMillis(50))) {
            bounded.addSplits(List.of(new ShardSplit(first, START, PartWatermarks.ofOnlyPart(0), false)));
            bounded.start();
            bounded.handleSourceEvents(new WatermarkLimit(0, Set.of(), Long.MIN_VALUE));

            pollUntil(bounded, output, () -> output.emitted(first).contains("c@30"));

            assertThat(output.emitted(first)).endsWith("watermark 1000000", "b@20", "at 1000000", "c@30");
        }
    }

    @Test
    void ignoresAnImplausibleWatermark() {
        long nowMillis = System.currentTimeMillis();
        long day = OPTIONS.maxWatermarkAdvance().toMillis();
        String stray = "w" + (nowMillis + 2 * day);
        put(first, "a@" + nowMillis, stray, "?", "b@" + (nowMillis + 1), "w" + (nowMillis + day / 2), "?");
        start(new ShardSplit(first, START, PartWatermarks.ofOnlyPart(5), false));

        pollUntil(() -> output.emitted(first).contains("at " + (nowMillis + day / 2)));

        assertThat(output.emitted(first))
                .containsExactly(
                        "watermark 5",
                        "a@" + nowMillis,
                        "implausible",
                        "at 5",
                        "b@" + (nowMillis + 1),
                        "watermark " + (nowMillis + day / 2),
                        "at " + (nowMillis + day / 2));
    }

    @Test
    void aRestoredReaderJudgesWatermarksByTheEventsBeforeTheCheckpoint() throws Exception {
        long nowMillis = System.currentTimeMillis();
        put(first, "a@" + nowMillis);
        start(new ShardSplit(first, START, PartWatermarks.NONE, false));
        pollUntil(() -> output.emitted(first).contains("a@" + nowMillis));
        List<ShardSplit> state = reader.snapshotState(1);
        put(first, "w" + (nowMillis + 2 * OPTIONS.maxWatermarkAdvance().toMillis()), "?");

        try (ShardSourceReader<String> restored = new ShardSourceReader<>(
                context, new TextDeserializer(), stream, OPTIONS, Clock.systemUTC(), new Random(1))) {
            RecordingOutput restoredOutput = new RecordingOutput();
            restored.addSplits(state);
            restored.start();
            pollUntil(
                    restored,
                    restoredOutput,
                    () -> restoredOutput.emitted(first).contains("at " + Long.MIN_VALUE));

            assertThat(restoredOutput.emitted(first)).containsExactly("implausible", "at " + Long.MIN_VALUE);
        }
    }

    @Test
    void acceptsWatermarksOfAReplayAheadOfTheClock() {
        long yearOn = System.currentTimeMillis() + Duration.ofDays(365).toMillis();
        put(first, "w" + yearOn, "?");
        start(new ShardSplit(first, START, PartWatermarks.ofOnlyPart(5), false));
        // an event that another reader has seen
        reader.handleSourceEvents(new WatermarkLimit(5, Set.of(), yearOn - 1_000));

        pollUntil(() -> output.emitted(first).contains("at " + yearOn));
    }

    @Test
    void acceptsTheWatermarkOfAnEventFarAheadOfAllOthers() {
        // given a jump that nothing tells from a false event, such as the last event of a replay
        long nowMillis = System.currentTimeMillis();
        long yearsOn = nowMillis + Duration.ofDays(10_000).toMillis();
        String beyond = "w" + (yearsOn + 2 * OPTIONS.maxWatermarkAdvance().toMillis());
        put(first, "a@" + nowMillis, "w" + yearsOn, "b@" + yearsOn, "w" + yearsOn, beyond, "?");
        start(new ShardSplit(first, START, PartWatermarks.ofOnlyPart(5), false));

        pollUntil(() -> output.emitted(first).contains("at " + yearsOn));

        assertThat(output.emitted(first))
                .containsExactly(
                        "watermark 5",
                        "a@" + nowMillis,
                        "implausible",
                        "b@" + yearsOn,
                        "watermark " + yearsOn,
                        "implausible",
                        "at " + yearsOn);
    }

    @Test
    void watermarkOfAShardIsTheSmallestOfItsParts() {
        put(first, "w5:1/2", "?", "w9:2/2", "?", "w7:1/2", "?", "e7:1/2", "?");
        start(new ShardSplit(first, START, PartWatermarks.NONE, false));

        pollUntil(() -> output.emitted(first).contains("at 9"));

        assertThat(output.emitted(first))
                .containsExactly(
                        "at " + Long.MIN_VALUE, "watermark 5", "at 5", "watermark 7", "at 7", "watermark 9", "at 9");
        assertThat(reader.snapshotState(1))
                .singleElement()
                .extracting(ShardSplit::watermarks)
                .isEqualTo(PartWatermarks.NONE.with(new Part(1, 2), 7, true).with(new Part(2, 2), 9, false));
    }

    @Test
    void namesThePartOfAFalseWatermarkThatEventTimeWaitsFor() {
        // given a producer that is the only one, and a watermark of the second of two
        put(first, "w1000", "w2000:2/2", "w3000", "?");
        start(new ShardSplit(first, START, PartWatermarks.NONE, false));
        pollUntil(() -> output.emitted(first).contains("at 1000"));
        long nowMillis = System.currentTimeMillis();

        assertThat(reader.heldBackWarnings(nowMillis)).isEmpty();
        assertThat(reader.heldBackWarnings(nowMillis + 61_000))
                .singleElement()
                .asString()
                .startsWith("Event time of shard " + first + " has been held back since 20")
                .contains(
                        "it waits for part 1 of 2 (no watermark yet)",
                        "(1/1: 1970-01-01T00:00:03Z, 2/2: 1970-01-01T00:00:02Z)");
        assertThat(reader.heldBackWarnings(nowMillis + 122_000)).as("once").isEmpty();
    }

    @Test
    void namesTheStoppedPartThatEventTimeWaitsFor() {
        put(first, "w1000:1/2", "w1000:2/2", "w9000:1/2", "?");
        start(new ShardSplit(first, START, PartWatermarks.NONE, false));
        pollUntil(() -> output.emitted(first).contains("at 1000"));

        assertThat(reader.heldBackWarnings(System.currentTimeMillis() + 61_000))
                .singleElement()
                .asString()
                .contains("it waits for part 2 of 2 (last watermark 1970-01-01T00:00:01Z);");
    }

    @Test
    void passesTheOriginOfARecordToTheDeserializer() {
        Instant before = Instant.now();
        put(first, "which");
        stream.putTo(first, AggregatedRecords.aggregate("p", "17", List.of(bytes("a@1"), bytes("which"))));
        start(new ShardSplit(first, START, PartWatermarks.NONE, false));

        pollUntil(() -> output.emitted(first).size() == 3);

        String place = "fake " + first;
        assertThat(output.emitted(first).get(0)).isEqualTo(place + " 1 0/1 key null");
        assertThat(output.emitted(first).get(2)).isEqualTo(place + " 2 1/2 p 17");
        assertThat(arrivals)
                .hasSize(2)
                .allSatisfy(arrival ->
                        assertThat(Instant.ofEpochMilli(arrival)).isBetween(before.minusMillis(1), Instant.now()));
    }

    @Test
    void readsAnAwaitedShardBeyondTheLimit() throws Exception {
        put(first, "w100", "a@101");
        try (ShardSourceReader<String> bounded = reader(Duration.ofMillis(50))) {
            bounded.addSplits(List.of(new ShardSplit(first, START, PartWatermarks.ofOnlyPart(0), false)));
            bounded.start();
            bounded.handleSourceEvents(new WatermarkLimit(0, Set.of(), Long.MIN_VALUE));
            bounded.pauseOrResumeSplits(List.of(first), List.of());
            pollUntilNothingIsAvailable(bounded);

            bounded.handleSourceEvents(new WatermarkLimit(0, Set.of(first), Long.MIN_VALUE));

            pollUntil(bounded, output, () -> output.emitted(first).contains("a@101"));
        }
    }

    @Test
    void becomesAvailableAfterARead() throws Exception {
        start(new ShardSplit(first, START, PartWatermarks.ofOnlyPart(Long.MIN_VALUE), false));
        pollUntilNothingIsAvailable();

        put(first, "a@1");

        // as Flink does: no poll unless the reader is available; it may also be for a report, or for nothing
        pollWhenAvailableUntil(() -> output.emitted(first).contains("a@1"));
    }

    @Test
    void namesAnUnreadableRecord() {
        put(first, "nonsense");
        start(new ShardSplit(first, START, PartWatermarks.ofOnlyPart(Long.MIN_VALUE), false));

        assertThatThrownBy(() -> pollUntil(() -> false))
                .isInstanceOf(IllegalStateException.class)
                .hasRootCauseMessage("no time in nonsense")
                .hasMessageContaining("Record 1 of shard " + first);
        assertThat(context.metrics.getNumRecordsInErrorsCounter().getCount()).isEqualTo(1);
    }

    @Test
    void failsWhenAShardCannotBeRead() {
        stream.failNext(Operation.READ, Kind.FATAL);
        start(new ShardSplit(first, START, PartWatermarks.ofOnlyPart(Long.MIN_VALUE), false));

        assertThatThrownBy(() -> pollUntil(() -> false)).hasMessageContaining("READ fails as planned");
    }

    private ShardSourceReader<String> reader(Duration maxReadAhead) {
        ReadOptions options =
                ReadOptionsBuilder.inQuickSteps().maxReadAhead(maxReadAhead).build();
        return new ShardSourceReader<>(
                context, new TextDeserializer(), stream, options, Clock.systemUTC(), new Random(1));
    }

    private void start(ShardSplit... splits) {
        reader.start();
        reader.addSplits(List.of(splits));
    }

    private void pollUntil(BooleanSupplier condition) {
        pollUntil(reader, output, condition);
    }

    private static void pollUntil(ShardSourceReader<String> reader, RecordingOutput output, BooleanSupplier condition) {
        await().pollInterval(Duration.ofMillis(1)).until(() -> {
            if (!condition.getAsBoolean()) {
                poll(reader, output);
            }
            return condition.getAsBoolean();
        });
    }

    private void pollUntilNothingIsAvailable() {
        pollUntilNothingIsAvailable(reader);
    }

    private void pollUntilNothingIsAvailable(ShardSourceReader<String> reader) {
        await().pollInterval(Duration.ofMillis(1))
                .until(() -> poll(reader, output) == InputStatus.NOTHING_AVAILABLE
                        && !reader.isAvailable().isDone());
    }

    private void pollWhenAvailableUntil(BooleanSupplier condition) {
        await().pollInterval(Duration.ofMillis(1)).until(() -> {
            if (reader.isAvailable().isDone()) {
                poll(reader, output);
            }
            return condition.getAsBoolean();
        });
    }

    private static InputStatus poll(ShardSourceReader<String> reader, RecordingOutput output) {
        try {
            return reader.pollNext(output);
        } catch (Exception e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private void put(String shardId, String... texts) {
        for (String text : texts) {
            stream.putTo(shardId, bytes(text));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    /**
     * Reads {@code a@1} as an element with a timestamp, {@code w1} as a watermark, {@code w1:2/4} as one of a part, {@code
     * e1:2/4} as its end, and makes an element of the watermark of {@code ?} and of where {@code which} comes from.
     */
    private static final class TextDeserializer implements RecordDeserializer<String> {

        @Override
        public void deserialize(byte[] bytes, int offset, int length, RecordOutput<String> output) throws IOException {
            String text = new String(bytes, offset, length, UTF_8);
            int at = text.indexOf('@');
            if (text.equals("which")) {
                RecordContext record = output.record();
                arrivals.add(record.arrivalMillis());
                output.collect(String.join(
                        " ",
                        record.stream(),
                        record.shardId(),
                        record.sequenceNumber(),
                        record.userRecord() + "/" + record.userRecords(),
                        record.partitionKey(),
                        record.explicitHashKey()));
            } else if (text.contains(":")) {
                String[] fields = text.substring(1).split(":", -1);
                Part part = Part.parse(fields[1]);
                output.watermark(part.index(), part.count(), Long.parseLong(fields[0]), text.startsWith("e"));
            } else if (text.startsWith("w")) {
                if (!output.watermark(Long.parseLong(text.substring(1)))) {
                    output.collect("implausible");
                }
            } else if (text.equals("?")) {
                output.collect("at " + output.currentWatermark());
            } else if (at < 0) {
                throw new IOException("no time in " + text);
            } else {
                output.collect(text, Long.parseLong(text.substring(at + 1)));
            }
        }

        @Override
        public TypeInformation<String> getProducedType() {
            return Types.STRING;
        }
    }

    /** Keeps what is emitted to each output. */
    private static final class RecordingOutput implements ReaderOutput<String> {

        private final Map<String, List<String>> emitted = new LinkedHashMap<>();
        private final List<String> released = new ArrayList<>();

        List<String> emitted(String output) {
            return emitted.getOrDefault(output, List.of());
        }

        @Override
        public SourceOutput<String> createOutputForSplit(String splitId) {
            List<String> into = emitted.computeIfAbsent(splitId, id -> new ArrayList<>());
            return new SourceOutput<>() {
                @Override
                public void collect(String element) {
                    into.add(element);
                }

                @Override
                public void collect(String element, long timestamp) {
                    assertThat(element).endsWith("@" + timestamp);
                    into.add(element);
                }

                @Override
                public void emitWatermark(Watermark watermark) {
                    into.add("watermark " + watermark.getTimestamp());
                }

                @Override
                public void markIdle() {
                    throw new AssertionError("idle");
                }

                @Override
                public void markActive() {
                    throw new AssertionError("active");
                }
            };
        }

        @Override
        public void releaseOutputForSplit(String splitId) {
            released.add(splitId);
        }

        @Override
        public void collect(String element) {
            throw new AssertionError(element + " belongs to a shard");
        }

        @Override
        public void collect(String element, long timestamp) {
            throw new AssertionError(element + " belongs to a shard");
        }

        @Override
        public void emitWatermark(Watermark watermark) {
            throw new AssertionError(watermark + " belongs to a shard");
        }

        @Override
        public void markIdle() {
            throw new AssertionError("idle");
        }

        @Override
        public void markActive() {
            throw new AssertionError("active");
        }
    }

    /** Keeps what is sent to the enumerator. */
    private static final class RecordingContext implements SourceReaderContext {

        private final List<SourceEvent> events = new ArrayList<>();
        private final SourceReaderMetricGroup metrics =
                InternalSourceReaderMetricGroup.wrap(UnregisteredMetricGroups.createUnregisteredOperatorMetricGroup());

        @Override
        public SourceReaderMetricGroup metricGroup() {
            return metrics;
        }

        @Override
        public void sendSourceEventToCoordinator(SourceEvent event) {
            events.add(event);
        }

        @Override
        public Configuration getConfiguration() {
            return new Configuration();
        }

        @Override
        public String getLocalHostName() {
            return "localhost";
        }

        @Override
        public int getIndexOfSubtask() {
            return 0;
        }

        @Override
        public void sendSplitRequest() {
            throw new AssertionError("shards come without being asked for");
        }

        @Override
        public UserCodeClassLoader getUserCodeClassLoader() {
            return SimpleUserCodeClassLoader.create(getClass().getClassLoader());
        }
    }
}
