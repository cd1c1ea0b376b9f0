package io.taxistream.producer.trips;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.events.TripEvent;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.input.SingleObject;
import io.taxistream.producer.input.TimeRange;
import io.taxistream.producer.reading.ObjectEvents;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Tests ten thousand damaged files of every layout: each line is either a trip or a rejected record. */
class MutatedFilesTest {

    private static final int FILES = 10_000;
    private static final int LONG_LINE = 10 << 20;

    private static final String[] LAYOUTS = {
        // yellow 2009, 2014 and 2015; green 2015; yellow 2017; JSON lines; exports of several tools
        """
        vendor_name,Trip_Pickup_DateTime,Trip_Dropoff_DateTime,Passenger_Count,Trip_Distance,Start_Lon,Start_Lat,Rate_Code,store_and_forward,End_Lon,End_Lat,Payment_Type,Fare_Amt,surcharge,mta_tax,Tip_Amt,Tolls_Amt,Total_Amt
        VTS,2009-01-04 02:52:00,2009-01-04 03:02:00,1,2.6299999999999999,-73.991956999999999,40.721566999999999,,,-73.993802999999999,40.695922000000003,CASH,8.9000000000000004,0.5,,0,0,9.4000000000000004
        """, """
        vendor_id, pickup_datetime, dropoff_datetime, passenger_count, trip_distance, pickup_longitude, pickup_latitude, rate_code, store_and_fwd_flag, dropoff_longitude, dropoff_latitude, payment_type, fare_amount, surcharge, mta_tax, tip_amount, tolls_amount, total_amount
        CMT,2014-01-09 20:45:25,2014-01-09 20:52:31,1,0.7,-73.99477,40.736828,1,N,-73.982227,40.73179,CRD,6.5,0.5,0.5,1.4,0,8.9
        """, """
        VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,pickup_longitude,pickup_latitude,RateCodeID,store_and_fwd_flag,dropoff_longitude,dropoff_latitude,payment_type,fare_amount,extra,mta_tax,tip_amount,tolls_amount,improvement_surcharge,total_amount
        2,2015-01-15 19:05:39,2015-01-15 19:23:42,1,1.59,-73.993896484375,40.750110626220703,1,N,-73.974784851074219,40.750617980957031,1,12,1,0.5,3.25,0,0.3,17.05
        """, """
        VendorID,lpep_pickup_datetime,Lpep_dropoff_datetime,Store_and_fwd_flag,RateCodeID,Pickup_longitude,Pickup_latitude,Dropoff_longitude,Dropoff_latitude,Passenger_count,Trip_distance,Fare_amount,Extra,MTA_tax,Tip_amount,Tolls_amount,Ehail_fee,improvement_surcharge,Total_amount,Payment_type,Trip_type\s
        2,2015-07-01 00:12:24,2015-07-01 00:31:46,N,1,-73.957626,40.717979,-73.931351,40.693218,1,3.39,14.5,.5,.5,0,0,,.3,15.8,2,1,,
        """, """
        VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,RatecodeID,store_and_fwd_flag,PULocationID,DOLocationID,payment_type,fare_amount,extra,mta_tax,tip_amount,tolls_amount,improvement_surcharge,total_amount
        1,2017-01-09 11:13:28,2017-01-09 11:25:45,1,3.30,1,N,263,161,1,12.5,0,0.5,2,0,0.3,15.3
        """, """

        {"vendor_id":1,"pickup_datetime":"2010-01-01T00:00:00.000Z","dropoff_datetime":"2010-01-01T00:02:00.000Z","pickup_longitude":-73.972,"pickup_latitude":40.785,"dropoff_longitude":-73.974,"dropoff_latitude":40.792,"total_amount":4.7}
        """, """
        VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,PULocationID,DOLocationID,total_amount
        2,03/25/2017 8:55:43 AM,03/25/2017 12:09:47 PM,100.0,231.0,16.56
        """, """
        VendorID;tpep_pickup_datetime;tpep_dropoff_datetime;PULocationID;DOLocationID;total_amount
        2;2019-03-01 00:00:10;2019-03-01 00:10:10;161;132;52,5
        """, """
        trip_id\ttpep_pickup_datetime\ttpep_dropoff_datetime\tPULocationID\tDOLocationID\ttotal_amount
        9f3c\t2019-03-01 00:00:10\t2019-03-01 00:10:10\t161\t132\tNaN
        """, """
        "","tpep_pickup_datetime","tpep_dropoff_datetime","PULocationID","DOLocationID","vendor","total_amount"
        "1","2019-03-01 00:00:10","2019-03-01 00:10:10",161,132,"Cab Co, ""7\"\"",52.5
        """, """

        {"VendorID":2,"lpep_pickup_datetime":"2025-11-01 00:34:48","lpep_dropoff_datetime":"2025-11-01 00:41:39","PULocationID":74.0,"DOLocationID":"42","total_amount":null}
        """, """
        [
        {"tpep_pickup_datetime":"2025-11-01T00:34:48.000","tpep_dropoff_datetime":"2025-11-01T00:41:39.000","pulocationid":"74","dolocationid":"42","total_amount":"11.64"},
        """
    };

    private static final Charset[] ENCODINGS = {
        StandardCharsets.UTF_8, StandardCharsets.ISO_8859_1, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE
    };

    private final Random random = new Random(2015);

    /** Outcome of a file, so that the test can show that it covered every kind. */
    private enum Outcome {
        ALL_TRIPS,
        SOME_REJECTED,
        NOTHING_BUT_REJECTED,
        /** A JSON array with a syntax error, or without an end. */
        DAMAGED,
        REFUSED
    }

    /** A damaged file. */
    private static final class SpoiledFile {

        private final byte[] content;

        /** Trip in each of the intact lines. */
        private final TripEvent trip;

        /** Number of intact lines, or 0 if unknown. */
        private final int intactLines;

        SpoiledFile(byte[] content, TripEvent trip, int intactLines) {
            this.content = content;
            this.trip = trip;
            this.intactLines = intactLines;
        }
    }

    @Test
    void everyLineIsATripOrAReject() {
        Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);

        Assertions.assertTimeoutPreemptively(Duration.ofMinutes(2), () -> {
            for (int i = 0; i < FILES; i++) {
                outcomes.merge(read(mutated(i == FILES / 2)), 1, Integer::sum);
            }
        });

        assertThat(outcomes).containsOnlyKeys(Outcome.values());
        assertThat(outcomes.get(Outcome.REFUSED)).isLessThan(FILES / 3);
    }

    private Outcome read(SpoiledFile file) {
        var statistics = new InputStatistics();
        var rejects = new ListedRejects();
        List<String> messages = new ArrayList<>();
        List<TripEvent> trips;
        try {
            trips = trips(file.content, statistics, rejects, messages);
        } catch (InputFailedException e) {
            assertThat(e).message().matches("mutated (has|is|holds) \\P{Cntrl}*");
            return Outcome.REFUSED;
        }
        // The name of that column may have been spoiled.
        messages.removeIf(line -> line.startsWith("mutated has no column with amounts"));
        assertThat(statistics.events()).isEqualTo(trips.size());
        assertThat(statistics.rejected()).isEqualTo(rejects.list.size());
        assertThat(trips)
                .filteredOn(trip -> withoutId(trip).equals(withoutId(file.trip)))
                .hasSizeGreaterThanOrEqualTo(messages.isEmpty() ? file.intactLines : 0);
        if (!messages.isEmpty()) {
            assertThat(messages).singleElement().asString().startsWith("mutated is damaged");
            return Outcome.DAMAGED;
        }
        String text = new String(file.content, StandardCharsets.ISO_8859_1);
        int records = records(text);
        if (text.stripLeading().startsWith("[")
                || text.stripLeading().lines().findFirst().orElse("").strip().equals("{")) {
            assertThat(trips.size() + rejects.list.size()).isLessThanOrEqualTo(records + 1);
        } else if (text.contains("\"") && !text.stripLeading().startsWith("{")) {
            // a quoted field may contain line breaks
            assertThat(trips.size() + rejects.list.size()).isBetween(Math.min(records, 1), records);
        } else {
            assertThat(trips.size() + rejects.list.size()).isEqualTo(records);
        }
        return rejects.list.isEmpty()
                ? Outcome.ALL_TRIPS
                : trips.isEmpty() ? Outcome.NOTHING_BUT_REJECTED : Outcome.SOME_REJECTED;
    }

    private static List<TripEvent> trips(
            byte[] content, InputStatistics statistics, ListedRejects rejects, List<String> messages) {
        try (var source = new ObjectEvents<>(
                new SingleObject(Trips.object("mutated", content)),
                new TripFormats(ZoneId.of("America/New_York")),
                "trips",
                TimeRange.ALL,
                statistics,
                rejects,
                messages::add)) {
            return Trips.all(source);
        }
    }

    private static TripEvent withoutId(TripEvent trip) {
        return new TripEvent(
                0,
                trip.pickupMillis(),
                trip.dropoffMillis(),
                trip.pickupLat(),
                trip.pickupLon(),
                trip.dropoffLat(),
                trip.dropoffLon(),
                trip.totalAmount());
    }

    /** Returns the number of non-blank lines after the header. */
    private static int records(String text) {
        int lines = 0;
        for (String line : text.split("\r\n|\r|\n", -1)) {
            if (!isBlank(line)) {
                lines++;
            }
        }
        return text.stripLeading().startsWith("{") || lines == 0 ? lines : lines - 1;
    }

    private static boolean isBlank(String line) {
        return line.chars().allMatch(c -> c == ' ' || c == '\t');
    }

    private SpoiledFile mutated(boolean withLongLine) {
        String[] layout = LAYOUTS[withLongLine ? 0 : random.nextInt(LAYOUTS.length)].split("\n", -1);
        List<String> lines = new ArrayList<>(List.of(layout[0]));
        TripEvent trip = trips(
                        (layout[0].equals("[") ? layout[1].replaceFirst(",$", "") : layout[0] + "\n" + layout[1])
                                .getBytes(StandardCharsets.UTF_8),
                        new InputStatistics(),
                        new ListedRejects(),
                        new ArrayList<>())
                .get(0);
        int intactLines = 0;
        for (int i = 1 + random.nextInt(6); i > 0; i--) {
            boolean intact = random.nextInt(3) == 0;
            lines.add(intact ? layout[1] : mutated(layout[1]));
            intactLines += intact ? 1 : 0;
        }
        if (withLongLine) {
            lines.add(1, "9".repeat(LONG_LINE));
        }
        if (random.nextInt(20) == 0) {
            lines.set(0, mutated(lines.get(0)));
            intactLines = 0;
        }
        if (layout[0].equals("[")) {
            lines.set(lines.size() - 1, layout[1].replaceFirst(",$", "]"));
            intactLines = 0;
        }
        Charset encoding = random.nextInt(10) == 0 ? ENCODINGS[random.nextInt(ENCODINGS.length)] : ENCODINGS[0];
        String end = List.of("\n", "\r\n", "\r").get(random.nextInt(3));
        String text = String.join(end, lines);
        byte[] file = text.getBytes(encoding);
        if (random.nextInt(10) == 0 && !withLongLine) {
            byte[] cut = new byte[1 + random.nextInt(file.length)];
            System.arraycopy(file, 0, cut, 0, cut.length);
            return new SpoiledFile(cut, trip, 0);
        }
        boolean joinable = text.contains("\"") && !text.contains("{");
        return new SpoiledFile(file, trip, joinable ? 0 : intactLines);
    }

    private String mutated(String line) {
        StringBuilder text = new StringBuilder(line);
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(text.length() + 1);
            switch (random.nextInt(7)) {
                case 0 -> text.setLength(at);
                case 1 -> text.insert(at, (char) random.nextInt(0x3000));
                case 2 -> text.insert(at, "\u0000".repeat(1 + random.nextInt(3)));
                case 3 -> text.insert(at, text.substring(random.nextInt(at + 1), at));
                case 4 -> text.insert(at, random.nextBoolean() ? "," : "\"");
                case 5 -> {
                    List<String> fields =
                            new ArrayList<>(List.of(text.toString().split(",", -1)));
                    Collections.swap(fields, random.nextInt(fields.size()), random.nextInt(fields.size()));
                    text.replace(0, text.length(), String.join(",", fields));
                }
                default -> {
                    String[] wrong = {"NaN", "-1e999", "12/31/2015 11:59 PM", "true", "[]", "9999-99-99 99:99:99", ""};
                    List<String> fields =
                            new ArrayList<>(List.of(text.toString().split(",", -1)));
                    fields.set(random.nextInt(fields.size()), wrong[random.nextInt(wrong.length)]);
                    text.replace(0, text.length(), String.join(",", fields));
                }
            }
        }
        return text.toString();
    }
}
