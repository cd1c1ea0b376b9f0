package io.taxistream.producer.trips;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.taxistream.events.TripEvent;
import io.taxistream.producer.input.DamagedParquetException;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.InputObject;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.input.RecordIds;
import io.taxistream.producer.input.RejectReason;
import io.taxistream.producer.input.TimeRange;
import io.taxistream.producer.parquet.ParquetFile;
import io.taxistream.producer.parquet.ParquetFiles;
import io.taxistream.producer.parquet.ParquetFooter;
import io.taxistream.producer.reading.ReadContext;
import io.taxistream.producer.reading.Reading;
import io.taxistream.producer.reading.RecordReader;
import io.taxistream.producer.trips.ListedRejects.Rejected;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParquetTripReaderTest {

    private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");
    private static final LocalDateTime START = LocalDateTime.parse("2023-01-01T00:00:00");
    private static final TaxiZones ZONES = TaxiZones.instance();

    private InputStatistics statistics = new InputStatistics();
    private final ListedRejects rejects = new ListedRejects();
    private final List<long[]> ranges = new ArrayList<>();

    @Provide
    static Arbitrary<CompressionCodecName> codecs() {
        return Arbitraries.of(
                CompressionCodecName.UNCOMPRESSED,
                CompressionCodecName.SNAPPY,
                CompressionCodecName.GZIP,
                CompressionCodecName.ZSTD,
                CompressionCodecName.LZ4,
                CompressionCodecName.LZ4_RAW);
    }

    @Property(tries = 60)
    void everyRowIsATripOrARejectInEveryEncoding(
            @ForAll("codecs") CompressionCodecName codec,
            @ForAll WriterVersion version,
            @ForAll boolean dictionaries,
            @ForAll @IntRange(min = 7, max = 200) int rowsInGroup,
            @ForAll @IntRange(min = 3, max = 50) int rowsInPage,
            @ForAll long seed)
            throws IOException {
        var random = new Random(seed);
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 0; i < random.nextInt(400); i++) {
            rows.add(randomRow(random));
        }
        byte[] file = ParquetFiles.of(ParquetFiles.YELLOW)
                .codec(codec)
                .version(version)
                .dictionaries(dictionaries)
                .rowsInGroup(rowsInGroup)
                .rowsInPage(rowsInPage)
                .write(rows);

        List<TripEvent> trips = read(file, TimeRange.ALL);

        List<TripEvent> expected = new ArrayList<>();
        List<Long> rejected = new ArrayList<>();
        var ids = new RecordIds("a.parquet");
        for (int i = 0; i < rows.size(); i++) {
            TripEvent trip = expected(rows.get(i), ids.id(i + 1));
            if (trip == null) {
                rejected.add(i + 1L);
            } else {
                expected.add(trip);
            }
        }
        assertThat(trips).isEqualTo(expected);
        assertThat(rejects.list).extracting(Rejected::line).isEqualTo(rejected);
        assertThat(statistics.bytesRead()).isEqualTo(file.length);
    }

    @Test
    void reportsMissingValuesAndUnknownZonesWithTheirRow() throws IOException {
        List<Map<String, Object>> rows = List.of(
                without(row(0), "tpep_pickup_datetime"),
                without(row(1), "DOLocationID"),
                with(row(2), "PULocationID", 264L),
                with(row(3), "total_amount", Double.NaN),
                with(row(4), "tpep_dropoff_datetime", Long.MAX_VALUE),
                without(row(5), "total_amount"));

        List<TripEvent> trips = read(ParquetFiles.of(ParquetFiles.YELLOW).write(rows), TimeRange.ALL);

        assertThat(trips).extracting(TripEvent::totalAmount).containsExactly(0.0, 0.0);
        assertThat(rejects.list)
                .extracting(Rejected::line, Rejected::reason, Rejected::message)
                .containsExactly(
                        tuple(1L, RejectReason.MISSING_FIELD, "tpep_pickup_datetime is empty"),
                        tuple(2L, RejectReason.MISSING_FIELD, "DOLocationID is empty"),
                        tuple(3L, RejectReason.NOWHERE, "PULocationID is '264'; it must be a taxi zone on the map"),
                        tuple(
                                5L,
                                RejectReason.INVALID_TIME,
                                "tpep_dropoff_datetime is '9223372036854775807'; it must be a time in the years 0 to"
                                        + " 9999"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            int64  | (TIMESTAMP(MILLIS,false)) | 1672531200000
            int64  | (TIMESTAMP(NANOS,false))  | 1672531200000000000
            int64  | (TIMESTAMP(MICROS,true))  | 1672549200000000
            int64  | (TIMESTAMP_MILLIS)        | 1672549200000
            binary | (STRING)                  | 2023-01-01 00:00:00
            binary | (STRING)                  | 2023-01-01T05:00:00Z
            """)
    void readsTimesInAllFormats(String type, String annotation, String value) throws IOException {
        String schema = "message m { required " + type + " lpep_pickup_datetime " + annotation + "; required " + type
                + " lpep_dropoff_datetime " + annotation
                + "; required int32 PULocationID; required double DOLocationID; required float total_amount; }";
        Object time = type.equals("int64") ? (Object) Long.parseLong(value) : value;
        Map<String, Object> row = Map.of(
                "lpep_pickup_datetime",
                time,
                "lpep_dropoff_datetime",
                time,
                "PULocationID",
                132,
                "DOLocationID",
                4.0,
                "total_amount",
                12.5f);

        assertThat(read(ParquetFiles.of(schema).write(List.of(row)), TimeRange.ALL))
                .containsExactly(new TripEvent(
                        new RecordIds("a.parquet").id(1),
                        Instant.parse("2023-01-01T05:00:00Z").toEpochMilli(),
                        Instant.parse("2023-01-01T05:00:00Z").toEpochMilli(),
                        ZONES.lat(132),
                        ZONES.lon(132),
                        ZONES.lat(4),
                        ZONES.lon(4),
                        12.5));
    }

    @Test
    void readsCoordinateColumnsOfEarlyYearsAndNestedColumns() throws IOException {
        String schema = """
                message m {
                  optional group inner { optional binary vendor_name (STRING); optional double Start_Lon; }
                  optional binary Trip_Pickup_DateTime (STRING);
                  optional binary Trip_Dropoff_DateTime (STRING);
                  optional double Start_Lon;
                  optional double Start_Lat;
                  optional double End_Lon;
                  optional double End_Lat;
                  optional double Total_Amt;
                }
                """;
        Map<String, Object> row = Map.of(
                "Trip_Pickup_DateTime",
                "2009-01-04 02:52:00",
                "Trip_Dropoff_DateTime",
                "2009-01-04 03:02:00",
                "Start_Lon",
                -73.99,
                "Start_Lat",
                40.72,
                "End_Lon",
                -73.98,
                "End_Lat",
                40.71,
                "Total_Amt",
                9.4);

        assertThat(read(ParquetFiles.of(schema).write(List.of(row)), TimeRange.ALL))
                .containsExactly(new TripEvent(
                        new RecordIds("a.parquet").id(1),
                        Instant.parse("2009-01-04T07:52:00Z").toEpochMilli(),
                        Instant.parse("2009-01-04T08:02:00Z").toEpochMilli(),
                        40.72,
                        -73.99,
                        40.71,
                        -73.98,
                        9.4));
    }

    @Test
    void fetchesOnlyNeededColumnsInChunksOfOneMegabyte() throws IOException {
        var random = new Random(1);
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 0; i < 200_000; i++) {
            Map<String, Object> row = row(i);
            row.put("store_and_fwd_flag", "x".repeat(20) + random.nextLong());
            rows.add(row);
        }
        byte[] file = ParquetFiles.of(ParquetFiles.YELLOW).dictionaries(false).write(rows);

        assertThat(read(file, TimeRange.ALL)).hasSize(rows.size());

        // the first, buffered request is not read to its end
        List<long[]> fetched = ranges.subList(1, ranges.size());
        assertThat(fetched).allSatisfy(range -> assertThat(range[1] - range[0]).isLessThanOrEqualTo(1 << 20));
        assertThat(fetched.stream().mapToLong(range -> range[1] - range[0]).sum())
                .isGreaterThan(5 * 8 * 200_000)
                .isLessThan(5 * 8 * 200_000 + 200_000);
        assertThat(file).hasSizeGreaterThan(15_000_000);
    }

    @Test
    void doesNotFetchRowGroupsOutsideTheTimeRange() throws IOException {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            rows.add(row(i));
        }
        byte[] file = ParquetFiles.of(ParquetFiles.YELLOW).rowsInGroup(10_000).write(rows);
        long from = millis(START.plusSeconds(45_000));
        long to = millis(START.plusSeconds(45_010));

        List<TripEvent> trips = read(file, new TimeRange(from, to));

        assertThat(trips)
                .hasSize(10)
                .allSatisfy(trip -> assertThat(trip.dropoffMillis()).isBetween(from, to - 1));
        assertThat(statistics.skipped()).isEqualTo(99_990);
        assertThat(ranges.stream()
                        .skip(1)
                        .mapToLong(range -> range[1] - range[0])
                        .sum())
                .isLessThan(file.length / 2);
    }

    @Test
    void aDeeplyNestedFooterIsDamage() {
        byte[] footer = new byte[1_000_000];
        Arrays.fill(footer, (byte) 0x1c);
        var file = ByteBuffer.allocate(footer.length + 12).order(ByteOrder.LITTLE_ENDIAN);
        byte[] magic = "PAR1".getBytes(StandardCharsets.US_ASCII);
        file.put(magic).put(footer).putInt(footer.length).put(magic);

        assertThatThrownBy(() -> read(file.array(), TimeRange.ALL))
                .isInstanceOf(IOException.class)
                .hasMessage("the footer of the Parquet file cannot be read: it is nested too deeply");
    }

    @Test
    void aDeeplyNestedPageHeaderIsDamage() throws IOException {
        byte[] file = ParquetFooter.edited(
                ParquetFiles.of(ParquetFiles.YELLOW)
                        .codec(CompressionCodecName.UNCOMPRESSED)
                        .write(rows(20_000)),
                metaData -> metaData.getRow_groups()
                        .get(0)
                        .getColumns()
                        .forEach(column -> column.getMeta_data()
                                .setDictionary_page_offset(4)
                                .setTotal_compressed_size(200_000)));
        Arrays.fill(file, 4, 200_004, (byte) 0x1c);

        assertThatThrownBy(() -> read(file, TimeRange.ALL))
                .isInstanceOf(DamagedParquetException.class)
                .hasMessageContaining("the header of a page is nested too deeply");
    }

    @Test
    void aNegativeNumberOfRowsIsDamage() throws IOException {
        byte[] file = ParquetFooter.edited(
                ParquetFiles.of(ParquetFiles.YELLOW).rowsInGroup(7).write(rows(21)), metaData -> {
                    RowGroup second = metaData.getRow_groups().get(1);
                    second.getColumns().forEach(column -> column.getMeta_data().setNum_values(-7));
                    second.setNum_rows(-7);
                });
        List<TripEvent> trips = new ArrayList<>();

        assertThatThrownBy(() -> read(file, TimeRange.ALL, trips))
                .isInstanceOf(DamagedParquetException.class)
                .hasMessageContaining("row group 2 of 3")
                .hasMessageContaining("invalid number of rows, -7");
        assertThat(trips).hasSize(14);
    }

    @Test
    void truncatedFileIsDamaged() throws IOException {
        byte[] file = ParquetFiles.of(ParquetFiles.YELLOW).write(List.of(row(1)));

        assertThatThrownBy(() -> read(Arrays.copyOf(file, file.length - 100), TimeRange.ALL))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the footer of the Parquet file is missing");
    }

    @Test
    void readsTheRowsBeforeTheDamageAndTheOtherRowGroups() throws IOException {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            rows.add(row(i));
        }
        byte[] file = ParquetFiles.of(ParquetFiles.YELLOW)
                .codec(CompressionCodecName.GZIP)
                .dictionaries(false)
                .rowsInGroup(1_000)
                .rowsInPage(100)
                .write(rows);
        var object = Trips.object("a.parquet", file);
        var second = new ParquetFile(object).metaData().getRow_groups().get(1);
        var amounts = second.getColumns().get(6).getMeta_data();
        int at = (int) (amounts.getData_page_offset() + amounts.getTotal_compressed_size() / 2);
        Arrays.fill(file, at, at + 200, (byte) 0x55);

        List<TripEvent> trips = new ArrayList<>();
        assertThatThrownBy(() -> read(file, TimeRange.ALL, trips))
                .isInstanceOf(DamagedParquetException.class)
                .hasMessageMatching("row group 2 of 3, which starts at byte \\d+ of \\d+, is damaged,"
                        + " its last \\d+ of 1000 rows are skipped: .+");

        assertThat(trips).hasSizeBetween(2_000 + 300, 2_000 + 700);
        var ids = new RecordIds("a.parquet");
        assertThat(trips.get(trips.size() - 1).tripId()).isEqualTo(ids.id(3_000));
    }

    @Property(tries = 300)
    void anyDamageEndsInAReportedError(
            @ForAll("codecs") CompressionCodecName codec, @ForAll WriterVersion version, @ForAll long seed)
            throws IOException {
        var random = new Random(seed);
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            rows.add(randomRow(random));
        }
        byte[] file = ParquetFiles.of(ParquetFiles.YELLOW)
                .codec(codec)
                .version(version)
                .rowsInGroup(40)
                .rowsInPage(10)
                .write(rows);
        for (int i = random.nextInt(8); i >= 0; i--) {
            file[4 + random.nextInt(file.length - 8)] = (byte) random.nextInt(256);
        }

        List<TripEvent> trips = new ArrayList<>();
        String message = "";
        try {
            read(file, TimeRange.ALL, trips);
        } catch (IOException | InputFailedException e) {
            message = String.valueOf(e.getMessage());
        }

        // a modified footer may claim fewer rows or other values, but must not produce more trips than there are rows
        assertThat(trips.size() + rejects.list.size()).isLessThanOrEqualTo(100);
        if (trips.isEmpty() && rejects.list.isEmpty()) {
            assertThat(message).isNotBlank();
        }
    }

    @Test
    void rejectsAFileWithoutTripColumns() throws IOException {
        byte[] other = ParquetFiles.of("message m { required int64 id; required int64 at; }")
                .write(List.of(Map.of("id", 1L, "at", 2L)));

        assertThatThrownBy(() -> read(other, TimeRange.ALL))
                .isInstanceOf(InputFailedException.class)
                .hasMessageStartingWith("a.parquet has an unknown layout: its columns are 'id,at'");
    }

    private List<TripEvent> read(byte[] file, TimeRange range) throws IOException {
        List<TripEvent> trips = new ArrayList<>();
        read(file, range, trips);
        return trips;
    }

    private static List<Map<String, Object>> rows(int count) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(row(i));
        }
        return rows;
    }

    private void read(byte[] file, TimeRange range, List<TripEvent> trips) throws IOException {
        statistics = new InputStatistics();
        rejects.list.clear();
        ranges.clear();
        var object = new InputObject("a.parquet", file.length, (from, to) -> {
            ranges.add(new long[] {from, to});
            return new ByteArrayInputStream(file, (int) from, (int) (to - from));
        });
        var context = new ReadContext(range, statistics, rejects, line -> {});
        try (RecordReader<TripEvent> reader = Reading.open(object, new TripFormats(NEW_YORK), context)) {
            for (TripEvent trip = reader.next(); trip != null; trip = reader.next()) {
                trips.add(trip);
            }
        }
    }

    private static Map<String, Object> row(int second) {
        var row = new HashMap<String, Object>();
        row.put("VendorID", 2L);
        row.put("tpep_pickup_datetime", micros(START.plusSeconds(second - 600)));
        row.put("tpep_dropoff_datetime", micros(START.plusSeconds(second)));
        row.put("PULocationID", 132L);
        row.put("DOLocationID", 4L);
        row.put("total_amount", second / 100.0);
        return row;
    }

    private static Map<String, Object> randomRow(Random random) {
        Map<String, Object> row = row(random.nextInt(100_000));
        row.put("PULocationID", 1L + random.nextInt(266));
        row.put("store_and_fwd_flag", random.nextBoolean() ? "Y" : "N");
        for (String column : List.copyOf(row.keySet())) {
            if (random.nextInt(20) == 0) {
                row.remove(column);
            }
        }
        return row;
    }

    private static Map<String, Object> with(Map<String, Object> row, String column, Object value) {
        row.put(column, value);
        return row;
    }

    private static Map<String, Object> without(Map<String, Object> row, String column) {
        row.remove(column);
        return row;
    }

    /** Returns the expected trip of a row, computed with {@code java.time}, or {@code null} if it is invalid. */
    private static TripEvent expected(Map<String, Object> row, long id) {
        Long pickup = (Long) row.get("tpep_pickup_datetime");
        Long dropoff = (Long) row.get("tpep_dropoff_datetime");
        int from = ((Long) row.getOrDefault("PULocationID", -1L)).intValue();
        int to = ((Long) row.getOrDefault("DOLocationID", -1L)).intValue();
        if (pickup == null || dropoff == null || !ZONES.contains(from) || !ZONES.contains(to)) {
            return null;
        }
        return new TripEvent(
                id,
                millis(LocalDateTime.ofEpochSecond(pickup / 1_000_000, 0, ZoneOffset.UTC)),
                millis(LocalDateTime.ofEpochSecond(dropoff / 1_000_000, 0, ZoneOffset.UTC)),
                ZONES.lat(from),
                ZONES.lon(from),
                ZONES.lat(to),
                ZONES.lon(to),
                (Double) row.getOrDefault("total_amount", 0.0));
    }

    private static long micros(LocalDateTime time) {
        return time.toEpochSecond(ZoneOffset.UTC) * 1_000_000;
    }

    private static long millis(LocalDateTime time) {
        return time.atZone(NEW_YORK).toInstant().toEpochMilli();
    }
}
