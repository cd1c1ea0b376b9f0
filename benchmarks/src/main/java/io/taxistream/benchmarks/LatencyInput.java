package io.taxistream.benchmarks;

import io.taxistream.events.EventWriter;
import io.taxistream.events.TripEvent;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Trips that give every window the same documents: one for each of 60 cells, and one for each of the 15 cells whose
 * trips end at JFK.
 */
final class LatencyInput {

    static final int DOCUMENTS_PER_WINDOW = 75;

    private static final Instant START = Instant.parse("2016-01-01T05:00:00Z");
    private static final long WINDOW_MILLIS = Duration.ofMinutes(10).toMillis();
    private static final Duration TRIP = Duration.ofMinutes(15);
    private static final int ROWS = 10;
    private static final int COLUMNS = 6;
    private static final int TRIPS_PER_CELL = 3;

    /** All trips of every fourth cell go to the airport. */
    private static final int AIRPORT_EVERY = 4;

    /** Distance between adjacent cells in degrees; a geohash of six characters spans 0.0055 by 0.011 degrees. */
    private static final double SPACING = 0.012;

    private LatencyInput() {}

    /** Returns the number of windows closed by a span of event time; the last one stays open. */
    static int windows(Duration eventTime) {
        return Math.toIntExact(eventTime.toMillis() / WINDOW_MILLIS) - 1;
    }

    /** Writes the trips of whole windows, sorted by drop-off. */
    static void write(Path file, Duration eventTime) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        EventWriter writer = new EventWriter();
        long id = 0;
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            for (int window = 0; window <= windows(eventTime); window++) {
                long start = START.toEpochMilli() + window * WINDOW_MILLIS;
                long[] dropoffs = random.longs(ROWS * COLUMNS * TRIPS_PER_CELL, start, start + WINDOW_MILLIS)
                        .toArray();
                Arrays.sort(dropoffs);
                for (int i = 0; i < dropoffs.length; i++) {
                    int cell = i % (ROWS * COLUMNS);
                    boolean airport = cell % AIRPORT_EVERY == 0;
                    out.write(writer.write(new TripEvent(
                            id++,
                            dropoffs[i] - TRIP.toMillis(),
                            dropoffs[i],
                            40.70 + SPACING * (cell % ROWS),
                            -74.01 + SPACING * Math.floorDiv(cell, ROWS),
                            airport ? 40.6447 : 40.75,
                            airport ? -73.7820 : -73.98,
                            12.5)));
                }
            }
        }
    }
}
