package io.taxistream.producer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.producer.parquet.ParquetFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests records of any layout with the whole program, without a stream: its output and exit code. */
class TimeFieldTest {

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void sendsJsonLinesUnchangedInTimeOrder() throws IOException {
        String late = "{\"time\": 1451624352,  \"path\":\"/\\u00fc\", \"n\":1.50}";
        String early = "{\"path\":\"/ü\",\"time\":1451624350}";
        write("access.jsonl", late + "\r\n\n" + early + "\n" + "{\"time\":1451624353.5,\"deep\":{\"time\":0}}");

        assertThat(run("-timeField", "time", "-timeFormat", "seconds")).isZero();

        assertThat(printed())
                .containsExactly(
                        early,
                        late,
                        "{\"time\":1451624353.5,\"deep\":{\"time\":0}}",
                        "{\"type\":\"watermark\",\"watermark\":\"2016-01-01T04:59:13.500Z\"}");
        assertThat(errors()).last().asString().startsWith("summary read=3 sent=3 rejected=0");
    }

    @Test
    void splitsAJsonArrayIntoLinesAndKeepsNumbersExactly() throws IOException {
        write("records.json", """
                        [
                         {"t": "2016-01-01T00:00:00Z",
                          "n": 1.10},
                         {"t": "2016-01-01T00:00:01Z"}
                        ]
                        """);

        assertThat(run("-timeField", "t", "-noWatermark")).isZero();

        assertThat(printed())
                .containsExactly("{\"t\":\"2016-01-01T00:00:00Z\",\"n\":1.10}", "{\"t\":\"2016-01-01T00:00:01Z\"}");
    }

    @Test
    void convertsCsvRowsToTypedJsonObjects() throws IOException {
        write("rides.csv", """
                ride_id,started_at,"start, station",lat,member,code,note\r
                12345E6789012345,2024-01-01 00:00:03.123,5779.10,40.70,true,01,\r
                A847FADBBC638E45,2024-01-01 00:00:01,NULL,-73.9,false,12,"say ""hi""
                ü"\r
                """);

        assertThat(run("-timeField", "started_at", "-timezone", "America/New_York"))
                .isZero();

        assertThat(printed())
                .containsExactly(
                        "{\"ride_id\":\"A847FADBBC638E45\",\"started_at\":\"2024-01-01 00:00:01\",\"start,"
                                + " station\":null,"
                                + "\"lat\":-73.9,\"member\":false,\"code\":\"12\",\"note\":\"say \\\"hi\\\"\\nü\"}",
                        "{\"ride_id\":\"12345E6789012345\",\"started_at\":\"2024-01-01 00:00:03.123\",\"start,"
                                + " station\":5779.10,"
                                + "\"lat\":40.70,\"member\":true,\"code\":\"01\",\"note\":null}",
                        "{\"type\":\"watermark\",\"watermark\":\"2024-01-01T05:00:03.123Z\"}");
    }

    @Test
    void rejectsACsvRowThatASeparatorInAFieldHasShifted() throws IOException {
        write("rides.csv", """
                station,started_at,paid,tip
                Main,2024-01-01 00:00:01,cash,
                Main\\, 7,2024-01-01 00:00:02,cash,
                Main,2024-01-01 00:00:03,cash, 7,
                """);

        assertThat(run("-timeField", "started_at", "-timezone", "UTC", "-noWatermark", "-maxRejects", "100"))
                .isZero();

        assertThat(printed())
                .containsExactly(
                        "{\"station\":\"Main\",\"started_at\":\"2024-01-01 00:00:01\",\"paid\":\"cash\",\"tip\":null}");
        assertThat(errors()).filteredOn(line -> line.contains("surplus_field")).hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void convertsParquetRowsToTypedJsonObjects() throws IOException {
        Map<String, Object> row = new HashMap<>();
        row.put("at", 1_451_624_350_123_456L);
        row.put("whole", 7);
        row.put("real", 0.1f);
        row.put("text", "ü\"");
        row.put("flag", true);
        row.put("day", 16_801);
        byte[] file = ParquetFiles.of("message m { required int64 at (TIMESTAMP(MICROS,true)); optional int32 whole;"
                        + " optional float real; optional binary text (STRING); optional boolean flag;"
                        + " optional int32 day (DATE); optional int64 nothing;"
                        + " optional group tags (LIST) { repeated group list { optional binary element (STRING); } } }")
                .write(List.of(row));
        Files.write(folder.resolve("rows.parquet"), file);

        assertThat(run("-timeField", "at", "-noWatermark")).isZero();

        assertThat(printed())
                .containsExactly("{\"at\":\"2016-01-01T04:59:10.123456Z\",\"whole\":7,\"real\":0.1,\"text\":\"ü\\\"\","
                        + "\"flag\":true,\"day\":\"2016-01-01\",\"nothing\":null}");
        assertThat(errors())
                .contains("rows.parquet: column tags of type LIST is omitted from the records, because its values are"
                        + " nested or of an unsupported type");
    }

    @Test
    void rejectsAnInvalidRecordWithItsLineAndReason() throws IOException {
        write("edits.jsonl", """
                {"meta":{"dt":"2016-01-01T00:00:00Z"},"id":1,"user":"a"}
                {"meta":{},"id":2,"user":"a"}
                {"meta":{"dt":"2016-01-01 00:00:01"},"id":3,"user":"a"}
                {"meta":{"dt":"yesterday"},"id":4,"user":"a"}
                {"meta":{"dt":["2016-01-01T00:00:00Z"]},"id":5,"user":"a"}
                {"meta":{"dt":"2016-01-01T00:00:00Z"},"id":6,"user":null}
                {"meta":{"dt":"2016-01-01T00:00:00Z"},"user":"a"}
                {"meta":{"dt":"2016-01-01T00:00:00Z"},"meta.dt":1,"id":8,"user":"a"}
                {"meta":{"dt":"2016-01-01T00:00:00Z"},"id":9,"user":"a"
                [1]
                {"type":"watermark","watermark":"2016-01-01T00:00:00Z"}
                """);
        Path rejects = folder.resolveSibling("rejects-" + folder.getFileName());

        assertThat(run(
                        "-timeField",
                        "meta.dt",
                        "-idField",
                        "id",
                        "-keyField",
                        "user",
                        "-noWatermark",
                        "-maxRejects",
                        "100",
                        "-rejects",
                        rejects.toString()))
                .isZero();

        assertThat(printed()).hasSize(1);
        assertThat(Files.readAllLines(rejects).stream()
                        .map(line -> line.split("\t", 2)[1].replaceFirst(" \\(start marker at .*", ""))
                        .toList())
                .containsExactly(
                        "2\tmissing_field\tmeta.dt is missing or empty",
                        "3\tinvalid_time\tmeta.dt is '2016-01-01 00:00:01'; it must be a time with an offset, such as"
                                + " 2016-01-01T05:12:30Z; set -timezone for times without one",
                        "4\tinvalid_time\tmeta.dt is 'yesterday'; it must be a time such as 2016-01-01T05:12:30Z;"
                                + " set -timeFormat for another format",
                        "5\tinvalid_value\tmeta.dt must be text or a number",
                        "6\tmissing_field\tuser is missing or empty",
                        "7\tmissing_field\tid is missing or empty",
                        "8\tinvalid_value\tthere is more than one value for meta.dt",
                        "9\tnot_json\tnot JSON: Unexpected end-of-input: expected close marker for Object",
                        "10\tnot_json\tnot a JSON object",
                        "11\twatermark\ta watermark; produce the input without watermarks (-noWatermark)");
        Files.delete(rejects);
    }

    @Test
    void fileWithoutTheTimeFieldFailsBeforeAnythingIsSent() throws IOException {
        write("a.jsonl", "{\"ts\":1}\n");
        write("b.csv", "time,x\n1,2\n");

        assertThat(run("-timeField", "ts", "-timeFormat", "seconds")).isOne();

        assertThat(printed()).isEmpty();
        assertThat(errors())
                .containsExactly(
                        "1 of 2 files does not contain records, so nothing was sent; move it elsewhere or name the"
                                + " others: b.csv has no field 'ts': its first line is 'time,x'; check the names in"
                                + " -timeField,"
                                + " -idField, -keyField and -adaptFields");
    }

    @Test
    void partsSendEachRecordOnce() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 1_000; i++) {
            lines.append("{\"t\":").append(i).append("}\n");
        }
        write("lines.jsonl", lines.toString());

        List<String> all = new ArrayList<>();
        for (String part : List.of("1/3", "2/3", "3/3")) {
            out.reset();
            assertThat(run("-timeField", "t", "-timeFormat", "seconds", "-part", part, "-noWatermark"))
                    .isZero();
            assertThat(printed()).hasSizeBetween(250, 420);
            all.addAll(printed());
        }

        assertThat(all).containsExactlyInAnyOrder(lines.toString().trim().split("\n", -1));
    }

    @Test
    void supportsSeekFromToAndSpillingSort() throws IOException {
        StringBuilder lines = new StringBuilder();
        String much = "x".repeat(2_000);
        for (int i = 2_999; i >= 0; i--) {
            lines.append("{\"t\":")
                    .append(i)
                    .append(",\"much\":\"")
                    .append(much)
                    .append("\"}\n");
        }
        write("lines.jsonl", lines.toString());

        assertThat(run(
                        "-timeField",
                        "t",
                        "-timeFormat",
                        "seconds",
                        "-sort",
                        "-sortMemory",
                        "1",
                        "-noWatermark",
                        "-seek",
                        "1970-01-01T00:00:10Z",
                        "-to",
                        "1970-01-01T00:49:59Z"))
                .isZero();

        List<String> printed = printed();
        assertThat(printed).hasSize(2_989);
        for (int i = 0; i < printed.size(); i++) {
            assertThat(printed.get(i)).isEqualTo("{\"t\":" + (i + 10) + ",\"much\":\"" + much + "\"}");
        }
        assertThat(errors()).last().asString().contains("skipped=11");
    }

    @Test
    void adaptTimeInvocationShiftsTheNamedFieldsOfAllRecordsEqually() throws IOException {
        write("a.jsonl", "{\"t\":100,\"meta\":{\"dt\":\"1970-01-01T00:01:40Z\"}}\n{\"t\":101,\"meta\":{}}\n");
        long before = System.currentTimeMillis() / 1_000;

        assertThat(run(
                        "-timeField",
                        "t",
                        "-timeFormat",
                        "seconds",
                        "-adaptTime",
                        "invocation",
                        "-adaptFields",
                        "meta.dt=iso",
                        "-noWatermark"))
                .isZero();

        long after = System.currentTimeMillis() / 1_000 + 1;
        assertThat(printed()).hasSize(2);
        long first = Long.parseLong(printed().get(0).replaceAll("\\{\"t\":([0-9]+),.*", "$1"));
        assertThat(first).isBetween(before, after);
        assertThat(printed())
                .containsExactly(
                        "{\"t\":" + first + ",\"meta\":{\"dt\":\"" + Instant.ofEpochSecond(first) + "\"}}",
                        "{\"t\":" + (first + 1) + ",\"meta\":{}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-timeFormat seconds | require -timeField NAME",
                "-timeField t -timeFormat sekunden | -timeFormat is 'sekunden'; it must be iso, seconds",
                "-timeField t -adaptFields u | -adaptFields requires -adaptTime",
                "-timeField t -from 2016-01-01T00:00:00 | -from is '2016-01-01T00:00:00', which has no offset",
                "-timeField t -adaptTime invocation -adaptFields u, | -adaptFields is ''; it must be the name of a"
                        + " field",
            })
    void invalidOptionIsNamed(String options, String message) {
        assertThat(run(options.split(" ", -1))).isEqualTo(2);

        assertThat(errors()).singleElement().asString().contains(message);
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(folder.resolve(name), content, UTF_8);
    }

    private int run(String... options) {
        List<String> arguments = new ArrayList<>(List.of("-data", folder.toString(), "-speedup", "0", "-print"));
        arguments.addAll(List.of(options));
        PrintStream errors = new PrintStream(err, true, UTF_8);
        return TaxiStreamProducer.run(arguments.toArray(String[]::new), out, errors, false, new Termination(errors));
    }

    private List<String> printed() {
        return out.toString(UTF_8).lines().toList();
    }

    private List<String> errors() {
        return err.toString(UTF_8).lines().toList();
    }
}
