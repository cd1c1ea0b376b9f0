package io.taxistream.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.events.TripEvent;
import io.taxistream.eventtime.Part;
import io.taxistream.producer.events.EventSource;
import io.taxistream.producer.input.FileStore;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.input.TimeRange;
import io.taxistream.producer.order.SortedEvents;
import io.taxistream.producer.reading.ObjectEvents;
import io.taxistream.producer.replay.AdaptTime;
import io.taxistream.producer.replay.PrintedEvents;
import io.taxistream.producer.replay.Progress;
import io.taxistream.producer.replay.Replay;
import io.taxistream.producer.replay.TimeSource;
import io.taxistream.producer.trips.TripForm;
import io.taxistream.producer.trips.TripFormats;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the lines of statistics while a file is read, sorted and sent. */
class ProgressLinesTest {

    private static final int TRIPS = 100_000;

    @TempDir
    Path folder;

    private final InputStatistics statistics = new InputStatistics();
    private final SteadyClock clock = new SteadyClock();
    private final List<String> lines = new ArrayList<>();
    private Progress progress;

    @Test
    void progressWhileSortingShowsShareTripsAndTimeLeft() throws IOException {
        replay(true, trips -> {
            if (trips % 25_000 == 0) {
                lines.add(progress.line());
            }
        });

        assertThat(lines.get(0))
                .matches("progress sent=0 rate=0 phase=sorting lag=0.0 input=2[4-9]% read=25000 left=7[0-9] .*");
        assertThat(lines.get(1))
                .matches(
                        "progress sent=0 rate=0 phase=sorting lag=0.0 input=(49|5[0-4])% read=50000 left=(4[5-9]|50) .*");
        assertThat(lines.get(3)).contains(" phase=sorting ", " input=100% read=100000 left=0 ");
    }

    @Test
    void progressWhileSendingShowsTimeLeft() throws IOException {
        replay(true, trips -> {});

        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).contains(" phase=sending ").doesNotContain(" left=");
        // sending half of them took fifty seconds
        assertThat(lines.get(1)).startsWith("progress sent=50001 ").contains(" phase=sending ", " left=50 ");
    }

    @Test
    void unsortedInputHasNoSortingPhase() throws IOException {
        replay(false, trips -> {
            if (trips == 50_000) {
                lines.add(0, progress.line());
            }
        });

        assertThat(lines.get(0)).contains(" phase=sending ", " read=50000 ").containsPattern(" left=(4[5-9]|50) ");
    }

    /** Reads and sends a file; each step takes a millisecond per trip. */
    private void replay(boolean sort, LongConsumer read) throws IOException {
        StringBuilder csv = new StringBuilder("pickup_datetime,dropoff_datetime,pickup_longitude,pickup_latitude,"
                + "dropoff_longitude,dropoff_latitude,total_amount\n");
        csv.append("2015-12-01 00:00:00,2015-12-01 00:10:00,-73.9,40.7,-73.8,40.6,12.5\n".repeat(TRIPS));
        Path file = Files.writeString(folder.resolve("trips.csv"), csv);
        EventSource<TripEvent> source = new Watched(
                new ObjectEvents<>(
                        new FileStore(file),
                        new TripFormats(ZoneOffset.UTC),
                        "trips",
                        TimeRange.ALL,
                        statistics,
                        (object, line, reason, message) -> {},
                        line -> {}),
                trips -> {
                    clock.nanos += 1_000_000;
                    read.accept(trips);
                });
        EventSource<TripEvent> ordered = sort ? new SortedEvents<>(source, new TripForm(), 1 << 30) : source;
        var sink = new PrintedEvents<>(OutputStream.nullOutputStream(), new TripForm(), false, Part.ONLY);
        EventSource<TripEvent> sent = new Watched(ordered, trips -> {
            if (sort && (trips == 2 || trips == TRIPS / 2 + 2)) {
                lines.add(progress.line());
            }
            if (sort) {
                clock.nanos += 1_000_000;
            }
        });
        var settings = new Replay.Settings(0, AdaptTime.ORIGINAL, Duration.ofHours(1), Part.ONLY);
        var replay = new Replay<>(sent::next, new TripForm(), sink, settings, clock, line -> {});
        progress = new Progress(statistics, sink, replay, sort, clock);
        replay.run();
    }

    /** Reports the number of trips read. */
    private static final class Watched implements EventSource<TripEvent> {

        private final EventSource<TripEvent> trips;
        private final LongConsumer watcher;
        private long count;

        Watched(EventSource<TripEvent> trips, LongConsumer watcher) {
            this.trips = trips;
            this.watcher = watcher;
        }

        @Override
        public TripEvent next() {
            TripEvent trip = trips.next();
            if (trip != null) {
                watcher.accept(++count);
            }
            return trip;
        }

        @Override
        public void close() {
            trips.close();
        }
    }

    private static final class SteadyClock implements TimeSource {

        private long nanos;

        @Override
        public long millis() {
            return nanos / 1_000_000;
        }

        @Override
        public long nanoTime() {
            return nanos;
        }

        @Override
        public void sleep(long sleepNanos) {
            nanos += sleepNanos;
        }
    }
}
