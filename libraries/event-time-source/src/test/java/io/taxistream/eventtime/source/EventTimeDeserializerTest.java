package io.taxistream.eventtime.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.WatermarkRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.SimpleUserCodeClassLoader;
import org.apache.flink.util.UserCodeClassLoader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventTimeDeserializerTest {

    private final EventTimeDeserializer<String> deserializer =
            new EventTimeDeserializer<>(new SimpleStringSchema(), (text, arrival) -> text.length() + arrival);
    private final Counter malformed = new SimpleCounter();
    private final RecordingOutput output = new RecordingOutput();

    @BeforeEach
    void open() throws Exception {
        deserializer.open(new Context(malformed));
    }

    @Test
    void delegatesAllButWatermarksToTheSchema() throws IOException {
        read("abc");

        assertThat(output.seen).containsExactly("abc at 1003");
    }

    @Test
    void readsWatermarksOfParts() throws IOException {
        read(new String(WatermarkRecord.of(17).toBytes(), UTF_8));
        read(new String(new WatermarkRecord(18, new Part(2, 4), true).toBytes(), UTF_8));

        assertThat(output.seen).containsExactly("1/1 17 false", "2/4 18 true");
        assertThat(malformed.getCount()).isZero();
    }

    @Test
    void countsMalformedAndImplausibleWatermarks() throws IOException {
        read("{\"type\":\"watermark\",\"watermark\":\"yesterday\"}");
        output.plausible = false;
        read(new String(WatermarkRecord.of(17).toBytes(), UTF_8));

        assertThat(malformed.getCount()).isEqualTo(2);
    }

    private void read(String text) throws IOException {
        byte[] bytes = ("<" + text + ">").getBytes(UTF_8);
        deserializer.deserialize(bytes, 1, bytes.length - 2, output);
    }

    /** The second example of docs/event-time-source.md: readings of a stream with watermarks of its own kind. */
    static final class ReadingDeserializer implements RecordDeserializer<String> {

        @Override
        public void deserialize(byte[] bytes, int offset, int length, RecordOutput<String> output) {
            String text = new String(bytes, offset, length, UTF_8);
            if (text.startsWith("until ")) {
                output.watermark(Long.parseLong(text.substring(6)));
            } else {
                output.collect(output.record().partitionKey() + ": " + text, Long.parseLong(text.split(",", -1)[1]));
            }
        }

        @Override
        public TypeInformation<String> getProducedType() {
            return Types.STRING;
        }
    }

    @Test
    void exampleReadsCustomWatermarks() {
        byte[] reading = "kitchen,60000,20.5".getBytes(UTF_8);
        byte[] watermark = "until 59999".getBytes(UTF_8);

        new ReadingDeserializer().deserialize(reading, 0, reading.length, output);
        new ReadingDeserializer().deserialize(watermark, 0, watermark.length, output);

        assertThat(output.seen).containsExactly("key: kitchen,60000,20.5 at 60000", "1/1 59999 false");
    }

    /** Keeps what it is given. */
    private static final class RecordingOutput implements RecordDeserializer.RecordOutput<String>, RecordContext {

        private final List<String> seen = new ArrayList<>();
        private boolean plausible = true;

        @Override
        public void collect(String element, long timestampMillis) {
            seen.add(element + " at " + timestampMillis);
        }

        @Override
        public void collect(String element) {
            throw new AssertionError("without a time");
        }

        @Override
        public boolean watermark(int part, int parts, long watermarkMillis, boolean ended) {
            seen.add(part + "/" + parts + " " + watermarkMillis + " " + ended);
            return plausible;
        }

        @Override
        public RecordContext record() {
            return this;
        }

        @Override
        public long currentWatermark() {
            return Long.MIN_VALUE;
        }

        @Override
        public String stream() {
            return "stream";
        }

        @Override
        public String shardId() {
            return "shard";
        }

        @Override
        public String sequenceNumber() {
            return "1";
        }

        @Override
        public int userRecord() {
            return 0;
        }

        @Override
        public int userRecords() {
            return 1;
        }

        @Override
        public String partitionKey() {
            return "key";
        }

        @Override
        public String explicitHashKey() {
            return null;
        }

        @Override
        public long arrivalMillis() {
            return 1_000;
        }
    }

    private record Context(Counter malformed) implements DeserializationSchema.InitializationContext {

        @Override
        public MetricGroup getMetricGroup() {
            return new UnregisteredMetricsGroup() {
                @Override
                public Counter counter(String name) {
                    return malformed;
                }
            };
        }

        @Override
        public UserCodeClassLoader getUserCodeClassLoader() {
            return SimpleUserCodeClassLoader.create(Context.class.getClassLoader());
        }
    }
}
