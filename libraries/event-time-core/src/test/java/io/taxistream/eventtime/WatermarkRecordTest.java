package io.taxistream.eventtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WatermarkRecordTest {

    private static final long TIME = Instant.parse("2016-01-01T05:12:29.999Z").toEpochMilli();

    @Test
    void onlyPartOmitsThePartFields() {
        assertThat(text(WatermarkRecord.of(TIME)))
                .isEqualTo("{\"type\":\"watermark\",\"watermark\":\"2016-01-01T05:12:29.999Z\"}\n");
    }

    @Test
    void oneOfSeveralPartsWritesThePartFields() {
        assertThat(text(WatermarkRecord.of(TIME, new Part(2, 4))))
                .isEqualTo(
                        "{\"type\":\"watermark\",\"watermark\":\"2016-01-01T05:12:29.999Z\",\"part\":2,\"parts\":4}\n");
    }

    @Test
    void writesTheEnd() {
        assertThat(text(new WatermarkRecord(TIME, new Part(2, 4), true)))
                .isEqualTo(
                        "{\"type\":\"watermark\",\"watermark\":\"2016-01-01T05:12:29.999Z\",\"part\":2,\"parts\":4,\"end\":true}\n");
    }

    @Test
    void theOnlyPartSaysWhichItIsWhenItEnds() {
        assertThat(text(new WatermarkRecord(TIME, Part.ONLY, true)))
                .isEqualTo(
                        "{\"type\":\"watermark\",\"watermark\":\"2016-01-01T05:12:29.999Z\",\"part\":1,\"parts\":1,\"end\":true}\n");
    }

    @Test
    void readsTheEndOfAPart() throws Exception {
        WatermarkRecord end = new WatermarkRecord(TIME, new Part(2, 4), true);

        assertThat(WatermarkRecord.parse(end.toBytes())).isEqualTo(end);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"})
    void readsTheFirstAndTheLastTime(String time) throws Exception {
        WatermarkRecord watermark = WatermarkRecord.of(Instant.parse(time).toEpochMilli());

        assertThat(text(watermark)).contains(time);
        assertThat(WatermarkRecord.parse(watermark.toBytes())).isEqualTo(watermark);
    }

    @Property
    void readsWhatItWrites(@ForAll("watermarks") WatermarkRecord watermark) throws Exception {
        byte[] bytes = watermark.toBytes();

        assertThat(WatermarkRecord.isWatermark(bytes, 0, bytes.length)).isTrue();
        assertThat(WatermarkRecord.parse(bytes)).isEqualTo(watermark);
    }

    @Test
    void readsFieldsInAnyOrderAndIgnoresOthers() throws Exception {
        String json = "{\"parts\":4,\"x\":{\"type\":[1]},\"watermark\":\"2016-01-01T06:12:29.999+01:00\",\"part\":2,"
                + "\"type\":\"watermark\",\"end\":false}";

        assertThat(WatermarkRecord.parse(json.getBytes(UTF_8))).isEqualTo(WatermarkRecord.of(TIME, new Part(2, 4)));
    }

    @Test
    void readsASliceOfAnArray() throws Exception {
        byte[] bytes = ("xx" + text(WatermarkRecord.of(TIME)) + "yy").getBytes(UTF_8);

        assertThat(WatermarkRecord.isWatermark(bytes, 2, bytes.length - 4)).isTrue();
        assertThat(WatermarkRecord.parse(bytes, 2, bytes.length - 4)).isEqualTo(WatermarkRecord.of(TIME));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"watermark\"",
                "{\r\n\"type\":\"watermark\"",
                " { \"type\" :\t\"watermark\" , ",
                "\n{\n\"type\": \"watermark\""
            })
    void recognizesAWatermarkByItsFirstField(String text) {
        assertThat(WatermarkRecord.isWatermark(text.getBytes(UTF_8), 0, text.length()))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{\"type\"",
                "{\"type\":\"watermark",
                "{\"type\":\"trip\"}",
                "{\"kind\":\"watermark\"}",
                "\"type\":\"watermark\"",
                "[{\"type\":\"watermark\"}]"
            })
    void rejectsOtherRecords(String text) {
        assertThat(WatermarkRecord.isWatermark(text.getBytes(UTF_8), 0, text.length()))
                .isFalse();
    }

    @Test
    void acceptsAnUnknownFieldWhateverItsType() throws Exception {
        // the field of an end is named end
        String json =
                "{\"type\":\"watermark\",\"watermark\":\"2016-01-01T05:12:29.999Z\",\"ended\":\"yes\",\"partial\":-1}";

        assertThat(WatermarkRecord.parse(json.getBytes(UTF_8))).isEqualTo(WatermarkRecord.of(TIME));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"part\":\"1\",\"parts\":2",
                "\"part\":1,\"parts\":\"2\"",
                "\"part\":1.0,\"parts\":2",
                "\"part\":1,\"parts\":2.5",
                "\"part\":1e0,\"parts\":2",
                "\"part\":-1,\"parts\":2",
                "\"part\":0,\"parts\":2",
                "\"part\":3,\"parts\":2",
                "\"part\":1,\"parts\":0",
                "\"part\":1,\"parts\":-2",
                "\"part\":1,\"parts\":65",
                "\"part\":4294967297,\"parts\":2",
                "\"part\":1,\"parts\":4294967298",
                "\"part\":99999999999999999999,\"parts\":2",
                "\"part\":null,\"parts\":null",
                "\"part\":true,\"parts\":2",
                "\"part\":[1],\"parts\":2",
                "\"end\":\"yes\"",
                "\"end\":\"true\"",
                "\"end\":1",
                "\"end\":null",
                "\"end\":{}",
                "\"end\":[true]",
                "\"watermark\":1451625149999",
                "\"watermark\":null",
                "\"watermark\":true",
                "\"watermark\":[\"2016-01-01T05:12:29.999Z\"]",
                "\"watermark\":\"2016-01-01T05:12:29.999\"",
                "\"type\":null",
                "\"type\":[\"watermark\"]"
            })
    void rejectsAFieldOfTheWrongType(String fields) {
        String json = "{\"type\":\"watermark\",\"watermark\":\"2016-01-01T05:12:29.999Z\"," + fields + "}";

        assertThatThrownBy(() -> WatermarkRecord.parse(json.getBytes(UTF_8)))
                .isInstanceOfSatisfying(
                        MalformedWatermarkException.class,
                        e -> assertThat(e.reason()).isEqualTo(MalformedWatermarkException.Reason.INVALID_VALUE))
                .message()
                .doesNotContain("\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            NOT_JSON      | [1]                                              | not a JSON object
            NOT_JSON      | {"type":"watermark"                              | not JSON
            NOT_JSON      | {"type":"watermark","watermark":"2016-01-01T00:00:00Z"}{} | more than one
            MISSING_FIELD | {"watermark":"2016-01-01T00:00:00Z"}             | type is missing
            MISSING_FIELD | {"type":"watermark"}                             | watermark is missing
            MISSING_FIELD | {"type":"watermark","watermark":"2016-01-01T00:00:00Z","part":1}  | parts is missing
            MISSING_FIELD | {"type":"watermark","watermark":"2016-01-01T00:00:00Z","parts":2} | part is missing
            INVALID_VALUE | {"type":"trip"}                                  | type is 'trip'
            INVALID_VALUE | {"type":"watermark","watermark":12}              | watermark is '12'
            INVALID_VALUE | {"type":"watermark","watermark":"noon"}          | watermark is 'noon'
            INVALID_VALUE | {"type":"watermark","watermark":"-0001-12-31T23:59:59.999Z"} | watermark is '-0001
            INVALID_VALUE | {"type":"watermark","watermark":{"at":1}}        | watermark is not a plain value
            INVALID_VALUE | {"type":1}                                       | type is '1'
            INVALID_VALUE | {"type":"watermark","watermark":"+12016-01-01T00:00:00Z"} | years 0 to 9999
            INVALID_VALUE | {"type":"watermark","watermark":"+999999999-12-31T23:59:59Z"} | years 0 to 9999
            INVALID_VALUE | {"type":"watermark","watermark":"-999999999-01-01T00:00:00Z"} | years 0 to 9999
            INVALID_VALUE | {"type":"watermark","watermark":"2016-01-01T00:00:00Z","part":3,"parts":2} | part 3/2 does not
            INVALID_VALUE | {"type":"watermark","watermark":"2016-01-01T00:00:00Z","part":1,"parts":99999999999} | parts is
            INVALID_VALUE | {"type":"watermark","watermark":"2016-01-01T00:00:00Z","part":"1","parts":2} | part is '1'
            INVALID_VALUE | {"type":"watermark","watermark":"2016-01-01T00:00:00Z","end":"yes"} | end is 'yes'
            """)
    void explainsAMalformedRecord(MalformedWatermarkException.Reason reason, String json, String message) {
        assertThatThrownBy(() -> WatermarkRecord.parse(json.getBytes(UTF_8)))
                .isInstanceOfSatisfying(
                        MalformedWatermarkException.class,
                        e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContaining(message)
                .message()
                .doesNotContain("\n");
    }

    @Test
    void rejectsATimeOutOfRange() {
        assertThatThrownBy(() -> WatermarkRecord.of(WatermarkRecord.MAX_MILLIS + 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> WatermarkRecord.of(WatermarkRecord.MIN_MILLIS - 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Provide
    Arbitrary<WatermarkRecord> watermarks() {
        Arbitrary<Part> parts = Arbitraries.integers()
                .between(1, Part.MAX_COUNT)
                .flatMap(count -> Arbitraries.integers().between(1, count).map(index -> new Part(index, count)));
        return Combinators.combine(
                        Arbitraries.longs().between(WatermarkRecord.MIN_MILLIS, WatermarkRecord.MAX_MILLIS),
                        parts,
                        Arbitraries.of(true, false))
                .as(WatermarkRecord::new);
    }

    private static String text(WatermarkRecord watermark) {
        return new String(watermark.toBytes(), UTF_8);
    }
}
