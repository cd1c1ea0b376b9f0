package io.taxistream.local;

import io.taxistream.events.TripEvent;
import io.taxistream.local.batch.BatchComputation;
import io.taxistream.local.batch.BatchComputation.Point;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/**
 * A set of trips and its batch computation.
 *
 * @param inOrder trips sorted by drop-off
 */
public record Trips(List<TripEvent> inOrder, BatchComputation batch) {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);
    private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");

    /** Reads the trips of a file in the layout of 2015, with line numbers as ids. */
    static Trips read(Path file) throws IOException {
        List<TripEvent> trips = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(open(file), StandardCharsets.UTF_8))) {
            lines.readLine();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] fields = line.split(",", -1);
                trips.add(new TripEvent(
                        trips.size() + 1L,
                        millis(fields[1]),
                        millis(fields[2]),
                        Double.parseDouble(fields[6]),
                        Double.parseDouble(fields[5]),
                        Double.parseDouble(fields[10]),
                        Double.parseDouble(fields[9]),
                        Double.parseDouble(fields[fields.length - 1])));
            }
        }
        return of(trips, new BatchComputation());
    }

    /** Combines trips with the batch computation to be made of them. */
    static Trips of(List<TripEvent> trips, BatchComputation batch) {
        for (TripEvent trip : trips) {
            batch.add(
                    Instant.ofEpochMilli(trip.pickupMillis()),
                    Instant.ofEpochMilli(trip.dropoffMillis()),
                    new Point(trip.pickupLat(), trip.pickupLon()),
                    new Point(trip.dropoffLat(), trip.dropoffLon()));
        }
        return new Trips(
                trips.stream()
                        .sorted(Comparator.comparingLong(TripEvent::dropoffMillis))
                        .toList(),
                batch);
    }

    private static InputStream open(Path file) throws IOException {
        InputStream bytes = Files.newInputStream(file);
        return file.toString().endsWith(".gz") ? new GZIPInputStream(bytes, 1 << 16) : bytes;
    }

    private static long millis(String newYorkTime) {
        return LocalDateTime.parse(newYorkTime, TIME)
                .atZone(NEW_YORK)
                .toInstant()
                .toEpochMilli();
    }
}
