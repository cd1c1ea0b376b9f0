package io.taxistream.clusters;

import io.taxistream.local.batch.BatchComputation;
import io.taxistream.local.batch.BatchComputation.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Random trips in files of consecutive time ranges, and the results of a batch computation over all of them. */
final class TripFiles {

    /** Not a multiple of the ten-minute window, so that windows are open at the end of every file. */
    private static final Duration FILE_LENGTH = Duration.ofMinutes(97);

    private static final Instant BEGIN = Instant.parse("2016-01-01T05:03:00Z");
    private static final int TRIPS_PER_FILE = 4_000;
    private static final double CELLS_AROUND_A_PLACE = 0.01;

    private static final Point[] PLACES = {
        new Point(40.7580, -73.9855), new Point(40.7060, -74.0090), new Point(40.6413, -73.7781),
        new Point(40.7769, -73.8740), new Point(40.6900, -73.9860), new Point(40.9999, -75.0000)
    };

    private final List<Path> files = new ArrayList<>();
    private final BatchComputation batch = new BatchComputation();
    private final Random random = new Random(1);

    private TripFiles() {}

    /** Writes files to a folder. */
    static TripFiles write(Path folder, int count) throws IOException {
        TripFiles trips = new TripFiles();
        for (int i = 0; i < count; i++) {
            Path file = folder.resolve("trips-" + i + ".json");
            Files.write(file, trips.lines(BEGIN.plus(FILE_LENGTH.multipliedBy(i))));
            trips.files.add(file);
        }
        return trips;
    }

    Path file(int index) {
        return files.get(index);
    }

    BatchComputation batch() {
        return batch;
    }

    private List<String> lines(Instant begin) {
        List<String> lines = new ArrayList<>();
        random.longs(TRIPS_PER_FILE, 0, FILE_LENGTH.toMillis()).sorted().forEach(millis -> {
            Instant dropoff = begin.plusMillis(millis);
            Instant pickup = dropoff.minusSeconds(60 + random.nextInt(3_000));
            Point from = randomPoint();
            Point to = randomPoint();
            batch.add(pickup, dropoff, from, to);
            lines.add(String.format(
                    Locale.ROOT,
                    "{\"type\":\"trip\",\"trip_id\":%d,\"pickup_datetime\":\"%s\",\"dropoff_datetime\":\"%s\","
                            + "\"pickup_lat\":%s,\"pickup_lon\":%s,\"dropoff_lat\":%s,\"dropoff_lon\":%s,"
                            + "\"total_amount\":12.5}",
                    random.nextLong(),
                    pickup,
                    dropoff,
                    from.lat(),
                    from.lon(),
                    to.lat(),
                    to.lon()));
        });
        return lines;
    }

    private Point randomPoint() {
        Point place = PLACES[random.nextInt(PLACES.length)];
        return new Point(
                place.lat() + random.nextDouble() * CELLS_AROUND_A_PLACE,
                place.lon() + random.nextDouble() * CELLS_AROUND_A_PLACE);
    }
}
