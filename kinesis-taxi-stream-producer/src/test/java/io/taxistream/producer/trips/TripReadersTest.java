package io.taxistream.producer.trips;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.taxistream.events.TripEvent;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.InputObject;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.input.RecordIds;
import io.taxistream.producer.input.RejectListener;
import io.taxistream.producer.input.RejectReason;
import io.taxistream.producer.input.TimeRange;
import io.taxistream.producer.reading.ReadContext;
import io.taxistream.producer.reading.Reading;
import io.taxistream.producer.reading.RecordReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests reading the content of an object: known layouts and the treatment of unusual input. */
class TripReadersTest {

    private static final String YELLOW_2015 =
            "VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,pickup_longitude,"
                    + "pickup_latitude,RateCodeID,store_and_fwd_flag,dropoff_longitude,dropoff_latitude,payment_type,"
                    + "fare_amount,extra,mta_tax,tip_amount,tolls_amount,improvement_surcharge,total_amount";

    private static final String YELLOW_ROW =
            "2,2015-12-01 07:30:00,2015-12-01 07:45:10,1,2.62,-73.9,40.7,1,N,-73.8,40.6,1,17,0,0.5,3.56,0,0.3,21.36";

    private static final TripEvent YELLOW_TRIP = new TripEvent(
            0,
            Instant.parse("2015-12-01T12:30:00Z").toEpochMilli(),
            Instant.parse("2015-12-01T12:45:10Z").toEpochMilli(),
            40.7,
            -73.9,
            40.6,
            -73.8,
            21.36);

    private final ListedRejects rejects = new ListedRejects();

    static List<String> layouts() {
        String time = "2015-12-01 07:30:00,2015-12-01 07:45:10";
        return List.of(
                YELLOW_2015 + "\n" + YELLOW_ROW,
                YELLOW_2015.replace("RateCodeID", "RatecodeID") + "\r\n" + YELLOW_ROW + "\r\n",
                // green 2015: mixed case, a trailing space in the header, two surplus fields
                "VendorID,lpep_pickup_datetime,Lpep_dropoff_datetime,Store_and_fwd_flag,RateCodeID,Pickup_longitude,"
                        + "Pickup_latitude,Dropoff_longitude,Dropoff_latitude,Passenger_count,Trip_distance,Fare_amount,"
                        + "Extra,MTA_tax,Tip_amount,Tolls_amount,Ehail_fee,improvement_surcharge,Total_amount,"
                        + "Payment_type,Trip_type \r\n2," + time
                        + ",N,1,-73.9,40.7,-73.8,40.6,1,.88,5,0.5,0.5,0,0,,0.3,21.36,2,1,,\r\n",
                // green 2016: a blank line after the header
                "lpep_pickup_datetime,Lpep_dropoff_datetime,Pickup_longitude,Pickup_latitude,Dropoff_longitude,"
                        + "Dropoff_latitude,Total_amount\n\r\n" + time + ",-73.9,40.7,-73.8,40.6,21.36\n",
                // yellow 2009
                "vendor_name,Trip_Pickup_DateTime,Trip_Dropoff_DateTime,Start_Lon,Start_Lat,End_Lon,End_Lat,Total_Amt\nVTS,"
                        + time + ",-73.9,40.7,-73.8,40.6,21.36",
                // yellow 2014: a space after each comma of the header
                "vendor_id, pickup_datetime, dropoff_datetime, pickup_longitude, pickup_latitude, dropoff_longitude,"
                        + " dropoff_latitude, total_amount\n\nCMT," + time + ",-73.9,40.7,-73.8,40.6,21.36",
                // written by a statistics package: quotes, and an unnamed index column
                "\"\",\"pickup_datetime\",\"dropoff_datetime\",\"pickup_longitude\",\"pickup_latitude\","
                        + "\"dropoff_longitude\",\"dropoff_latitude\",\"total_amount\"\n\"1\",\"2015-12-01 07:30:00\","
                        + "\"2015-12-01 07:45:10\",-73.9,40.7,-73.8,40.6,21.36",
                // times with their zone, after a byte order mark
                "\u00ef\u00bb\u00bfpickup_datetime,dropoff_datetime,pickup_longitude,pickup_latitude,dropoff_longitude,"
                        + "dropoff_latitude,total_amount\n2015-12-01 12:30:00 +00:00,2015-12-01T12:45:10Z,"
                        + "-73.9,40.7,-73.8,40.6,21.36");
    }

    @ParameterizedTest
    @CsvSource({
        "0, true", // trip_id: any text
        "1, false", // pickup_datetime: a fraction of any length
        "2, true", // dropoff_datetime
        "5, true" // total_amount
    })
    void aLongValueDoesNotEndTheReader(int column, boolean padded) throws IOException {
        String[] row = {"7", "2015-12-01 07:30:00", "2015-12-01 07:45:10", "161", "132", "21.36"};
        String header = "trip_id,pickup_datetime,dropoff_datetime,PULocationID,DOLocationID,total_amount\n";
        String good = String.join(",", row);
        row[column] = padded ? row[column] + " ".repeat(65) : row[column] + "." + "1".repeat(65);

        List<TripEvent> trips = read(header + String.join(",", row) + "\n" + good);

        assertThat(trips).hasSize(2);
        assertThat(trips).extracting(TripEvent::tripId).containsExactly(7L, 7L);
        assertThat(trips).extracting(TripEvent::dropoffMillis).containsOnly(YELLOW_TRIP.dropoffMillis());
        assertThat(trips).extracting(TripEvent::totalAmount).containsOnly(21.36);
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 65, 1_000, 100_000})
    void longValuesAreReadOrRejectedWithTheirReason(int length) throws IOException {
        String header = "trip_id,pickup_datetime,dropoff_datetime,PULocationID,DOLocationID,total_amount\n";
        String times = ",2015-12-01 07:30:00,2015-12-01 07:45:10,161,132,";
        String id = "A".repeat(length);

        List<TripEvent> trips = read(header + id + times + "1\n1" + times + "x".repeat(length) + "\n1,"
                + "9".repeat(length) + ",2015-12-01 07:45:10,161,132,1");

        assertThat(trips).extracting(TripEvent::tripId).containsExactly(RecordIds.ofText(id));
        assertThat(rejects.list)
                .extracting(ListedRejects.Rejected::line, ListedRejects.Rejected::reason)
                .containsExactly(tuple(3L, RejectReason.INVALID_NUMBER), tuple(4L, RejectReason.INVALID_TIME));
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void headerDeterminesTheLayout(String content) throws IOException {
        assertThat(read(content))
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("tripId")
                .containsExactly(YELLOW_TRIP);
        assertThat(rejects.list).isEmpty();
    }

    static List<String> zoneLayouts() {
        String yellow = "VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,RatecodeID,"
                + "store_and_fwd_flag,PULocationID,DOLocationID,payment_type,fare_amount,extra,mta_tax,tip_amount,"
                + "tolls_amount,improvement_surcharge,total_amount";
        String row = "2,2015-12-01 07:30:00,2015-12-01 07:45:10,1,2.62,1,N,132,4,1,17,0,0.5,3.56,0,0.3,21.36";
        String green = "VendorID,lpep_pickup_datetime,lpep_dropoff_datetime,store_and_fwd_flag,RatecodeID,PULocationID,"
                + "DOLocationID,passenger_count,trip_distance,fare_amount,extra,mta_tax,tip_amount,tolls_amount,"
                + "ehail_fee,improvement_surcharge,total_amount,payment_type,trip_type";
        String greenRow = "2,2015-12-01 07:30:00,2015-12-01 07:45:10,N,1,132,4,1,2.62,17,0,0.5,3.56,0,,0.3,21.36,1,1";
        return List.of(
                // 2016-07 to 12: two surplus fields
                yellow + "\n" + row + ",,\n",
                // 2017 and 2018: a blank line after the header
                yellow + "\n\n" + row + "\n",
                // since 2019
                yellow + ",congestion_surcharge\n" + row + ",2.5\n",
                yellow + ",congestion_surcharge,airport_fee\n" + row + ",2.5,\n",
                green + "\r\n" + greenRow + ",,\r\n",
                green + ",congestion_surcharge\n" + greenRow + ",2.75\n");
    }

    @ParameterizedTest
    @MethodSource("zoneLayouts")
    void headerDeterminesThatPlacesAreZones(String content) throws IOException {
        assertThat(read(content)).singleElement().satisfies(trip -> {
            assertThat(trip.dropoffMillis()).isEqualTo(YELLOW_TRIP.dropoffMillis());
            assertThat(trip.pickupMillis()).isEqualTo(YELLOW_TRIP.pickupMillis());
            assertThat(trip.pickupLat()).isBetween(40.62, 40.67);
            assertThat(trip.pickupLon()).isBetween(-73.83, -73.74);
            assertThat(trip.dropoffLat()).isEqualTo(40.723752);
            assertThat(trip.totalAmount()).isEqualTo(21.36);
        });
        assertThat(rejects.list).isEmpty();
    }

    @Test
    void zoneIsReplacedByItsCentroid() throws IOException {
        List<TripEvent> trips = read("""
                VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,PULocationID,DOLocationID,total_amount
                1,2016-07-01 00:00:00,2016-07-01 00:10:00,132,4,52,,
                1,2016-07-01 00:00:00,2016-07-01 00:10:00,264,4,52,,
                1,2016-07-01 00:00:00,2016-07-01 00:10:00,132,265,52,,
                1,2016-07-01 00:00:00,2016-07-01 00:10:00,132,,52,,
                1,2016-07-01 00:00:00,2016-07-01 00:10:00,132,999999999999,52,,
                """);

        assertThat(trips).hasSize(1);
        assertThat(trips.get(0).dropoffLat()).isEqualTo(40.723752);
        assertThat(trips.get(0).dropoffLon()).isEqualTo(-73.976968);
        assertThat(rejects.list)
                .extracting(ListedRejects.Rejected::reason)
                .containsExactly(
                        RejectReason.NOWHERE,
                        RejectReason.NOWHERE,
                        RejectReason.MISSING_FIELD,
                        RejectReason.UNKNOWN_ZONE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            21.36 | 2.6299999999999999 | 2.63
            21.36 | .60                | 0.6
            21.36 | ''                 | 0
            21.36 | -5                 | -5
            21.36 | 1e2                | 100
            """)
    void readsAmountsInAllFormats(String from, String to, double amount) throws IOException {
        assertThat(read(YELLOW_2015 + "\n" + YELLOW_ROW.replace(from, to)))
                .extracting(TripEvent::totalAmount)
                .containsExactly(amount);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            2015-12-01 07:30:00 | 2015-02-30 07:30:00 | INVALID_TIME   | tpep_pickup_datetime is '2015-02-30 07:30:00'
            2015-12-01 07:30:00 | 2015-12-01          | INVALID_TIME   | tpep_pickup_datetime is '2015-12-01'
            2015-12-01 07:30:00 | soon                | INVALID_TIME   | it must be yyyy-MM-dd HH:mm:ss
            2015-12-01 07:45:10 | 9999-12-31 23:00:00 | INVALID_TIME   | tpep_dropoff_datetime
            2015-12-01 07:45:10 | ``                  | MISSING_FIELD  | tpep_dropoff_datetime is empty
            -73.9               | west                | INVALID_NUMBER | pickup_longitude is 'west'
            -73.9               | NaN                 | MISSING_FIELD  | pickup_longitude is empty
            -73.9               | inf                 | INVALID_NUMBER | pickup_longitude is 'inf'
            -73.9               | 1e999               | INVALID_NUMBER | it must be a number
            -73.9               | ``                  | MISSING_FIELD  | pickup_longitude is empty
            21.36               | 21.36,,x            | SURPLUS_FIELD  | field 21 is 'x'
            ,0.3,21.36          | ``                  | MISSING_FIELD  | names 19 fields, but the line has 17
            -73.9,40.7,1,N,-73.8,40.6,1,17,0,0.5,3.56,0,0.3,21.36 | -73. | MISSING_FIELD | the line has 6
            """)
    void reportsAnUnreadableRecordAndReadsTheOthers(String from, String to, RejectReason reason, String message)
            throws IOException {
        String content = YELLOW_2015 + "\n" + YELLOW_ROW + "\n" + YELLOW_ROW.replace(from, to) + "\n" + YELLOW_ROW;

        assertThat(read(content)).hasSize(2);

        assertThat(rejects.list).singleElement().satisfies(rejected -> {
            assertThat(rejected.object()).isEqualTo("a.csv");
            assertThat(rejected.line()).isEqualTo(3);
            assertThat(rejected.reason()).isEqualTo(reason);
            assertThat(rejected.message()).contains(message);
        });
    }

    @Test
    void blankLinesAreIgnoredButCountAsLines() throws IOException {
        read("\n\n" + YELLOW_2015 + "\r\n\r\n" + YELLOW_ROW + "\n\n\nbroken\n\n");

        assertThat(rejects.list).extracting(ListedRejects.Rejected::line).containsExactly(8L);
    }

    @Test
    void strayQuoteRejectsOnlyItsLine() throws IOException {
        assertThat(read(YELLOW_2015 + "\n\"" + YELLOW_ROW + "\n" + YELLOW_ROW.replace("N", "\"N") + "\n" + YELLOW_ROW))
                .hasSize(1);
        assertThat(rejects.list)
                .extracting(ListedRejects.Rejected::line, ListedRejects.Rejected::reason)
                .containsExactly(tuple(2L, RejectReason.INVALID_QUOTE), tuple(3L, RejectReason.INVALID_QUOTE));
    }

    @Test
    void tripIdsAreStableAndUnique() throws IOException {
        String content = YELLOW_2015 + "\n" + (YELLOW_ROW + "\n").repeat(1_000);

        List<Long> ids = read(content).stream().map(TripEvent::tripId).toList();

        assertThat(ids).doesNotHaveDuplicates().hasSize(1_000);
        assertThat(read(content)).extracting(TripEvent::tripId).isEqualTo(ids);
        assertThat(read(content, "b.csv")).extracting(TripEvent::tripId).doesNotContainAnyElementsOf(ids);
    }

    @Test
    void keepsAnIdInTheData() throws IOException {
        assertThat(read("trip_id," + YELLOW_2015 + "\n-7," + YELLOW_ROW + "\nx," + YELLOW_ROW))
                .extracting(TripEvent::tripId)
                .containsExactly(-7L, RecordIds.ofText("x"));
    }

    @Test
    void detectsJsonLinesByTheFirstCharacter() throws IOException {
        String trip =
                "{\"pickup_datetime\":\"2015-12-01T07:30:00-05:00\",\"dropoff_datetime\":\"2015-12-01T12:45:10Z\","
                        + "\"pickup_latitude\":40.7,\"pickup_longitude\":-73.9,\"dropoff_lat\":40.6,\"dropoff_lon\":-73.8,"
                        + "\"total_amount\":21.36}";

        List<TripEvent> trips = read("\n" + trip + "\r\n\n{\"type\":\"watermark\"}\nnonsense\n{}\n"
                + trip.replace("40.6", "\"x\"") + "\n" + "{".repeat(1 << 21) + "\n" + trip);

        assertThat(trips)
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("tripId")
                .containsExactly(YELLOW_TRIP, YELLOW_TRIP);
        assertThat(trips).extracting(TripEvent::tripId).doesNotHaveDuplicates();
        assertThat(rejects.list)
                .extracting(ListedRejects.Rejected::line, ListedRejects.Rejected::reason)
                .containsExactly(
                        tuple(4L, RejectReason.NOT_A_TRIP),
                        tuple(5L, RejectReason.NOT_JSON),
                        tuple(6L, RejectReason.MISSING_FIELD),
                        tuple(7L, RejectReason.INVALID_NUMBER),
                        tuple(8L, RejectReason.TOO_LONG));
    }

    @Test
    void rejectsAnOverlongLineAndReadsTheOthers() throws IOException {
        String longLine = "x".repeat(10_000_000);

        assertThat(read(YELLOW_2015 + "\n" + YELLOW_ROW + "\n" + longLine + "\n" + YELLOW_ROW + "\n" + longLine))
                .hasSize(2);

        assertThat(rejects.list)
                .extracting(ListedRejects.Rejected::line, ListedRejects.Rejected::reason)
                .containsExactly(tuple(3L, RejectReason.TOO_LONG), tuple(5L, RejectReason.TOO_LONG));
    }

    @Test
    void parsesOnlyTheDropoffOfALineOutsideTheTimeRange() throws IOException {
        String before = YELLOW_ROW.replace("07:45:10", "07:45:09").replace("-73.9", "nonsense");
        String at = YELLOW_ROW.replace("07:45:10", "07:45:20");
        var statistics = new InputStatistics();
        TimeRange range = range("2015-12-01T12:45:10Z", "2015-12-01T12:45:20Z");

        List<TripEvent> trips = read(
                YELLOW_2015 + "\n" + before + "\n" + YELLOW_ROW + "\n" + at + "\n"
                        + YELLOW_ROW.replace("2015-12-01 07:45:10", "soon") + "\n2,2015-12-01\n",
                "a.csv",
                range,
                statistics,
                rejects);

        assertThat(trips)
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("tripId")
                .containsExactly(YELLOW_TRIP);
        assertThat(statistics.skipped()).isEqualTo(2);
        assertThat(rejects.list)
                .extracting(ListedRejects.Rejected::reason)
                .containsExactly(RejectReason.INVALID_TIME, RejectReason.INVALID_TIME);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"dropoff_datetime\":\"%s\"",
                "\"dropoff_datetime\" : \t \"%s\"",
                // cannot be located without parsing: the name occurs twice, or the text is escaped
                "\"note\":{\"dropoff_datetime\":\"2015-12-01T12:45:15Z\"},\"dropoff_datetime\":\"%s\"",
                "\"dropoff_datetim\\u0065\":\"%s\""
            })
    void skipsJsonOutsideTheTimeRangeInEveryForm(String dropoff) throws IOException {
        String trip = "{\"pickup_datetime\":\"2015-12-01T07:30:00-05:00\"," + dropoff
                + ",\"pickup_lat\":40.7,\"pickup_lon\":-73.9,\"dropoff_lat\":40.6,\"dropoff_lon\":-73.8,"
                + "\"total_amount\":21.36}\n";
        var statistics = new InputStatistics();

        List<TripEvent> trips = read(
                trip.formatted("2015-12-01T12:45:09Z")
                        + trip.formatted("2015-12-01T12:45:10Z")
                        + trip.formatted("2015-12-01T12:45:20Z")
                        + trip.formatted("soon")
                        + trip.formatted("+999999999-12-31T00:00Z")
                        + trip.formatted("-999999999-01-01T00:00Z"),
                "a.json",
                range("2015-12-01T12:45:10Z", "2015-12-01T12:45:20Z"),
                statistics,
                rejects);

        assertThat(trips)
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("tripId")
                .containsExactly(YELLOW_TRIP);
        assertThat(statistics.skipped()).isEqualTo(2);
        assertThat(rejects.list)
                .extracting(ListedRejects.Rejected::reason)
                .hasSize(3)
                .containsOnly(RejectReason.INVALID_TIME);
    }

    @Test
    void unknownLayoutErrorShowsTheHeaderAndAcceptedNames() {
        assertThatThrownBy(() -> read("id,when\u0000,where\n1,2,3"))
                .isInstanceOf(InputFailedException.class)
                .hasMessageStartingWith("a.csv has an unknown layout: its first line is 'id,when\\u0000,where'")
                .hasMessageContaining("tpep_pickup_datetime")
                .hasMessageContaining("pulocationid");
    }

    @Test
    void blankFileHoldsNoTrips() throws IOException {
        assertThat(read(" \r\n\n\t")).isEmpty();
    }

    @Property(tries = 300)
    void everyLineOfACorruptedFileIsATripOrAReject(@ForAll long seed) throws IOException {
        var random = new Random(seed);
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            rows.add(random.nextInt(3) == 0 ? mutated(YELLOW_ROW, random) : YELLOW_ROW);
        }
        String content = YELLOW_2015 + "\n" + String.join("\n", rows);
        var listed = new ListedRejects();

        int trips = read(content, "a.csv", listed).size();

        long records = Stream.of(String.join("\n", rows).split("\r\n|\r|\n", -1))
                .filter(row -> !row.matches("[ \t]*"))
                .count();
        assertThat(trips + listed.list.size()).isEqualTo((int) records);
    }

    private static String mutated(String row, Random random) {
        StringBuilder text = new StringBuilder(row);
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(text.length() + 1);
            switch (random.nextInt(5)) {
                case 0 -> text.setLength(at);
                // a quote could join lines
                case 1 -> text.insert(at, (char) ((random.nextInt(255) + '"' + 1) % 256));
                case 2 -> text.insert(at, "\u0000");
                case 3 -> text.insert(at, text.substring(random.nextInt(at + 1), at));
                default -> text.insert(at, ",");
            }
        }
        return text.toString();
    }

    private static TimeRange range(String from, String to) {
        return new TimeRange(
                Instant.parse(from).toEpochMilli(), Instant.parse(to).toEpochMilli());
    }

    private List<TripEvent> read(String content) throws IOException {
        return read(content, "a.csv");
    }

    private List<TripEvent> read(String content, String object) throws IOException {
        return read(content, object, rejects);
    }

    private static List<TripEvent> read(String content, String object, RejectListener rejects) throws IOException {
        return read(content, object, TimeRange.ALL, new InputStatistics(), rejects);
    }

    private static List<TripEvent> read(
            String content, String object, TimeRange range, InputStatistics statistics, RejectListener rejects)
            throws IOException {
        var context = new ReadContext(range, statistics, rejects, line -> {});
        InputObject stored = Trips.object(object, content.getBytes(StandardCharsets.ISO_8859_1));
        List<TripEvent> trips = new ArrayList<>();
        try (RecordReader<TripEvent> reader =
                Reading.open(stored, new TripFormats(ZoneId.of("America/New_York")), context)) {
            for (TripEvent trip = reader.next(); trip != null; trip = reader.next()) {
                trips.add(trip);
            }
        }
        return trips;
    }
}
