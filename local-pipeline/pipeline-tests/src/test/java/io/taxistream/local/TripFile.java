package io.taxistream.local;

import io.taxistream.local.batch.BatchComputation;
import io.taxistream.local.batch.BatchComputation.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** A small file of yellow trips in the layout of 2015, and its batch computation. */
final class TripFile {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);
    private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");
    private static final String HEADER =
            "VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,pickup_longitude,"
                    + "pickup_latitude,RatecodeID,store_and_fwd_flag,dropoff_longitude,dropoff_latitude,payment_type,"
                    + "fare_amount,extra,mta_tax,tip_amount,tolls_amount,improvement_surcharge,total_amount";

    private static final Point[] PLACES = {
        new Point(40.7580, -73.9855), new Point(40.7060, -74.0090), new Point(40.7420, -74.0048),
        new Point(40.6413, -73.7781), new Point(40.7769, -73.8740), new Point(40.6900, -73.9860)
    };

    private TripFile() {}

    /** Writes random trips that end within six hours of one night, unsorted, some of them outside the area or implausible. */
    static void write(Path file, int trips, long seed) throws IOException {
        write(file, trips, Duration.ofHours(6), seed);
    }

    /** Writes random trips that end within a period that starts on that night. */
    static void write(Path file, int trips, Duration span, long seed) throws IOException {
        Random random = new Random(seed);
        LocalDateTime midnight = LocalDateTime.parse("2015-12-01T00:00:00");
        List<String> lines = new ArrayList<>();
        lines.add(HEADER);
        for (int i = 0; i < trips; i++) {
            LocalDateTime dropoff = midnight.plusSeconds(random.nextInt((int) span.toSeconds()));
            int minutes = random.nextInt(200) == 0 ? 400 : random.nextInt(200) == 0 ? -1 : 3 + random.nextInt(50);
            Point from =
                    random.nextInt(50) == 0 ? new Point(0, 0) : around(PLACES[random.nextInt(PLACES.length)], random);
            Point to =
                    random.nextInt(50) == 0 ? new Point(0, 0) : around(PLACES[random.nextInt(PLACES.length)], random);
            lines.add(String.join(
                    ",",
                    "2",
                    TIME.format(dropoff.minusMinutes(minutes)),
                    TIME.format(dropoff),
                    "1,2.5",
                    Double.toString(from.lon()),
                    Double.toString(from.lat()),
                    "1,N",
                    Double.toString(to.lon()),
                    Double.toString(to.lat()),
                    "1,12,0.5,0.5,2.65,0,0.3,15.95"));
        }
        Files.write(file, lines);
    }

    private static Point around(Point place, Random random) {
        return new Point(
                place.lat() + (random.nextDouble() - 0.5) / 100, place.lon() + (random.nextDouble() - 0.5) / 100);
    }

    /** Returns the batch computation over the trips of the file, parsed by splitting its lines. */
    static BatchComputation batch(Path file) throws IOException {
        BatchComputation batch = new BatchComputation();
        List<String> lines = Files.readAllLines(file);
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split(",", -1);
            batch.add(
                    LocalDateTime.parse(fields[1], TIME).atZone(NEW_YORK).toInstant(),
                    LocalDateTime.parse(fields[2], TIME).atZone(NEW_YORK).toInstant(),
                    new Point(Double.parseDouble(fields[6]), Double.parseDouble(fields[5])),
                    new Point(Double.parseDouble(fields[10]), Double.parseDouble(fields[9])));
        }
        return batch;
    }
}
