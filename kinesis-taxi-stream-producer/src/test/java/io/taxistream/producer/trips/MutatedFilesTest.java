package io.taxistream.producer.trips;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.events.TripEvent;
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

/** Ten thousand files of every layout that somebody has spoiled: each line is a trip or a rejected record. */
class MutatedFilesTest {

    private static final int FILES = 10_000;
    private static final int LONG_LINE = 10 << 20;

    private static final String[] LAYOUTS = {
        // yellow 2009, 2014 and 2015; green 2015; yellow 2017; JSON lines
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
        """
    };

    private static final Charset[] ENCODINGS = {
        StandardCharsets.UTF_8, StandardCharsets.ISO_8859_1, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE
    };

    private final Random random = new Random(2015);

    /** How files ended, so that the test shows that it met every kind. */
    private enum Outcome {
        ALL_TRIPS,
        SOME_REJECTED,
        NOTHING_BUT_REJECTED,
        UNKNOWN_LAYOUT
    }

    @Test
    void everyLineIsATripOrARejectedRecord() {
        Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);

        Assertions.assertTimeoutPreemptively(Duration.ofMinutes(2), () -> {
            for (int i = 0; i < FILES; i++) {
                outcomes.merge(read(mutated(i == FILES / 2)), 1, Integer::sum);
            }
        });

        assertThat(outcomes).containsOnlyKeys(Outcome.values());
        assertThat(outcomes.get(Outcome.UNKNOWN_LAYOUT)).isLessThan(FILES / 3);
    }

    private Outcome read(byte[] file) {
        var statistics = new InputStatistics();
        var rejects = new ListedRejects();
        List<String> messages = new ArrayList<>();
        List<TripEvent> trips;
        try (var source = new ObjectTrips(
                new SingleObject(Trips.object("mutated", file)),
                ZoneId.of("America/New_York"),
                TimeRange.ALL,
                statistics,
                rejects,
                messages::add)) {
            trips = Trips.all(source);
        } catch (InputFailedException e) {
            assertThat(e)
                    .hasMessageStartingWith("mutated has an unknown layout")
                    .message()
                    .hasLineCount(1);
            return Outcome.UNKNOWN_LAYOUT;
        }
        assertThat(messages).isEmpty();
        assertThat(statistics.trips()).isEqualTo(trips.size());
        assertThat(statistics.rejected()).isEqualTo(rejects.list.size());
        assertThat(trips.size() + rejects.list.size()).isEqualTo(records(file));
        return rejects.list.isEmpty()
                ? Outcome.ALL_TRIPS
                : trips.isEmpty() ? Outcome.NOTHING_BUT_REJECTED : Outcome.SOME_REJECTED;
    }

    /** The lines with something in them, but for the header. */
    private static int records(byte[] file) {
        int lines = 0;
        for (String line : new String(file, StandardCharsets.ISO_8859_1).split("\n", -1)) {
            if (!isBlank(line)) {
                lines++;
            }
        }
        String content = new String(file, 0, Math.min(file.length, 100), StandardCharsets.ISO_8859_1);
        return content.stripLeading().startsWith("{") || lines == 0 ? lines : lines - 1;
    }

    private static boolean isBlank(String line) {
        return line.chars().allMatch(c -> c == ' ' || c == '\t' || c == '\r');
    }

    private byte[] mutated(boolean withLongLine) {
        String[] layout = LAYOUTS[random.nextInt(LAYOUTS.length)].split("\n", -1);
        List<String> lines = new ArrayList<>(List.of(layout[0]));
        for (int i = 1 + random.nextInt(6); i > 0; i--) {
            lines.add(random.nextInt(3) == 0 ? layout[1] : mutated(layout[1]));
        }
        if (withLongLine) {
            lines.add(1, "9".repeat(LONG_LINE));
        }
        if (random.nextInt(20) == 0) {
            lines.set(0, mutated(lines.get(0)));
        }
        Charset encoding = random.nextInt(10) == 0 ? ENCODINGS[random.nextInt(ENCODINGS.length)] : ENCODINGS[0];
        byte[] file = String.join(random.nextBoolean() ? "\n" : "\r\n", lines).getBytes(encoding);
        if (random.nextInt(10) == 0 && !withLongLine) {
            byte[] cut = new byte[1 + random.nextInt(file.length)];
            System.arraycopy(file, 0, cut, 0, cut.length);
            return cut;
        }
        return file;
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

    private record SingleObject(TripObject object) implements TripStore {

        @Override
        public List<TripObject> list() {
            return List.of(object);
        }

        @Override
        public void close() {
            // holds nothing
        }
    }
}
