package io.taxistream.producer.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.events.TripEvent;
import io.taxistream.producer.events.EventSource;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.trips.TripForm;
import io.taxistream.producer.trips.Trips;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the order of trips: reordered within a buffer, or sorted. */
class OrderTest {

    private static final Comparator<TripEvent> BY_EVENT_TIME = Comparator.comparingLong(TripEvent::timestampMillis);

    private final InputStatistics statistics = new InputStatistics();

    @Test
    void reordersTripsWithinTheBuffer() {
        EventSource<TripEvent> trips =
                new ReorderedEvents<>(source(3_000, 1_000, 2_000), new TripForm(), 3, statistics);

        assertThat(Trips.all(trips)).extracting(TripEvent::timestampMillis).containsExactly(1_000L, 2_000L, 3_000L);
        assertThat(statistics.late()).isZero();
    }

    @Test
    void dropsAndCountsTripsLaterThanTheBuffer() {
        EventSource<TripEvent> trips =
                new ReorderedEvents<>(source(2_000, 3_000, 4_000, 1_000, 3_500), new TripForm(), 2, statistics);

        assertThat(Trips.all(trips))
                .extracting(TripEvent::timestampMillis)
                .containsExactly(2_000L, 3_000L, 3_500L, 4_000L);
        assertThat(statistics.late()).isEqualTo(1);
    }

    @Property
    void emitsInOrderAndCountsEveryDroppedTrip(
            @ForAll List<@IntRange(max = 50) Integer> times, @ForAll @IntRange(min = 1, max = 20) int capacity) {
        var counts = new InputStatistics();
        List<TripEvent> input = new ArrayList<>();
        for (int i = 0; i < times.size(); i++) {
            input.add(Trips.at(i, times.get(i)));
        }

        List<TripEvent> output =
                Trips.all(new ReorderedEvents<>(Trips.source(input), new TripForm(), capacity, counts));

        assertThat(output).isSortedAccordingTo(BY_EVENT_TIME).doesNotHaveDuplicates();
        assertThat(input).containsAll(output);
        assertThat(output.size() + counts.late()).isEqualTo(input.size());
        if (capacity >= input.size()) {
            assertThat(counts.late()).isZero();
        }
    }

    @Test
    void externalSortIsStable() throws IOException {
        var random = new Random(1);
        List<TripEvent> input = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            input.add(Trips.at(i, 1_000L * random.nextInt(5_000)));
        }
        var trips = new SortedEvents<>(Trips.source(input), new TripForm(), 1 << 20);

        List<TripEvent> output = Trips.all(trips);

        assertThat(output).isEqualTo(input.stream().sorted(BY_EVENT_TIME).toList());
        trips.close();
        assertThat(spillFiles()).isEmpty();
    }

    @Test
    void sortingLeavesNoVisibleTemporaryFiles(@TempDir Path temporary) throws IOException {
        var trips = new SortedEvents<>(Trips.source(backwards(50_000)), new TripForm(), 1 << 20, temporary);

        assertThat(trips.next().timestampMillis()).isEqualTo(1);

        assertThat(temporary).isEmptyDirectory();
        trips.close();
    }

    @Test
    void missingTemporaryFolderIsNamed(@TempDir Path temporary) {
        Path missing = temporary.resolve("missing");

        assertThatThrownBy(() ->
                        new SortedEvents<>(Trips.source(backwards(50_000)), new TripForm(), 1 << 20, missing).next())
                .isInstanceOf(InputFailedException.class)
                .hasMessageContaining(
                        "cannot be used in " + missing + ": no such file or folder; check that the folder is writable")
                .hasMessageContaining("-Djava.io.tmpdir=FOLDER")
                .hasMessageNotContaining("-sortMemory");
    }

    @Test
    void sortingUsesAtMostHalfTheHeap() {
        assertThat(SortedEvents.maxMemoryBytes(1L << 30)).isEqualTo(512L << 20);
    }

    @Test
    void stoppingASourceEndsItEvenWhileSorting() {
        var read = new AtomicLong();
        var trips = new SortedEvents<>(
                new StoppableEvents<>(endless(read), () -> read.get() == 1_000), new TripForm(), 1 << 20);

        assertThat(Trips.all(trips)).hasSize(1_000);
    }

    @Test
    void stopEndsASourceThatFindsNoEvent() {
        var statistics = new InputStatistics();
        statistics.stopWhen(() -> statistics.skipped() == 1_000);
        EventSource<TripEvent> withoutEvents = new EventSource<>() {
            @Override
            public TripEvent next() {
                while (true) {
                    statistics.countSkipped();
                }
            }

            @Override
            public void close() {}
        };

        assertThat(Trips.all(new StoppableEvents<>(withoutEvents, () -> false))).isEmpty();
        assertThat(statistics.skipped()).isEqualTo(1_000);
    }

    @Test
    void sortsEmptyInput() {
        assertThat(Trips.all(new SortedEvents<>(source(), new TripForm(), 1 << 20)))
                .isEmpty();
    }

    @Property
    void sortsWhatFitsInMemory(@ForAll List<@IntRange(max = 50) Integer> times) {
        List<TripEvent> input = new ArrayList<>();
        for (int i = 0; i < times.size(); i++) {
            input.add(Trips.at(i, times.get(i)));
        }

        assertThat(Trips.all(new SortedEvents<>(Trips.source(input), new TripForm(), 1 << 20)))
                .isEqualTo(input.stream().sorted(BY_EVENT_TIME).toList());
    }

    private static List<TripEvent> backwards(int count) {
        List<TripEvent> trips = new ArrayList<>();
        for (int i = count; i > 0; i--) {
            trips.add(Trips.at(i, i));
        }
        return trips;
    }

    private static EventSource<TripEvent> endless(AtomicLong read) {
        return new EventSource<TripEvent>() {
            @Override
            public TripEvent next() {
                return Trips.at(read.incrementAndGet(), 1_000);
            }

            @Override
            public void close() {
                // no resources
            }
        };
    }

    private static EventSource<TripEvent> source(long... dropoffMillis) {
        List<TripEvent> trips = new ArrayList<>();
        for (long each : dropoffMillis) {
            trips.add(Trips.at(trips.size(), each));
        }
        return Trips.source(trips);
    }

    private static List<Path> spillFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("taxi-trips-"))
                    .toList();
        }
    }
}
