package io.taxistream.benchmarks;

import io.taxistream.events.EventWriter;
import io.taxistream.events.TripEvent;
import io.taxistream.local.data.GeneratedDay;
import io.taxistream.producer.events.EventSource;
import io.taxistream.producer.input.FileStore;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.input.TimeRange;
import io.taxistream.producer.reading.ObjectEvents;
import io.taxistream.producer.trips.TripFormats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Input of all benchmarks: a file given by the user, or a generated day of trips.
 *
 * @param file a trip file in any layout and compression that the producer reads
 */
record Input(Path file) {

    static final ZoneId NEW_YORK = ZoneId.of("America/New_York");
    private static final long SEED = 1;

    /**
     * @param file a trip file; if empty, a generated day, which is kept in the build folder
     */
    static Input of(Optional<Path> file) throws IOException {
        if (file.isPresent()) {
            return new Input(file.get());
        }
        Path generated = Path.of("benchmarks", "target", "yellow_tripdata_" + GeneratedDay.DATE + ".csv.gz");
        if (!Files.exists(generated)) {
            Files.createDirectories(generated.getParent());
            new GeneratedDay(SEED).writeTo(generated);
        }
        return new Input(generated);
    }

    /** Returns the name used in the tables. */
    String name() {
        return String.valueOf(file.getFileName());
    }

    /** Reads the file as the producer does, in line order. */
    EventSource<TripEvent> open() {
        return new ObjectEvents<>(
                new FileStore(file),
                new TripFormats(NEW_YORK),
                "trips",
                TimeRange.ALL,
                new InputStatistics(),
                (object, line, reason, message) -> {},
                line -> {});
    }

    /** Returns all trips sorted by drop-off, the order in which they are replayed. */
    List<TripEvent> trips() {
        List<TripEvent> trips = new ArrayList<>();
        try (EventSource<TripEvent> source = open()) {
            TripEvent trip;
            while ((trip = source.next()) != null) {
                trips.add(trip);
            }
        }
        trips.sort(Comparator.comparingLong(TripEvent::timestampMillis));
        return trips;
    }

    /**
     * Returns the records of the trips sorted by drop-off, as the stream holds them, repeated for a number of days.
     * Each day is a copy of the first with different ids.
     */
    byte[][] records(int days) {
        List<TripEvent> trips = trips();
        EventWriter writer = new EventWriter();
        byte[][] records = new byte[trips.size() * days][];
        for (int day = 0; day < days; day++) {
            long shift = Duration.ofDays(day).toMillis();
            for (int i = 0; i < trips.size(); i++) {
                TripEvent trip = trips.get(i);
                records[day * trips.size() + i] = writer.write(new TripEvent(
                        trip.tripId() + day,
                        trip.pickupMillis() + shift,
                        trip.dropoffMillis() + shift,
                        trip.pickupLat(),
                        trip.pickupLon(),
                        trip.dropoffLat(),
                        trip.dropoffLon(),
                        trip.totalAmount()));
            }
        }
        return records;
    }
}
