package io.taxistream.producer.records;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.ZoneId;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TimedRecordFormTest {

    @Test
    void shiftRewritesOnlyTheNamedFields() {
        var form = new TimedRecordForm(fields("meta.dt", "iso", Map.of("timestamp", "seconds", "seen", "millis")));
        TimedRecord edit = record(
                "{ \"meta\": {\"dt\" : \"2026-11-28T22:38:00Z\", \"x\": \"2026\"}, \"a\":[1.10, {\"timestamp\":1}],"
                        + " \"timestamp\": 1795905480, \"title\":\"\\\"ü\"}\n",
                1_795_905_480_000L);

        TimedRecord shifted = form.shifted(edit, form.smallestShift(59_001));

        assertThat(new String(shifted.bytes(), UTF_8))
                .isEqualTo(
                        "{ \"meta\": {\"dt\" : \"2026-11-28T22:39:00Z\", \"x\": \"2026\"}, \"a\":[1.10, {\"timestamp\":1}],"
                                + " \"timestamp\": 1795905540, \"title\":\"\\\"ü\"}\n");
        assertThat(shifted.timeMillis()).isEqualTo(1_795_905_540_000L);
        assertThat(form.id(shifted)).isEqualTo(form.id(edit));
    }

    @Test
    void shiftIsRoundedUpToTheCoarsestField() {
        var seconds = new TimedRecordForm(fields("t", "seconds", Map.of()));
        var minutes = new TimedRecordForm(fields("t", "iso", Map.of("m", "yyyy-MM-dd HH:mm")));

        assertThat(seconds.smallestShift(1)).isEqualTo(1_000);
        assertThat(seconds.smallestShift(-1)).isZero();
        assertThat(minutes.smallestShift(60_001)).isEqualTo(120_000);
    }

    @Test
    void restoresSerializedRecords() {
        var form = new TimedRecordForm(fields("t", "seconds", Map.of()));
        TimedRecord plain = record("{\"t\":1}\n", 1_000);
        var full = new TimedRecord("{\"t\":2,\"u\":\"ü\"}\n".getBytes(UTF_8), 2_000, -7, "grün", "");
        ByteBuffer buffer = ByteBuffer.allocate(form.storedBytes(plain) + form.storedBytes(full));

        form.store(plain, buffer);
        form.store(full, buffer);

        assertThat(buffer.hasRemaining()).isFalse();
        buffer.flip();
        assertThat(form.nextStoredBytes(buffer)).isEqualTo(form.storedBytes(plain));
        assertThat(form.restored(buffer)).usingRecursiveComparison().isEqualTo(plain);
        assertThat(form.restored(buffer)).usingRecursiveComparison().isEqualTo(full);
        assertThat(form.nextStoredBytes(buffer)).as("nothing is left").isPositive();
    }

    @Test
    void idAndKeyComeFromTheDataOrThePosition() {
        var form = new TimedRecordForm(fields("t", "seconds", Map.of()));

        TimedRecord none = new TimedRecord(new byte[0], 0, 35, null, null);
        TimedRecord id = new TimedRecord(new byte[0], 0, 35, "a", null);
        TimedRecord key = new TimedRecord(new byte[0], 0, 35, null, "k");

        assertThat(form.id(none)).isEqualTo("z");
        assertThat(form.key(none)).isEqualTo("z");
        assertThat(form.id(id)).isEqualTo("a");
        assertThat(form.key(id)).isEqualTo("a");
        assertThat(form.id(key)).isEqualTo("z");
        assertThat(form.key(key)).isEqualTo("k");
    }

    @Test
    void hashesAPartitionKeyThatIsTooLong() {
        var form = new TimedRecordForm(fields("t", "seconds", Map.of()));
        String longest = "ü".repeat(256);

        assertThat(form.key(new TimedRecord(new byte[0], 0, 1, longest, null))).isEqualTo(longest);
        assertThat(form.key(new TimedRecord(new byte[0], 0, 1, longest + "a", null)))
                .hasSizeLessThan(15)
                .isNotEqualTo(form.key(new TimedRecord(new byte[0], 0, 1, longest + "b", null)))
                .isEqualTo(form.key(new TimedRecord(new byte[0], 0, 2, "x", longest + "a")));
    }

    private static RecordFields fields(String time, String format, Map<String, String> adapted) {
        return new RecordFields(time, format, ZoneId.of("UTC"), null, null, adapted, true);
    }

    private static TimedRecord record(String json, long timeMillis) {
        return new TimedRecord(json.getBytes(UTF_8), timeMillis, 1, null, null);
    }
}
