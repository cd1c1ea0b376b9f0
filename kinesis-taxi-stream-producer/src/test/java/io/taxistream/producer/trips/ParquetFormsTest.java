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
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.format.AesGcmV1;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnCryptoMetaData;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.EncryptionAlgorithm;
import org.apache.parquet.format.EncryptionWithFooterKey;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Statistics;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests each type, annotation, encoding and codec of Parquet: read according to its definition, or rejected with one
 * line.
 */
class ParquetFormsTest {

    private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");
    private static final TaxiZones ZONES = TaxiZones.instance();
    private static final RecordIds IDS = new RecordIds("a.parquet");
    private static final String PICKUP = "tpep_pickup_datetime";
    private static final String DROPOFF = "tpep_dropoff_datetime";
    private static final String PICKUP_ZONE = "PULocationID";
    private static final String DROPOFF_ZONE = "DOLocationID";
    private static final String AMOUNT = "total_amount";
    private static final String ID = "trip_id";

    /** 2019-03-01, ten seconds past midnight, and ten minutes later. */
    private static final long PICKUP_MICROS = 1_551_398_410_000_000L;

    private static final long DROPOFF_MICROS = PICKUP_MICROS + 600_000_000L;
    private static final long FIVE_HOURS = 5 * 3_600_000_000L;

    private static final Map<String, String> TYPES = Map.of(
            PICKUP, "int64 (TIMESTAMP(MICROS,false))",
            DROPOFF, "int64 (TIMESTAMP(MICROS,false))",
            PICKUP_ZONE, "int64",
            DROPOFF_ZONE, "int64",
            AMOUNT, "double",
            ID, "int64");

    private static final Map<String, Object> ROW =
            Map.of(PICKUP, PICKUP_MICROS, DROPOFF, DROPOFF_MICROS, PICKUP_ZONE, 161L, DROPOFF_ZONE, 132L, AMOUNT, 52.5);

    private static final TripEvent TRIP = trip(IDS.id(1), 52.5);

    private final ListedRejects rejects = new ListedRejects();

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            int32                                   | 52                   | 52
            int64                                   | 52                   | 52
            int32 (INTEGER(8,true))                 | -3                   | -3
            int32 (INTEGER(16,true))                | 300                  | 300
            int32 (INTEGER(32,true))                | -3                   | -3
            int64 (INTEGER(64,true))                | -3                   | -3
            int32 (INTEGER(8,false))                | 200                  | 200
            int32 (INTEGER(16,false))               | 60000                | 60000
            int32 (INTEGER(32,false))               | -1                   | 4294967295
            int64 (INTEGER(64,false))               | -1                   | 18446744073709551615
            int32 (DECIMAL(9,2))                    | 5250                 | 52.5
            int32 (DECIMAL(9,0))                    | 52                   | 52
            int64 (DECIMAL(18,2))                   | -5250                | -52.5
            int64 (DECIMAL(18,16))                  | 525000000000000001   | 52.5000000000000001
            fixed_len_byte_array(4) (DECIMAL(9,2))  | 0x00001482           | 52.5
            fixed_len_byte_array(16) (DECIMAL(38,2))| 0xffffffffffffffffffffffffffffeb7e | -52.5
            binary (DECIMAL(38,2))                  | 0x1482               | 52.5
            binary (DECIMAL(38,10))                 | 0x007a3c23f6c0       | 52.4995
            float                                   | 52.5                 | 52.5
            double                                  | 52.49                | 52.49
            fixed_len_byte_array(2) (FLOAT16)       | 0x9052               | 52.5
            fixed_len_byte_array(2) (FLOAT16)       | 0x90d2               | -52.5
            fixed_len_byte_array(2) (FLOAT16)       | 0x0100               | 5.9604644775390625E-8
            binary (STRING)                         | ' 52.5 '             | 52.5
            binary (ENUM)                           | 52.5                 | 52.5
            binary                                  | 52.5                 | 52.5
            double                                  | NaN                  | 0
            float                                   | NaN                  | 0
            fixed_len_byte_array(2) (FLOAT16)       | 0x007e               | 0
            binary (STRING)                         | ' '                  | 0
            binary (STRING)                         | NaN                  | 0
            binary (STRING)                         | null                 | 0
            binary (STRING)                         | $1,052.50            | 1052.5
            int32 (DECIMAL(9,2))                    |                      | 0
            int32 (UNKNOWN)                         |                      | 0
            """)
    void amountsOfEachType(String type, String value, double amount) throws IOException {
        assertThat(read(file(AMOUNT, type, value))).containsExactly(trip(IDS.id(1), amount));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            int32                                   | 161
            int32 (INTEGER(16,true))                | 161
            int32 (INTEGER(8,false))                | 161
            int64 (INTEGER(64,false))               | 161
            int32 (DECIMAL(9,1))                    | 1610
            int64 (DECIMAL(18,0))                   | 161
            fixed_len_byte_array(2) (DECIMAL(4,1))  | 0x064a
            binary (DECIMAL(9,2))                   | 0x3ee4
            float                                   | 161
            double                                  | 161
            fixed_len_byte_array(2) (FLOAT16)       | 0x0859
            binary (STRING)                         | 161
            binary (STRING)                         | 161.0
            binary                                  | ' 161 '
            """)
    void zonesOfEachType(String type, String value) throws IOException {
        assertThat(read(file(PICKUP_ZONE, type, value))).containsExactly(TRIP);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            double                                  | 161.4                 | UNKNOWN_ZONE  | PULocationID is '161.4'; it must be a taxi zone on the map
            float                                   | 161.5                 | UNKNOWN_ZONE  | PULocationID is '161.5'; it must be a taxi zone on the map
            double                                  | 1e300                 | UNKNOWN_ZONE  | PULocationID is '1.0E300'; it must be a taxi zone on the map
            double                                  | Infinity              | UNKNOWN_ZONE  | PULocationID is 'Infinity'; it must be a taxi zone on the map
            int32 (DECIMAL(9,1))                    | 1614                  | UNKNOWN_ZONE  | PULocationID is '161.4'; it must be a taxi zone on the map
            int32 (DECIMAL(9,1))                    | 161                   | UNKNOWN_ZONE  | PULocationID is '16.1'; it must be a taxi zone on the map
            binary (DECIMAL(9,1))                   | 0x064e                | UNKNOWN_ZONE  | PULocationID is '161.4'; it must be a taxi zone on the map
            int64                                   | 4294967457            | UNKNOWN_ZONE  | PULocationID is '4294967457'; it must be a taxi zone on the map
            int64 (INTEGER(64,false))               | -1                    | UNKNOWN_ZONE  | PULocationID is '18446744073709551615'; it must be a taxi zone on the map
            binary (STRING)                         | 161.4                 | UNKNOWN_ZONE  | PULocationID is '161.4'; it must be a taxi zone on the map
            binary (STRING)                         | JFK                   | UNKNOWN_ZONE  | PULocationID is 'JFK'; it must be a taxi zone on the map
            double                                  | NaN                   | MISSING_FIELD | PULocationID is empty
            binary (STRING)                         | ''                    | MISSING_FIELD | PULocationID is empty
            int64                                   |                       | MISSING_FIELD | PULocationID is empty
            int32 (UNKNOWN)                         |                       | MISSING_FIELD | PULocationID is empty
            """)
    void rejectsAnInvalidZone(String type, String value, RejectReason reason, String message) throws IOException {
        assertThat(read(file(PICKUP_ZONE, type, value))).isEmpty();
        assertThat(rejects.list).containsExactly(new Rejected("a.parquet", 1, reason, message));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            int64 (TIMESTAMP(MILLIS,false))  | 1551398410999
            int64 (TIMESTAMP(MICROS,false))  | 1551398410999999
            int64 (TIMESTAMP(NANOS,false))   | 1551398410999999999
            int64 (TIMESTAMP(MILLIS,true))   | 1551416410999
            int64 (TIMESTAMP(MICROS,true))   | 1551416410999999
            int64 (TIMESTAMP(NANOS,true))    | 1551416410999999999
            int64 (TIMESTAMP_MILLIS)         | 1551416410999
            int64 (TIMESTAMP_MICROS)         | 1551416410999999
            binary (STRING)                  | 2019-03-01 00:00:10.999
            binary (STRING)                  | 03/01/2019 12:00:10.999 AM
            binary (STRING)                  | ' 2019-03-01T05:00:10.999Z '
            binary                           | 2019-03-01T00:00:10.999-05:00
            """)
    void timesOfEachType(String type, String value) throws IOException {
        byte[] file = file(PICKUP, type, value);

        assertThat(read(file))
                .singleElement()
                .satisfies(trip ->
                        assertThat(Instant.ofEpochMilli(trip.pickupMillis())).isEqualTo("2019-03-01T05:00:10.999Z"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            int64                                   | 1234                               | 1234
            int32                                   | -1234                              | -1234
            int32 (INTEGER(32,false))               | -1                                 | 4294967295
            int64 (INTEGER(64,false))               | 1234                               | 1234
            int64 (INTEGER(64,false))               | -1                                 | 18446744073709551615
            int64 (DECIMAL(18,0))                   | 1234                               | 1234
            int64 (DECIMAL(18,2))                   | 123400                             | 1234
            binary (DECIMAL(38,0))                  | 0x00ab54a98ceb1f0ad2               | 12345678901234567890
            double                                  | 1234                               | 1234
            double                                  | 9007199254740991                   | 9007199254740991
            double                                  | 1234.5                             | 1234.5
            float                                   | 1234                               | 1234
            binary (STRING)                         | 1234                               | 1234
            binary (STRING)                         | 0b1c6d2e-1111-2222-3333-444455556666 | 0b1c6d2e-1111-2222-3333-444455556666
            binary (STRING)                         | Zürich 7                           | Zürich 7
            fixed_len_byte_array(16) (UUID)         | 0x0b1c6d2e111122223333444455556666 | 0b1c6d2e-1111-2222-3333-444455556666
            """)
    void idIsAHashOfTheText(String type, String value, String text) throws IOException {
        assertThat(read(file(ID, type, value))).containsExactly(trip(RecordIds.ofText(text), 52.5));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            int64             |
            double            | NaN
            binary (STRING)   | ''
            int32 (UNKNOWN)   |
            """)
    void idDefaultsToTheRowPosition(String type, String value) throws IOException {
        assertThat(read(file(ID, type, value))).containsExactly(TRIP);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            double                             | 9007199254740992
            float                              | 16777216
            double                             | Infinity
            fixed_len_byte_array(2) (FLOAT16)  | 0x0068
            """)
    void rejectsAnIdThatMayHaveLostPrecision(String type, String value) throws IOException {
        assertThat(read(file(ID, type, value))).isEmpty();
        assertThat(rejects.list)
                .singleElement()
                .satisfies(rejected -> assertThat(rejected.message())
                        .startsWith("trip_id is '")
                        .endsWith("'; it must be a whole number that its type represents exactly"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            double          | NaN      | MISSING_FIELD  | pickup_latitude is empty
            float           | NaN      | MISSING_FIELD  | pickup_latitude is empty
            double          |          | MISSING_FIELD  | pickup_latitude is empty
            double          | Infinity | INVALID_NUMBER | pickup_latitude is 'Infinity'; it must be a number
            binary (STRING) | north    | INVALID_NUMBER | pickup_latitude is 'north'; it must be a number
            """)
    void rejectsAnInvalidCoordinate(String type, String value, RejectReason reason, String message) throws IOException {
        assertThat(read(coordinates(type, value))).isEmpty();
        assertThat(rejects.list).containsExactly(new Rejected("a.parquet", 1, reason, message));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            double                            | Infinity
            double                            | -Infinity
            float                             | Infinity
            fixed_len_byte_array(2) (FLOAT16) | 0x007c
            binary (STRING)                   | 1e999
            binary (STRING)                   | inf
            """)
    void rejectsAnInfiniteAmount(String type, String value) throws IOException {
        assertThat(read(file(AMOUNT, type, value))).isEmpty();
        assertThat(rejects.list).singleElement().satisfies(rejected -> {
            assertThat(rejected.reason()).isEqualTo(RejectReason.INVALID_NUMBER);
            assertThat(rejected.message()).matches("total_amount is '.+'; it must be a number");
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            int32 (DECIMAL(7,5))   | 4075000
            double                 | 40.75
            float                  | 40.75
            binary (STRING)        | 40.75
            """)
    void coordinatesOfEachType(String type, String value) throws IOException {
        assertThat(read(coordinates(type, value)))
                .extracting(TripEvent::pickupLat, TripEvent::pickupLon, TripEvent::dropoffLat, TripEvent::dropoffLon)
                .containsExactly(tuple(40.75, -73.98, 40.64, -73.78));
    }

    static Stream<Arguments> refused() {
        String time = "a time must be a TIMESTAMP or text; convert the column and rewrite the file";
        String number = "a number must be an integer, a floating-point number, a DECIMAL or text;"
                + " convert the column and rewrite the file";
        String id = "an id must be a number, text or a UUID; convert the column and rewrite the file";
        String int96 = "write timestamps as TIMESTAMP_MICROS (in Spark with"
                + " spark.sql.parquet.outputTimestampType=TIMESTAMP_MICROS)";
        return Stream.of(
                Arguments.of(PICKUP, "int96", "INT96", int96),
                Arguments.of(PICKUP, "int64", "INT64", time),
                Arguments.of(PICKUP, "int32", "INT32", time),
                Arguments.of(PICKUP, "double", "DOUBLE", time),
                Arguments.of(PICKUP, "boolean", "BOOLEAN", time),
                Arguments.of(PICKUP, "int64 (INTEGER(64,false))", "INT64 INTEGER(64,false)", time),
                Arguments.of(PICKUP, "int64 (DECIMAL(18,3))", "INT64 DECIMAL(18,3)", time),
                Arguments.of(PICKUP, "int32 (DATE)", "INT32 DATE", time),
                Arguments.of(PICKUP, "int32 (TIME(MILLIS,true))", "INT32 TIME(MILLIS,true)", time),
                Arguments.of(PICKUP, "int64 (TIME(NANOS,false))", "INT64 TIME(NANOS,false)", time),
                Arguments.of(PICKUP, "binary (JSON)", "BYTE_ARRAY JSON", time),
                Arguments.of(DROPOFF, "fixed_len_byte_array(12) (INTERVAL)", "FIXED_LEN_BYTE_ARRAY(12) INTERVAL", time),
                Arguments.of(PICKUP_ZONE, "boolean", "BOOLEAN", number),
                Arguments.of(PICKUP_ZONE, "int32 (DATE)", "INT32 DATE", number),
                Arguments.of(PICKUP_ZONE, "int64 (TIMESTAMP(NANOS,true))", "INT64 TIMESTAMP(NANOS,true)", number),
                Arguments.of(AMOUNT, "boolean", "BOOLEAN", number),
                Arguments.of(AMOUNT, "int96", "INT96", int96),
                Arguments.of(AMOUNT, "fixed_len_byte_array(4)", "FIXED_LEN_BYTE_ARRAY(4)", number),
                Arguments.of(AMOUNT, "fixed_len_byte_array(16) (UUID)", "FIXED_LEN_BYTE_ARRAY(16) UUID", number),
                Arguments.of(AMOUNT, "binary (BSON)", "BYTE_ARRAY BSON", number),
                Arguments.of(AMOUNT, "int64 (TIME(MICROS,true))", "INT64 TIME(MICROS,true)", number),
                Arguments.of(ID, "boolean", "BOOLEAN", id),
                Arguments.of(ID, "int64 (TIMESTAMP(MICROS,false))", "INT64 TIMESTAMP(MICROS,false)", id),
                Arguments.of(ID, "binary (JSON)", "BYTE_ARRAY JSON", id),
                Arguments.of(ID, "fixed_len_byte_array(16)", "FIXED_LEN_BYTE_ARRAY(16)", id));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void rejectsAColumnOfTheWrongType(String column, String type, String shown, String advice) throws IOException {
        byte[] file = file(column, type, null);

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(InputFailedException.class)
                .hasMessage("a.parquet: column " + column + " of type " + shown + " is not supported; " + advice);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            repeated double total_amount                                                                   | REPEATED DOUBLE
            optional group total_amount (LIST) { repeated group list { optional double element; } }        | LIST
            optional group total_amount (MAP) { repeated group key_value { required binary key (STRING); optional double value; } } | MAP
            optional group total_amount { optional double usd; }                                           | GROUP
            """)
    void rejectsARepeatedColumn(String field, String shown) throws IOException {
        String end = field.endsWith("}") ? "" : ";";
        byte[] file = ParquetFiles.of(schema(TYPES).replace("optional double total_amount;", field + end))
                .write(List.of());

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(InputFailedException.class)
                .hasMessage("a.parquet: column total_amount of type " + shown
                        + " is not supported, because it holds several values; write one value per row");
    }

    @Test
    void unusedColumnsMayHaveAnyType() throws IOException {
        String others = """
                  optional boolean a;
                  optional int96 b;
                  optional int32 c (DATE);
                  optional group d (LIST) { repeated group list { optional double total_amount; } }
                  optional group e { optional fixed_len_byte_array(12) f (INTERVAL); }
                  optional binary congestion_surcharge (BSON);
                }
                """;
        byte[] file = ParquetFiles.of(schema(TYPES).replace("}", others)).write(List.of(ROW));

        assertThat(read(file)).containsExactly(TRIP);
    }

    @Test
    void convertedTypesEqualLogicalTypes() throws IOException {
        Map<String, String> types = new HashMap<>(TYPES);
        types.put(PICKUP, "int64 (TIMESTAMP(MICROS,true))");
        types.put(DROPOFF, "int64 (TIMESTAMP(MILLIS,true))");
        types.put(PICKUP_ZONE, "binary (STRING)");
        types.put(DROPOFF_ZONE, "int32 (INTEGER(8,false))");
        types.put(AMOUNT, "fixed_len_byte_array(4) (DECIMAL(9,2))");
        types.put(ID, "int32 (INTEGER(32,false))");
        Map<String, Object> row = Map.of(
                PICKUP,
                PICKUP_MICROS + FIVE_HOURS,
                DROPOFF,
                (DROPOFF_MICROS + FIVE_HOURS) / 1_000,
                PICKUP_ZONE,
                "161",
                DROPOFF_ZONE,
                132,
                AMOUNT,
                new byte[] {0, 0, 0x14, (byte) 0x82},
                ID,
                -1);
        byte[] file = ParquetFiles.of(schema(types)).write(List.of(row));

        byte[] old =
                ParquetFooter.edited(file, footer -> footer.getSchema().forEach(element -> element.unsetLogicalType()));

        assertThat(read(file)).containsExactly(trip(4_294_967_295L, 52.5));
        assertThat(read(old)).containsExactly(trip(4_294_967_295L, 52.5));
    }

    @Test
    void rejectsADecimalOfInvalidScale() throws IOException {
        byte[] file = ParquetFooter.edited(
                file(AMOUNT, "int32 (DECIMAL(9,2))", "5250"),
                footer -> footer.getSchema().forEach(element -> {
                    if (element.getName().equals(AMOUNT)) {
                        element.getLogicalType().getDECIMAL().setScale(-2);
                    }
                }));

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(InputFailedException.class)
                .hasMessageStartingWith(
                        "a.parquet: column total_amount of type INT32 DECIMAL(9,-2) is not supported; ");
    }

    @ParameterizedTest
    @EnumSource(
            value = CompressionCodecName.class,
            names = {"UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "LZ4", "LZ4_RAW"})
    void readsEachCodecInBothPageVersions(CompressionCodecName codec) throws IOException {
        for (WriterVersion version : WriterVersion.values()) {
            List<Map<String, Object>> rows = rows(3_000);
            byte[] file = ParquetFiles.of(schema(TYPES))
                    .codec(codec)
                    .version(version)
                    .rowsInPage(700)
                    .write(rows);

            assertThat(read(file)).isEqualTo(trips(rows));
            assertThat(new ParquetFile(Trips.object("a.parquet", file))
                            .metaData()
                            .getRow_groups()
                            .get(0)
                            .getColumns()
                            .get(0)
                            .getMeta_data()
                            .getCodec()
                            .name())
                    .isEqualTo(codec.name());
        }
    }

    @Test
    void readsRawLz4LabeledAsFramed() throws IOException {
        List<Map<String, Object>> rows = rows(3_000);
        byte[] file = ParquetFiles.of(schema(TYPES))
                .codec(CompressionCodecName.LZ4_RAW)
                .write(rows);

        byte[] renamed = ParquetFooter.edited(file, footer -> setCodec(footer, CompressionCodec.LZ4));

        assertThat(read(renamed)).isEqualTo(trips(rows));
    }

    @ParameterizedTest
    @EnumSource(
            value = CompressionCodec.class,
            names = {"BROTLI", "LZO"})
    void namesAnUnsupportedCodec(CompressionCodec codec) throws IOException {
        byte[] file =
                ParquetFooter.edited(ParquetFiles.of(schema(TYPES)).write(rows(2)), footer -> setCodec(footer, codec));

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(InputFailedException.class)
                .hasMessageMatching("a\\.parquet: column tpep_\\w+ is compressed with " + codec + ", which is not"
                        + " supported;"
                        + " rewrite the file with zstd, snappy, gzip, lz4_raw or none");
    }

    @Test
    void readsAnUncompressedPage() throws IOException {
        byte[] file = ParquetFiles.of(schema(TYPES))
                .version(WriterVersion.PARQUET_2_0)
                .dictionaries(false)
                .write(List.of(ROW));
        for (ColumnMetaData column : columns(file)) {
            int at = (int) column.getData_page_offset();
            PageHeader header = Util.readPageHeader(new ByteArrayInputStream(file, at, file.length - at));
            header.getData_page_header_v2().setIs_compressed(false);
            var changed = new ByteArrayOutputStream();
            Util.writePageHeader(header, changed);
            System.arraycopy(changed.toByteArray(), 0, file, at, changed.size());
        }

        byte[] snappy = ParquetFooter.edited(file, footer -> setCodec(footer, CompressionCodec.SNAPPY));

        assertThat(read(snappy)).containsExactly(TRIP);
    }

    static Stream<Arguments> encodings() {
        return Stream.of(
                Arguments.of(WriterVersion.PARQUET_1_0, true, false, Encoding.PLAIN_DICTIONARY),
                Arguments.of(WriterVersion.PARQUET_2_0, true, false, Encoding.RLE_DICTIONARY),
                Arguments.of(WriterVersion.PARQUET_1_0, false, false, Encoding.PLAIN),
                Arguments.of(WriterVersion.PARQUET_2_0, false, false, Encoding.DELTA_BINARY_PACKED),
                Arguments.of(WriterVersion.PARQUET_2_0, false, false, Encoding.DELTA_BYTE_ARRAY),
                Arguments.of(WriterVersion.PARQUET_1_0, false, true, Encoding.BYTE_STREAM_SPLIT));
    }

    @ParameterizedTest
    @MethodSource("encodings")
    void eachEncoding(WriterVersion version, boolean dictionaries, boolean splitBytes, Encoding encoding)
            throws IOException {
        Map<String, String> types = new HashMap<>(TYPES);
        types.put(ID, "binary (STRING)");
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            Map<String, Object> row = new HashMap<>(ROW);
            row.put(AMOUNT, i % 100 / 4.0);
            row.put(ID, Integer.toString(1_000_000 + i % 1_000));
            rows.add(row);
        }
        byte[] file = ParquetFiles.of(schema(types))
                .version(version)
                .dictionaries(dictionaries)
                .splitBytes(splitBytes)
                .rowsInPage(700)
                .write(rows);

        List<TripEvent> trips = read(file);

        assertThat(columns(file).stream().flatMap(column -> column.getEncodings().stream()))
                .contains(encoding);
        assertThat(trips).hasSize(rows.size());
        for (int i = 0; i < rows.size(); i++) {
            assertThat(trips.get(i)).isEqualTo(trip(1_000_000 + i % 1_000, i % 100 / 4.0));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pyarrow-delta-length-byte-array",
                "pyarrow-byte-stream-split-decimal",
                "fastparquet-lz4",
                "duckdb-types",
                "polars-decimal-categorical"
            })
    void readsFilesOfOtherWriters(String name) throws IOException {
        try (InputStream sample = getClass().getResourceAsStream("parquet/" + name + ".parquet")) {
            assertThat(sample).isNotNull();

            assertThat(read(sample.readAllBytes()))
                    .singleElement()
                    .usingRecursiveComparison()
                    .ignoringFields("tripId")
                    .isEqualTo(TRIP);
        }
    }

    @Test
    void rejectsAnEncryptedFile() throws IOException {
        byte[] file = ParquetFiles.of(schema(TYPES)).write(List.of(ROW));
        file[3] = 'E';
        file[file.length - 1] = 'E';

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(InputFailedException.class)
                .hasMessage("a.parquet is an encrypted Parquet file, which is not supported; rewrite it without"
                        + " encryption");
    }

    @Test
    void rejectsAnEncryptedColumnOnlyIfNeeded() throws IOException {
        byte[] file = ParquetFiles.of(schema(TYPES)).write(List.of(ROW));
        String message = "a.parquet: column total_amount is encrypted, which is not supported;"
                + " rewrite the file without encryption";

        byte[] byFooterKey = ParquetFooter.edited(file, footer -> {
            footer.setEncryption_algorithm(EncryptionAlgorithm.AES_GCM_V1(new AesGcmV1()));
            chunk(footer, AMOUNT)
                    .setCrypto_metadata(ColumnCryptoMetaData.ENCRYPTION_WITH_FOOTER_KEY(new EncryptionWithFooterKey()));
        });
        byte[] byOwnKey = ParquetFooter.edited(
                byFooterKey, footer -> chunk(footer, AMOUNT).unsetMeta_data());

        assertThatThrownBy(() -> read(byFooterKey))
                .isInstanceOf(InputFailedException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> read(byOwnKey))
                .isInstanceOf(InputFailedException.class)
                .hasMessage(message);
    }

    @Test
    void rejectsColumnChunksInOtherFiles() throws IOException {
        byte[] file = ParquetFooter.edited(
                ParquetFiles.of(schema(TYPES)).write(List.of(ROW)),
                footer -> footer.getRow_groups()
                        .forEach(group -> group.getColumns().forEach(chunk -> chunk.setFile_path("part-0.parquet"))));

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(InputFailedException.class)
                .hasMessageMatching("a\\.parquet: column tpep_\\w+ is in another file, part-0\\.parquet,"
                        + " as in the _metadata file of a data set; exclude this file");
    }

    @ParameterizedTest
    @CsvSource({
        "dispatching_base_num",
        "hvfhs_license_num",
        "Affiliated_base_number",
        "SR_Flag",
        "originating_base_num",
        "base_passenger_fare"
    })
    void rejectsFilesOfForHireVehicles(String column) throws IOException {
        byte[] file = ParquetFiles.of(schema(TYPES).replace("}", "optional binary " + column + " (STRING); }"))
                .write(List.of(ROW));

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(InputFailedException.class)
                .hasMessage("a.parquet holds trips of for-hire vehicles (it has the column " + column
                        + "), which are not supported; use files of yellow or green taxis");
    }

    @ParameterizedTest
    @CsvSource({"total_amount", "Total_Amount", "' total_amount'", "total_amt"})
    void rejectsTwoColumnsForOneField(String name) throws IOException {
        byte[] file = ParquetFooter.edited(
                ParquetFiles.of(schema(TYPES).replace("}", "optional double second; }"))
                        .write(List.of(ROW)),
                footer -> footer.getSchema().stream()
                        .filter(element -> element.getName().equals("second"))
                        .forEach(element -> element.setName(name)));

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(InputFailedException.class)
                .hasMessage("a.parquet has two columns for the same value, 'total_amount' and '" + name.strip()
                        + "'; remove or rename one of them");
    }

    @Test
    void readsEmptyFilesAndRowGroups() throws IOException {
        assertThat(read(ParquetFiles.of(schema(TYPES)).write(List.of()))).isEmpty();

        byte[] file = ParquetFooter.edited(
                ParquetFiles.of(schema(TYPES)).rowsInGroup(2).write(rows(4)), footer -> {
                    RowGroup empty = new RowGroup(footer.getRow_groups().get(0)).setNum_rows(0);
                    empty.getColumns().forEach(chunk -> chunk.getMeta_data().setNum_values(0));
                    footer.getRow_groups().add(0, empty);
                    footer.getRow_groups().add(2, new RowGroup(empty));
                    footer.getRow_groups().add(new RowGroup(empty));
                });

        assertThat(read(file)).isEqualTo(trips(rows(4)));
    }

    @Test
    void pageWithAWrongChecksumIsDamaged() throws IOException {
        byte[] file = ParquetFiles.of(schema(TYPES)).dictionaries(false).write(List.of(ROW));
        byte[] amount = ByteBuffer.allocate(Double.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(52.5)
                .array();
        int at = indexOf(file, amount);
        file[at + 6] ^= 1;

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(DamagedParquetException.class)
                .hasMessageEndingWith("a page has the wrong checksum");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            int64 (TIMESTAMP(MILLIS,true))   |             1000
            int64 (TIMESTAMP(MICROS,true))   |          1000000
            int64 (TIMESTAMP(NANOS,true))    |       1000000000
            int64 (TIMESTAMP(MILLIS,false))  |             1000
            int64 (TIMESTAMP(MICROS,false))  |          1000000
            int64 (TIMESTAMP(NANOS,false))   |       1000000000
            """)
    void skipsRowGroupsInEachTimeUnit(String type, long unitsPerSecond) throws IOException {
        // row groups of a hundred trips, one trip per minute
        byte[] file = minutes(type, unitsPerSecond, 1_000);
        boolean utc = type.contains("true");
        long start = Instant.parse(utc ? "2019-03-01T00:00:00Z" : "2019-03-01T05:00:00Z")
                .toEpochMilli();
        var statistics = new InputStatistics();
        List<long[]> fetched = new ArrayList<>();

        List<TripEvent> trips =
                read(file, NEW_YORK, new TimeRange(start + 450 * 60_000, start + 455 * 60_000), statistics, fetched);

        assertThat(trips)
                .extracting(TripEvent::dropoffMillis)
                .containsExactly(
                        start + 450 * 60_000,
                        start + 451 * 60_000,
                        start + 452 * 60_000,
                        start + 453 * 60_000,
                        start + 454 * 60_000);
        assertThat(statistics.skipped()).isEqualTo(995);
        long amounts =
                fetched.stream().filter(range -> isIn(range, file, AMOUNT)).count();
        assertThat(amounts).isBetween(1L, 3L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"old fields", "no column orders", "exchanged", "no null count"})
    void inconclusiveStatisticsSkipNothing(String what) throws IOException {
        byte[] file = ParquetFooter.edited(ParquetFiles.of(schema(TYPES)).write(List.of(ROW)), footer -> {
            Statistics statistics = chunk(footer, DROPOFF).getMeta_data().getStatistics();
            byte[] early = ByteBuffer.allocate(Long.BYTES).array();
            byte[] late = new byte[Long.BYTES];
            Arrays.fill(late, 0, Long.BYTES - 2, (byte) 0xff);
            switch (what) {
                case "old fields" -> {
                    statistics.unsetMin_value();
                    statistics.unsetMax_value();
                    statistics.setMin(early).setMax(early);
                }
                case "no column orders" -> {
                    footer.unsetColumn_orders();
                    statistics.setMin_value(early).setMax_value(early);
                }
                case "exchanged" -> statistics.setMin_value(late).setMax_value(early);
                default -> {
                    statistics.unsetNull_count();
                    statistics.setMin_value(early).setMax_value(early);
                }
            }
        });
        var range = new TimeRange(TRIP.dropoffMillis(), TRIP.dropoffMillis() + 1);

        assertThat(read(file, NEW_YORK, range, new InputStatistics(), new ArrayList<>()))
                .containsExactly(TRIP);
    }

    @Test
    void doesNotSkipADaySkippedByTheTimeZone() throws IOException {
        // Samoa skipped 30 December 2011: its wall clock shows the times of that day a day later.
        ZoneId apia = ZoneId.of("Pacific/Apia");
        Map<String, Object> leftOut = new HashMap<>(ROW);
        leftOut.put(DROPOFF, micros("2011-12-30T12:00:00Z"));
        Map<String, Object> after = new HashMap<>(ROW);
        after.put(DROPOFF, micros("2011-12-31T01:00:00Z"));
        byte[] file = ParquetFiles.of(schema(TYPES)).write(List.of(leftOut, after));
        List<TripEvent> all = read(file, apia, TimeRange.ALL, new InputStatistics(), new ArrayList<>());
        for (TripEvent trip : all) {
            var range = new TimeRange(trip.dropoffMillis(), trip.dropoffMillis() + 1);

            assertThat(read(file, apia, range, new InputStatistics(), new ArrayList<>()))
                    .containsExactly(trip);
        }
        assertThat(all).hasSize(2);
    }

    private List<TripEvent> read(byte[] file) throws IOException {
        return read(file, NEW_YORK, TimeRange.ALL, new InputStatistics(), new ArrayList<>());
    }

    private List<TripEvent> read(
            byte[] file, ZoneId zone, TimeRange range, InputStatistics statistics, List<long[]> fetched)
            throws IOException {
        var object = new InputObject("a.parquet", file.length, (from, to) -> {
            fetched.add(new long[] {from, to});
            return new ByteArrayInputStream(file, (int) from, (int) (to - from));
        });
        rejects.list.clear();
        List<TripEvent> trips = new ArrayList<>();
        var context = new ReadContext(range, statistics, rejects, line -> {});
        try (RecordReader<TripEvent> reader = Reading.open(object, new TripFormats(zone), context)) {
            for (TripEvent trip = reader.next(); trip != null; trip = reader.next()) {
                trips.add(trip);
            }
        }
        return trips;
    }

    /** Returns a file of one row with a column of another type; the value is text, hexadecimal digits or absent. */
    private static byte[] file(String column, String type, String value) throws IOException {
        Map<String, String> types = new HashMap<>(TYPES);
        types.put(column, type);
        Map<String, Object> row = new HashMap<>(ROW);
        row.put(column, value == null ? null : stored(type, value));
        return ParquetFiles.of(schema(types)).write(List.of(row));
    }

    private static byte[] coordinates(String type, String pickupLat) throws IOException {
        String schema = schema(TYPES)
                .replace(
                        "}",
                        "optional " + typed(type, "pickup_latitude")
                                + "; optional double pickup_longitude; optional double dropoff_latitude;"
                                + " optional double dropoff_longitude; }");
        Map<String, Object> row = new HashMap<>(ROW);
        row.put("pickup_latitude", pickupLat == null ? null : stored(type, pickupLat));
        row.put("pickup_longitude", -73.98);
        row.put("dropoff_latitude", 40.64);
        row.put("dropoff_longitude", -73.78);
        return ParquetFiles.of(schema).write(List.of(row));
    }

    private static Object stored(String type, String value) {
        if (value.startsWith("0x")) {
            return HexFormat.of().parseHex(value.substring(2));
        }
        if (type.startsWith("int32")) {
            return Integer.valueOf(value);
        }
        if (type.startsWith("int64")) {
            return Long.valueOf(value);
        }
        if (type.startsWith("float")) {
            return Float.valueOf(value);
        }
        return type.startsWith("double") ? (Object) Double.valueOf(value) : value;
    }

    private static String schema(Map<String, String> types) {
        StringBuilder schema = new StringBuilder("message m {\n");
        types.forEach((name, type) ->
                schema.append("optional ").append(typed(type, name)).append(";\n"));
        return schema.append("}\n").toString();
    }

    private static String typed(String type, String name) {
        int annotation = type.indexOf(" (");
        return annotation < 0
                ? type + " " + name
                : type.substring(0, annotation) + " " + name + type.substring(annotation);
    }

    private static List<Map<String, Object>> rows(int count) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Map<String, Object> row = new HashMap<>(ROW);
            row.put(AMOUNT, i / 4.0);
            rows.add(row);
        }
        return rows;
    }

    private static List<TripEvent> trips(List<Map<String, Object>> rows) {
        List<TripEvent> trips = new ArrayList<>();
        for (Map<String, Object> row : rows) {
            trips.add(trip(IDS.id(trips.size() + 1), (double) row.get(AMOUNT)));
        }
        return trips;
    }

    private static TripEvent trip(long id, double amount) {
        return new TripEvent(
                id,
                (PICKUP_MICROS + FIVE_HOURS) / 1_000,
                (DROPOFF_MICROS + FIVE_HOURS) / 1_000,
                ZONES.lat(161),
                ZONES.lon(161),
                ZONES.lat(132),
                ZONES.lon(132),
                amount);
    }

    private static byte[] minutes(String type, long unitsPerSecond, int count) throws IOException {
        Map<String, String> types = new HashMap<>(TYPES);
        types.put(DROPOFF, type);
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Map<String, Object> row = new HashMap<>(ROW);
            row.put(DROPOFF, (micros("2019-03-01T00:00:00Z") / 1_000_000 + i * 60L) * unitsPerSecond);
            rows.add(row);
        }
        return ParquetFiles.of(schema(types)).rowsInGroup(100).write(rows);
    }

    private static long micros(String time) {
        return Instant.parse(time).getEpochSecond() * 1_000_000;
    }

    private static void setCodec(FileMetaData footer, CompressionCodec codec) {
        footer.getRow_groups()
                .forEach(group ->
                        group.getColumns().forEach(chunk -> chunk.getMeta_data().setCodec(codec)));
    }

    private static ColumnChunk chunk(FileMetaData footer, String column) {
        return footer.getRow_groups().get(0).getColumns().stream()
                .filter(chunk -> chunk.getMeta_data() != null
                        && chunk.getMeta_data().getPath_in_schema().equals(List.of(column)))
                .findFirst()
                .orElseThrow();
    }

    private static List<ColumnMetaData> columns(byte[] file) throws IOException {
        return new ParquetFile(Trips.object("a.parquet", file))
                .metaData().getRow_groups().stream()
                        .flatMap(group -> group.getColumns().stream())
                        .map(ColumnChunk::getMeta_data)
                        .toList();
    }

    /** Returns whether a fetched range begins in a chunk of a column. */
    private static boolean isIn(long[] range, byte[] file, String column) {
        try {
            return columns(file).stream()
                    .filter(chunk -> chunk.getPath_in_schema().equals(List.of(column)))
                    .anyMatch(chunk -> range[0] == start(chunk));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long start(ColumnMetaData chunk) {
        return chunk.isSetDictionary_page_offset() && chunk.getDictionary_page_offset() > 0
                ? chunk.getDictionary_page_offset()
                : chunk.getData_page_offset();
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int at = 0; at <= bytes.length - part.length; at++) {
            if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        throw new AssertionError("not found");
    }
}
