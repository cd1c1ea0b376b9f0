package io.taxistream.producer.trips;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.taxistream.events.TripEvent;
import io.taxistream.producer.archives.Archives;
import io.taxistream.producer.archives.Compressions;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.input.InputStoppedException;
import io.taxistream.producer.input.InputStore;
import io.taxistream.producer.input.RecordIds;
import io.taxistream.producer.input.RejectReason;
import io.taxistream.producer.input.SingleObject;
import io.taxistream.producer.input.TimeRange;
import io.taxistream.producer.reading.ObjectEvents;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests the forms in which tools write trips, row by row as in docs/input.md: each is read correctly, or rejected with
 * one line.
 */
class InputFormsTest {

    private static final String HEADER =
            "tpep_pickup_datetime,tpep_dropoff_datetime,PULocationID,DOLocationID,total_amount";

    private static final String ROW = "2019-03-01 00:00:10,2019-03-01 00:10:10,161,132,52.5";

    private static final TripEvent TRIP = new TripEvent(
            0,
            Instant.parse("2019-03-01T05:00:10Z").toEpochMilli(),
            Instant.parse("2019-03-01T05:10:10Z").toEpochMilli(),
            TaxiZones.instance().lat(161),
            TaxiZones.instance().lon(161),
            TaxiZones.instance().lat(132),
            TaxiZones.instance().lon(132),
            52.5);

    /** Bytes without a control character, as the beginning of compressed data may be. */
    private static final String HEX_OF_RANDOM_BYTES = "b7e4f59acd8e2f6bd1a3c8f0" + "917ee2d5a8bc63f4c1d9";

    private final InputStatistics statistics = new InputStatistics();
    private final ListedRejects rejects = new ListedRejects();
    private final List<String> messages = new ArrayList<>();

    static List<String> formsOfOneTrip() {
        String json = "{\"tpep_pickup_datetime\":\"2019-03-01 00:00:10\",\"tpep_dropoff_datetime\":"
                + "\"2019-03-01T00:10:10.000\",\"PULocationID\":161,\"DOLocationID\":132.0,\"total_amount\":52.5}";
        return List.of(
                // line ends
                HEADER + "\r" + ROW + "\r",
                HEADER + "\r\n\r\n" + ROW,
                HEADER + "\r\n\n\r" + ROW + "\n",
                // separators
                (HEADER + "\n" + ROW).replace(',', '\t'),
                (HEADER + "\n" + ROW).replace(',', ';'),
                (HEADER + "\n" + ROW).replace(',', '|'),
                "sep=;\r\n" + (HEADER + "\r\n" + ROW).replace(',', ';'),
                (HEADER + "\n" + ROW).replace(',', ';').replace("52.5", "52,5"),
                (HEADER + "\n" + ROW).replace(',', ';').replace("161", "161,0"),
                // quotes
                HEADER + ",vendor\n" + ROW + ",\"Cab Co, 7\"",
                "vendor," + HEADER + "\n\"Cab Co, \"\"7\"\"\"," + ROW,
                "vendor," + HEADER + "\n\"Cab\nCo\r\n, 7\"," + ROW,
                "\"\",\"" + HEADER.replace(",", "\", \"") + "\"\n\"1\",\"" + ROW.replace(",", "\", \"") + "\"",
                ("\"" + HEADER.replace(",", "\"\t\"") + "\"\n\"" + ROW.replace(",", "\"\t\"") + "\"")
                        .replace("52.5", "52,5"),
                // headers
                "Unnamed: 0," + HEADER.toUpperCase(java.util.Locale.ROOT) + ",Unnamed: 0.1\n0," + ROW + ",0",
                "," + HEADER.replace("tpep_", " ").replace("PULocationID", "pulocationid ") + "\n0," + ROW,
                HEADER.replace("PULocationID,DOLocationID", "pickup_location_id,dropoff_location_id") + "\n" + ROW,
                "\u00ef\u00bb\u00bf" + HEADER + "\n" + ROW,
                HEADER + ",\n" + ROW + ",",
                HEADER + "\n" + ROW + ",,\n",
                // numbers
                HEADER + "\n" + ROW.replace("161,132", "161.0,132."),
                HEADER + "\n" + ROW.replace("161,132", " 161 ,+132"),
                HEADER + "\n" + ROW.replace("52.5", "5.25e1"),
                HEADER + "\n" + ROW.replace("52.5", "$52.50"),
                // JSON
                json,
                json.replace("161", "\"161\"").replace("52.5", "\"52.5\""),
                json.replace("PULocationID", "pulocationid"),
                "\n" + json.replace("}", ",\"pickup_latitude\":null,\"note\":{\"total_amount\":[1]}}") + "\r\n",
                "[" + json + "]",
                "[\n\t" + json.replace(",\"", ",\n\"") + "\n]\n",
                json.replace("{", "{\n").replace(",", ",\n"),
                json.replace(",", ",\n"),
                json.replace("{", "{ ").replace(",", ",\r\n"));
    }

    @ParameterizedTest
    @MethodSource("formsOfOneTrip")
    void readsEveryFormAsTheSameTrip(String content) {
        assertThat(read(content))
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("tripId")
                .containsExactly(TRIP);
        assertThat(rejects.list).isEmpty();
        assertThat(messages).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "NaN",
                "nan",
                "-nan",
                "-nan(ind)",
                "null",
                "NULL",
                "None",
                "NA",
                "#NA",
                "N/A",
                "<NA>",
                "#N/A",
                "\\N",
                ".",
                " "
            })
    void missingAmountIsZero(String amount) {
        assertThat(read(HEADER + "\n" + ROW.replace("52.5", amount)))
                .extracting(TripEvent::totalAmount)
                .containsExactly(0.0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Cab\\, Co", "'Cab, Co'", " 'Cab, Co' ", "Cab \"A, B\"", "Cab \"A\", B"})
    void rejectsASeparatorWithinAnUnquotedField(String vendor) {
        String header = HEADER.replace("total_amount", "vendor,extra,total_amount,surcharge\n");
        String row = ROW.replace("52.5", vendor + ",7,52.5,\n");

        assertThat(read(header + row)).isEmpty();
        assertThat(read(header + ROW.replace("52.5", "Cab,7,52.5,\n") + row + ROW.replace("52.5", "Cab,7,52.5,")))
                .hasSize(2);
        assertThat(rejects.list)
                .extracting(ListedRejects.Rejected::line, ListedRejects.Rejected::reason)
                .containsExactly(tuple(2L, RejectReason.SURPLUS_FIELD), tuple(3L, RejectReason.SURPLUS_FIELD));
        assertThat(rejects.list.get(0).message())
                .isEqualTo("the header names 8 fields, but the line has 9; quote fields that contain the separator with"
                        + " double quotes");
    }

    @Test
    void rejectsRecordsThatAreNotPaddedLikeTheFirst() {
        String header = HEADER.replace("total_amount", "vendor,total_amount,surcharge\n");
        String row = ROW.replace("52.5", "Cab,52.5,");
        String shifted = ROW.replace("52.5", "Cab Co, 7,52.5,");

        assertThat(read(header + row + "\n" + shifted + "\n" + row)).hasSize(2);
        // after another header, other padding
        assertThat(read(header + row + ",,\n" + row + "\n" + row + ",,\n" + shifted + "\n" + header + row + ",\n"))
                .hasSize(4);
        assertThat(rejects.list)
                .extracting(ListedRejects.Rejected::line, ListedRejects.Rejected::reason)
                .containsExactly(tuple(3L, RejectReason.SURPLUS_FIELD), tuple(5L, RejectReason.SURPLUS_FIELD));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"Cab, \"\"Co\"\"\"", "O'Hare", "'Cab'", "C:\\", "\"C:\\, 'x', y\"", "5\" x"})
    void paddedRecordsMayHaveQuotesInTheirFields(String vendor) {
        String content = HEADER + ",vendor\n" + ROW + ",Cab,\n" + ROW + "," + vendor + ",\n";

        assertThat(read(content)).hasSize(2);
        assertThat(rejects.list).isEmpty();
    }

    @Test
    void singleQuotesAroundAFieldAreOrdinaryCharacters() {
        assertThat(read(HEADER + ",vendor\n" + ROW + ",'Cab',\n")).hasSize(1);
        assertThat(read(HEADER + ",vendor\n" + ROW + ",' Cab,\n")).hasSize(1);
    }

    @Test
    void severalJsonObjectsMayShareALine() {
        String json = "{\"pickup_datetime\":\"2019-03-01 00:00:10\",\"dropoff_datetime\":\"2019-03-01 00:10:10\","
                + "\"PULocationID\":161,\"DOLocationID\":132,\"total_amount\":52.5}";

        assertThat(read(json + json + " " + json + "\n" + json)).hasSize(4);
        assertThat(rejects.list).isEmpty();
    }

    @Test
    void reportsAFileWithoutAmounts() {
        List<TripEvent> trips = read(HEADER.replace("total_amount", "fare_amount") + "\n" + ROW);

        assertThat(trips).extracting(TripEvent::totalAmount).containsExactly(0.0);
        assertThat(messages)
                .containsExactly(
                        "input has no column with amounts (total_amount|total_amt); all its trips are sent with"
                                + " an amount of 0");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ' ', quoteCharacter = '`', textBlock = """
            1234.50 1234.5
            "1,234.50" 1234.5
            "$1,234,567.5" 1234567.5
            -$5 -5
            $-5 -5
            """)
    void readsCurrencyAmounts(String amount, double expected) {
        assertThat(read(HEADER + "\n" + ROW.replace("52.5", amount)))
                .extracting(TripEvent::totalAmount)
                .containsExactly(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"1,234\"", "\"12,34.5\"", "1e999", "inf", "-Infinity", "0x10", "52.5f", "(5.00)", "5 2"})
    void rejectsAnAmbiguousAmount(String amount) {
        assertThat(read(HEADER + "\n" + ROW.replace("52.5", amount))).isEmpty();
        assertThat(rejects.list)
                .extracting(ListedRejects.Rejected::reason)
                .containsExactly(RejectReason.INVALID_NUMBER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1,234", "1.234,5", "1,2,3"})
    void rejectsAnAmbiguousDecimalComma(String amount) {
        assertThat(read((HEADER + "\n" + ROW).replace(',', ';').replace("52.5", amount)))
                .isEmpty();
        assertThat(rejects.list)
                .extracting(ListedRejects.Rejected::reason)
                .containsExactly(RejectReason.INVALID_NUMBER);
    }

    @Test
    void coordinatesMayHaveDecimalCommas() {
        String content = "pickup_datetime;dropoff_datetime;pickup_longitude;pickup_latitude;dropoff_longitude;"
                + "dropoff_latitude\n2019-03-01 00:00:10;2019-03-01 00:10:10;-73,992;40,75;-73,8;40,646";

        assertThat(read(content)).singleElement().satisfies(trip -> {
            assertThat(trip.pickupLon()).isEqualTo(-73.992);
            assertThat(trip.dropoffLat()).isEqualTo(40.646);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"161.4", "16100", "-1", "JFK", "1e9"})
    void rejectsAnInvalidZone(String zone) {
        assertThat(read(HEADER + "\n" + ROW.replace("161", zone))).isEmpty();
        assertThat(read("[{\"tpep_pickup_datetime\":\"2019-03-01 00:00:10\",\"tpep_dropoff_datetime\":"
                        + "\"2019-03-01 00:10:10\",\"PULocationID\":\"" + zone + "\",\"DOLocationID\":132}]"))
                .isEmpty();
        assertThat(rejects.list)
                .extracting(ListedRejects.Rejected::reason)
                .containsExactly(RejectReason.UNKNOWN_ZONE, RejectReason.UNKNOWN_ZONE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            03/04/2017 08:55    | day and month of this date are ambiguous
            25/03/2017 08:55:00 | day and month of this date are ambiguous
            99-99-99            | day and month of this date are ambiguous
            9999-12-31 23:10:10 | within the years 0 to 9999 in UTC
            43525.00012         | not a spreadsheet's serial number of a day
            1551398410000       | not a number, which could be UTC or local time
            """)
    void rejectsAnAmbiguousTimeWithTheReason(String time, String message) {
        String json = "{\"pickup_datetime\":%s,\"dropoff_datetime\":\"2019-03-01 00:10:10\","
                + "\"PULocationID\":1,\"DOLocationID\":1}\n";

        assertThat(read(HEADER + "\n" + ROW.replaceFirst("2019-03-01 00:00:10", time)))
                .isEmpty();
        assertThat(read(json.formatted(time.matches("[0-9.]+") ? time : "\"" + time + "\"")))
                .isEmpty();

        assertThat(rejects.list).hasSize(2).allSatisfy(rejected -> {
            assertThat(rejected.reason()).isEqualTo(RejectReason.INVALID_TIME);
            assertThat(rejected.message()).contains(time.strip()).contains(message);
        });
    }

    @Test
    void textIdIsTheSameInEveryFormat() {
        String uuid = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
        String json = "{\"trip_id\":\"%s\",\"pickup_datetime\":\"2019-03-01 00:00:10\",\"dropoff_datetime\":"
                + "\"2019-03-01 00:10:10\",\"PULocationID\":161,\"DOLocationID\":132}\n";

        List<TripEvent> csv = read("trip_id," + HEADER + "\n" + uuid + "," + ROW + "\n\u00c3\u00bc," + ROW + "\n7,"
                + ROW + "\n7.0," + ROW + "\n18446744073709551615," + ROW + "\n");
        List<TripEvent> lines = read(json.formatted(uuid)
                + json.formatted("\u00c3\u00bc")
                + json.formatted("7")
                + json.replace("\"%s\"", "7.0")
                + json.replace("\"%s\"", "18446744073709551615"));

        assertThat(csv)
                .extracting(TripEvent::tripId)
                .containsExactly(
                        RecordIds.ofText(uuid),
                        RecordIds.ofText("\u00fc"),
                        7L,
                        7L,
                        RecordIds.ofText("18446744073709551615"))
                .isEqualTo(lines.stream().map(TripEvent::tripId).toList());
    }

    @Property
    void idIsTheNumberOrAHashOfTheText(@ForAll long id) {
        assertThat(RecordIds.ofText(Long.toString(id))).isEqualTo(id);
        assertThat(RecordIds.ofText(id + ".00")).isEqualTo(id);
        assertThat(RecordIds.ofText("x" + id)).isNotEqualTo(RecordIds.ofText("y" + id));
    }

    @Test
    void unclosedQuoteRejectsOnlyItsLine() {
        String content = "vendor," + HEADER + "\n\"Cab," + ROW + "\n\"Co\"x," + ROW + "\nCab," + ROW + "\n";

        assertThat(read(content)).hasSize(1);
        assertThat(rejects.list)
                .extracting(ListedRejects.Rejected::line, ListedRejects.Rejected::reason)
                .containsExactly(tuple(2L, RejectReason.INVALID_QUOTE), tuple(3L, RejectReason.INVALID_QUOTE));
    }

    @Property
    void readsTheFieldsAroundAnyQuotedField(@ForAll String vendor) {
        String quoted = "\"" + vendor.replace("\"", "\"\"") + "\"";
        String content = "vendor," + HEADER + "\n" + quoted + "," + ROW + "\n" + quoted + "," + ROW + "\n";

        assertThat(readUtf8(content)).extracting(TripEvent::totalAmount).containsExactly(52.5, 52.5);
    }

    @Test
    void repeatedHeaderAppliesToTheFollowingLines() {
        String other = HEADER.replace("PULocationID,DOLocationID", "DOLocationID,PULocationID");

        List<TripEvent> trips = read(HEADER + "\n" + ROW + "\n" + other + "\n" + ROW.replace("161,132", "132,161")
                + "\n\u00ef\u00bb\u00bf" + HEADER + "\n" + ROW);

        assertThat(trips)
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("tripId")
                .containsExactly(TRIP, TRIP, TRIP);
        assertThat(rejects.list).isEmpty();
    }

    @Test
    void foreignHeaderDoesNotReuseTheFirstColumns() {
        List<TripEvent> trips = read(HEADER + "\n" + ROW + "\ndispatching_base_num," + HEADER + "\nB1," + ROW);

        assertThat(trips).hasSize(1);
        assertThat(messages).singleElement().asString().contains("line 3 is the header of another file");
    }

    @Test
    void archiveEntriesHaveTheirOwnColumnsAndKeys() throws IOException {
        byte[] a = (HEADER + "\n" + ROW + "\n").getBytes(StandardCharsets.UTF_8);
        byte[] b = (HEADER.replace("PULocationID,DOLocationID", "DOLocationID,PULocationID") + "\n"
                        + ROW.replace("161,132", "132,161") + "\n")
                .getBytes(StandardCharsets.UTF_8);
        var files = Archives.files(
                "d/",
                new byte[0],
                "d/a.csv",
                a,
                "__MACOSX/d/._a.csv",
                new byte[] {0, 5, 22, 7},
                ".DS_Store",
                new byte[600],
                "d\\._a.csv",
                new byte[] {0, 5, 22, 7},
                "b.csv.gz",
                Compressions.GZIP.pack(b),
                "empty.csv",
                new byte[0]);
        byte[] zip = Archives.zip(files);
        byte[] tar = Archives.tar(files);

        for (byte[] archive : List.of(
                zip, tar, Compressions.GZIP.pack(tar), Compressions.ZSTD.pack(tar), Compressions.XZ.pack(tar))) {
            assertThat(read(archive))
                    .usingRecursiveFieldByFieldElementComparatorIgnoringFields("tripId")
                    .containsExactly(TRIP, TRIP);
            assertThat(read(archive))
                    .extracting(TripEvent::tripId)
                    .containsExactly(new RecordIds("input!d/a.csv").id(2), new RecordIds("input!b.csv.gz").id(2));
        }
        assertThat(messages).isEmpty();
    }

    @Test
    void detectsADamagedArchive() throws IOException {
        byte[] csv = (HEADER + "\n" + ROW + "\n").getBytes(StandardCharsets.UTF_8);
        byte[] zip = Archives.zip(Archives.files("a.csv", csv));
        // inside the checksum in the directory
        zip[zip.length - 22 - 46 - "a.csv".length() + 16] ^= 1;
        byte[] tar = Archives.tar(Archives.files("a.csv", csv, "b.csv", csv));

        read(zip);
        read(Arrays.copyOf(tar, 1024));
        read(Arrays.copyOf(tar, 1024 + 600));
        byte[] joined = Arrays.copyOf(tar, tar.length * 2);
        System.arraycopy(tar, 0, joined, tar.length, tar.length);
        read(joined);

        assertThat(messages)
                .hasSize(4)
                .allSatisfy(message -> assertThat(message).startsWith("input is damaged or truncated"));
        assertThat(messages.get(0)).contains("the checksum or size of 'a.csv' is wrong");
        assertThat(messages.get(1)).contains("the end of the tar archive is missing");
        assertThat(messages.get(3)).contains("there is data after the end");
    }

    @Test
    void truncatedJsonArrayIsDamaged() {
        String json = "{\"pickup_datetime\":\"2019-03-01 00:00:10\",\"dropoff_datetime\":\"2019-03-01 00:10:10\","
                + "\"PULocationID\":161,\"DOLocationID\":132}";

        assertThat(read("[" + json + "," + json)).hasSize(2);
        assertThat(read("[" + json + "," + json + "x]")).hasSize(2);
        assertThat(read("[" + json + ",7,null,[1]," + json + "]")).hasSize(2);

        assertThat(messages).hasSize(2);
        assertThat(rejects.list)
                .extracting(ListedRejects.Rejected::line, ListedRejects.Rejected::reason)
                .containsExactly(
                        tuple(2L, RejectReason.NOT_JSON),
                        tuple(3L, RejectReason.NOT_JSON),
                        tuple(4L, RejectReason.NOT_JSON));
    }

    static List<Arguments> refused() throws IOException {
        byte[] csv = (HEADER + "\n" + ROW + "\n").getBytes(StandardCharsets.UTF_8);
        byte[] zip = Archives.zip(Archives.files("a.csv", csv));
        return List.of(
                text(
                        "dispatching_base_num,pickup_datetime,dropOff_datetime,PUlocationID,DOlocationID,SR_Flag\n",
                        "for-hire"),
                text("Dispatching_base_num,Pickup_date,locationID\nB1,2015-01-01 00:00:00,\n", "for-hire"),
                text("hvfhs_license_num;" + HEADER.replace(',', ';'), "for-hire"),
                text("{\"hvfhs_license_num\":\"HV0003\",\"pickup_datetime\":\"2021-01-01T00:33:44\"}\n", "for-hire"),
                text("[{\"dispatching_base_num\":\"B1\"}]", "for-hire"),
                text("pickup_datetime,dropOff_datetime,PUlocationID,DOlocationID,SR_Flag\n", "for-hire"),
                text(HEADER.replace("total_amount", "base_passenger_fare,driver_pay"), "for-hire"),
                text(HEADER + ",Total_Amount \n", "two columns for the same value, 'total_amount' and 'Total_Amount'"),
                text(HEADER + ",pickup_datetime\n", "'tpep_pickup_datetime' and 'pickup_datetime'"),
                text(ROW, "it has no header, its first line is '2019-03-01 00:00:10,"),
                text("{\"tpep_pickup_datetime\":{\"0\":1},\"PULocationID\":{\"0\":1}}", "of all records in one object"),
                text("{\"a\":1}\n{\"b\":2}\n", "the names in its first object are 'a'"),
                text(
                        "{\"VendorID\":{" + "\"1\":2,".repeat(20_000) + "\"2\":2},\"total_amount\":{\"1\":1}}",
                        "characters and begins with 'VendorID'"),
                text(
                        "[{\"data\":[" + "1,".repeat(40_000) + "1]}]",
                        "its first object is longer than 65536 characters and begins with 'data'"),
                text("[[1,2],[3]]", "a JSON array, but not of objects"),
                text("<!DOCTYPE html>\n<html>", "an HTML page"),
                text("<?xml version=\"1.0\"?><Error/>", "an XML document"),
                text("<Error><Code>AccessDenied</Code></Error>", "an XML document"),
                text("version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
                bytes(encoded("\ufeff", StandardCharsets.UTF_16LE), "text in UTF-16"),
                bytes(encoded("\ufeff", StandardCharsets.UTF_16BE), "text in UTF-16"),
                bytes(encoded("", StandardCharsets.UTF_16LE), "text in UTF-16"),
                bytes(encoded("", StandardCharsets.UTF_16BE), "text in UTF-16"),
                bytes(Compressions.GZIP.pack(encoded("\ufeff", StandardCharsets.UTF_16LE)), "text in UTF-16"),
                hex("377abcaf271c0004", "a 7z archive"),
                hex("526172211a0700", "a rar archive"),
                hex("1f9d90", "compressed with compress"),
                hex("5d00008000ffffffff", "compressed with LZMA"),
                bytes(deflated(csv), "compressed with zlib"),
                hex("1b7e13f80dc46d8c6c8b90b6d0e1f2a3b4c5", "a binary file of an unknown format"),
                hex("56656e646f7249440000", "a binary file of an unknown format"),
                hex(HEX_OF_RANDOM_BYTES, "a binary file of an unknown format"),
                hex("255044462d312e34", "a PDF document"),
                hex("53514c69746520666f726d6174203300", "an SQLite database"),
                hex("4152524f57310000", "an Arrow file"),
                hex("4f5243", "an ORC file"),
                hex("4f626a0104", "an Avro file"),
                hex("d0cf11e0a1b11ae1", "an Excel workbook (xls)"),
                hex("0000000000000000" + "4455434b", "a DuckDB database"),
                hex("000102030405060708090a0b0c0d0e0f101112", "a binary file of an unknown format"),
                bytes(Archives.zip(Archives.files("[Content_Types].xml", csv, "xl/workbook.xml", csv)), "(xlsx)"),
                bytes(Archives.zip(Archives.files("a.zip", zip)), "input!a.zip is an archive in an archive"),
                bytes(Archives.tar(Archives.files("a.zip", zip)), "input!a.zip is an archive in an archive"),
                bytes(
                        Archives.zip(Archives.files("a.parquet", "PAR1....PAR1".getBytes(StandardCharsets.US_ASCII))),
                        "input!a.parquet is a Parquet file in an archive"),
                bytes(Archives.zip(Archives.files("a/", new byte[0])), "an archive without files"),
                bytes(Compressions.GZIP.pack(Compressions.GZIP.pack(csv)), "compressed twice"),
                bytes(Compressions.GZIP.pack(zip), "a compressed zip archive"),
                bytes(encrypted(zip), "input is encrypted, which is not supported"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void rejectsOtherFormatsInOneLineThatNamesThem(byte[] content, String message) {
        assertThatThrownBy(() -> read(content))
                .isInstanceOf(InputFailedException.class)
                .hasMessageStartingWith("input")
                .hasMessageContaining(message)
                .message()
                .doesNotContainPattern("\\p{Cntrl}");
    }

    private static byte[] deflated(byte[] content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DeflaterOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    private static Arguments text(String content, String message) {
        return bytes(content.getBytes(StandardCharsets.UTF_8), message);
    }

    private static Arguments hex(String content, String message) {
        return bytes(HexFormat.of().parseHex(content), message);
    }

    private static Arguments bytes(byte[] content, String message) {
        return Arguments.of(content, message);
    }

    @Test
    void stopIsNotDelayedByLinesThatAreNoTrips() {
        statistics.stopWhen(() -> statistics.rejected() == 10);

        assertThatThrownBy(() -> read(HEADER + "\n" + "broken\n".repeat(1_000) + ROW))
                .isInstanceOf(InputStoppedException.class);
        assertThat(statistics.rejected()).isEqualTo(10);
    }

    @Test
    void jsonNestedTooDeeplyIsRejected() {
        String deep = "{\"a\":".repeat(100_000) + "1" + "}".repeat(100_000);

        assertThat(read(deep)).isEmpty();
        assertThat(statistics.rejected()).isPositive();
    }

    private static byte[] encoded(String mark, Charset charset) {
        return (mark + HEADER + "\n" + ROW).getBytes(charset);
    }

    /** Sets the encryption bit in the directory and before the entry. */
    private static byte[] encrypted(byte[] zip) {
        byte[] bytes = zip.clone();
        bytes[6] |= 1;
        bytes[zip.length - 22 - 46 - "a.csv".length() + 8] |= 1;
        return bytes;
    }

    private List<TripEvent> read(String content) {
        return read(content.getBytes(StandardCharsets.ISO_8859_1));
    }

    private List<TripEvent> readUtf8(String content) {
        return read(content.getBytes(StandardCharsets.UTF_8));
    }

    private List<TripEvent> read(byte[] content) {
        InputStore store = new SingleObject(Trips.object("input", content));
        try (var trips = new ObjectEvents<>(
                store,
                new TripFormats(ZoneId.of("America/New_York")),
                "trips",
                TimeRange.ALL,
                statistics,
                rejects,
                messages::add)) {
            return Trips.all(trips);
        }
    }
}
