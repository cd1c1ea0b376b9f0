package io.taxistream.processor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.events.EventWriter;
import io.taxistream.events.TripEvent;
import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.WatermarkRecord;
import io.taxistream.eventtime.source.RecordContext;
import io.taxistream.eventtime.source.RecordDeserializer;
import io.taxistream.processor.trips.IncomingRecord;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventDeserializerTest {

    private final EventDeserializer deserializer = new EventDeserializer();
    private final RecordingOutput output = new RecordingOutput();

    @BeforeEach
    void open() {
        deserializer.open(null);
    }

    @Test
    void watermarksKeepTheirPart() {
        read(WatermarkRecord.of(17).toBytes());
        read(new WatermarkRecord(18, new Part(2, 4), true).toBytes());

        assertThat(output.watermarks).containsExactly("1/1 17 false", "2/4 18 true");
        assertThat(output.elements).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "+999999999-12-31T23:59:59Z",
                "-999999999-01-01T00:00:00Z",
                "+999999-12-31T00:00Z",
                "+10000-01-01T00:00Z"
            })
    void timeOutsideTheYears0To9999IsKeptAsAMalformedRecord(String time) {
        byte[] trip = new EventWriter().write(new TripEvent(1, 0, 0, 40.7, -73.9, 40.6, -73.8, 12.5));
        String tripJson = new String(trip, UTF_8).replace("1970-01-01T00:00:00Z", time);
        String watermark = "{\"type\":\"watermark\",\"watermark\":\"" + time + "\"}";

        for (String record : List.of(tripJson, tripJson.replace(",", ", "), watermark)) {
            output.elements.clear();

            read(record.getBytes(UTF_8));

            assertThat(output.elements).singleElement().satisfies(element -> {
                assertThat(element.malformed().reason()).isEqualTo("INVALID_VALUE");
                assertThat(element.malformed().message()).contains(time, "years 0 to 9999");
                assertThat(element.malformed().data()).asString(UTF_8).isEqualTo(record);
            });
        }
        assertThat(output.watermarks).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"end\":\"yes\"",
                "\"part\":\"1\",\"parts\":2",
                "\"part\":1.5,\"parts\":2",
                "\"part\":-1,\"parts\":2",
                "\"part\":3,\"parts\":2",
                "\"part\":4294967297,\"parts\":2",
                "\"watermark\":1451606400000"
            })
    void watermarkWithAFieldOfTheWrongTypeIsKeptAsAMalformedRecord(String fields) {
        String watermark = "{\"type\":\"watermark\",\"watermark\":\"2016-01-01T00:00:00Z\"," + fields + "}";

        read(watermark.getBytes(UTF_8));

        assertThat(output.watermarks).isEmpty();
        assertThat(output.elements).singleElement().satisfies(element -> {
            assertThat(element.malformed().reason()).isEqualTo("INVALID_VALUE");
            assertThat(element.malformed().data()).asString(UTF_8).isEqualTo(watermark);
        });
    }

    @Test
    void implausibleWatermarkIsKeptAsAMalformedRecord() {
        byte[] stray = WatermarkRecord.of(WatermarkRecord.MAX_MILLIS).toBytes();
        output.plausible = false;

        read(stray);

        assertThat(output.elements).singleElement().satisfies(element -> {
            assertThat(element.malformed().reason()).isEqualTo("IMPLAUSIBLE_WATERMARK");
            assertThat(element.malformed().data()).isEqualTo(stray);
        });
    }

    private void read(byte[] record) {
        deserializer.deserialize(record, 0, record.length, output);
    }

    private static final class RecordingOutput implements RecordDeserializer.RecordOutput<IncomingRecord> {

        private final List<String> watermarks = new ArrayList<>();
        private final List<IncomingRecord> elements = new ArrayList<>();
        private boolean plausible = true;

        @Override
        public void collect(IncomingRecord element, long timestampMillis) {
            elements.add(element);
        }

        @Override
        public void collect(IncomingRecord element) {
            elements.add(element);
        }

        @Override
        public boolean watermark(int part, int parts, long watermarkMillis, boolean ended) {
            watermarks.add(part + "/" + parts + " " + watermarkMillis + " " + ended);
            return plausible;
        }

        @Override
        public RecordContext record() {
            throw new AssertionError("not asked for");
        }

        @Override
        public long currentWatermark() {
            return Long.MIN_VALUE;
        }
    }
}
