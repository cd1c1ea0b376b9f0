package io.taxistream.producer.order;

import static java.util.Objects.requireNonNull;

import io.taxistream.events.TripEvent;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.IoReason;
import io.taxistream.producer.trips.TripSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * All trips of a source in the order of their event time, however disordered they come: an external merge sort in bounded
 * memory. Trips of the same event time keep the order in which they were read.
 *
 * <p>What does not fit in memory goes to a temporary file, as sorted runs one behind the other. The file is its owner's
 * alone, and on Linux and macOS it has no name any more once it is open, so that nothing is left of it, whatever happens to
 * the process. Merging takes a buffer of at most 256 KiB a run: with 128 MiB for sorting there is a run for each 1.3 million
 * trips.
 */
public final class SortedTrips implements TripSource {

    /** What a trip takes in memory: the object, its reference and the sort's share. */
    private static final int BYTES_IN_MEMORY = 100;

    private static final int RECORD_BYTES = 8 * Long.BYTES;
    private static final int MIN_BUFFER_RECORDS = 64;

    private static final Comparator<TripEvent> BY_EVENT_TIME = Comparator.comparingLong(TripEvent::timestampMillis);

    private final TripSource trips;
    private final int tripsInMemory;
    private final Path temporaryFolder;

    private @Nullable FileChannel spill;
    private long spilledBytes;
    private final List<Run> runs = new ArrayList<>();
    private @Nullable PriorityQueue<Run> merge;

    /**
     * The most memory that sorting can be given in a heap: half of it. The rest is for the reader, for trips that are being
     * sent and for the garbage collector.
     */
    public static long maxMemoryBytes(long heapBytes) {
        return heapBytes / 2;
    }

    /** @param memoryBytes how much memory trips may take while they are sorted, at least one mebibyte */
    public SortedTrips(TripSource trips, long memoryBytes) {
        this(trips, memoryBytes, Path.of(System.getProperty("java.io.tmpdir")));
    }

    /** @param temporaryFolder where to keep what does not fit in memory */
    SortedTrips(TripSource trips, long memoryBytes, Path temporaryFolder) {
        this.trips = trips;
        this.temporaryFolder = temporaryFolder;
        this.tripsInMemory = (int) Math.min(1 << 24, Math.max(memoryBytes, 1 << 20) / BYTES_IN_MEMORY);
    }

    @Override
    public @Nullable TripEvent next() {
        try {
            if (merge == null) {
                merge = sort();
            }
            Run run = merge.poll();
            if (run == null) {
                return null;
            }
            TripEvent trip = run.head;
            if (run.advance()) {
                merge.add(run);
            }
            return trip;
        } catch (IOException e) {
            throw new InputFailedException(
                    "the temporary file for sorting, which has " + (spilledBytes >> 20) + " MiB, cannot be used in "
                            + temporaryFolder + ": " + IoReason.of(e) + "; see that the folder exists, has room ("
                            + RECORD_BYTES
                            + " bytes a trip) and that you may write to it, or name another with java -Djava.io.tmpdir=FOLDER",
                    e);
        }
    }

    @Override
    public void close() {
        try {
            if (spill != null) {
                spill.close();
            }
        } catch (IOException e) {
            throw new InputFailedException("the temporary file for sorting cannot be closed: " + IoReason.of(e), e);
        } finally {
            trips.close();
        }
    }

    private PriorityQueue<Run> sort() throws IOException {
        TripEvent[] run = new TripEvent[Math.min(tripsInMemory, 1 << 12)];
        int size = 0;
        TripEvent trip;
        while ((trip = trips.next()) != null) {
            if (size == tripsInMemory) {
                Arrays.sort(run, 0, size, BY_EVENT_TIME);
                spill(run, size);
                size = 0;
            }
            if (size == run.length) {
                run = Arrays.copyOf(run, Math.min(tripsInMemory, run.length * 2));
            }
            run[size++] = trip;
        }
        Arrays.sort(run, 0, size, BY_EVENT_TIME);
        if (!runs.isEmpty()) {
            spill(run, size);
            run = new TripEvent[0];
            size = 0;
        }
        var queue = new PriorityQueue<Run>(
                Comparator.<Run>comparingLong(Run::headMillis).thenComparingInt(each -> each.number));
        if (runs.isEmpty()) {
            runs.add(new MemoryRun(run, size));
        }
        int bufferRecords = (int) Math.max(MIN_BUFFER_RECORDS, (long) tripsInMemory / runs.size());
        for (Run each : runs) {
            if (each.start(Math.min(bufferRecords, 4_096))) {
                queue.add(each);
            }
        }
        return queue;
    }

    private void spill(TripEvent[] run, int size) throws IOException {
        if (spill == null) {
            Path file = Files.createTempFile(temporaryFolder, "taxi-trips-", ".sort");
            spill = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        }
        long start = spilledBytes;
        ByteBuffer buffer = ByteBuffer.allocateDirect(4_096 * RECORD_BYTES);
        for (int i = 0; i < size; i++) {
            write(run[i], buffer);
            if (!buffer.hasRemaining() || i == size - 1) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    spilledBytes += spill.write(buffer, spilledBytes);
                }
                buffer.clear();
            }
        }
        runs.add(new SpilledRun(runs.size(), spill, start, spilledBytes));
    }

    private static void write(TripEvent trip, ByteBuffer buffer) {
        buffer.putLong(trip.tripId())
                .putLong(trip.pickupMillis())
                .putLong(trip.dropoffMillis())
                .putDouble(trip.pickupLat())
                .putDouble(trip.pickupLon())
                .putDouble(trip.dropoffLat())
                .putDouble(trip.dropoffLon())
                .putDouble(trip.totalAmount());
    }

    private static TripEvent read(ByteBuffer buffer) {
        return new TripEvent(
                buffer.getLong(),
                buffer.getLong(),
                buffer.getLong(),
                buffer.getDouble(),
                buffer.getDouble(),
                buffer.getDouble(),
                buffer.getDouble(),
                buffer.getDouble());
    }

    /** Trips in order, with the first one in hand. */
    private abstract static class Run {

        final int number;

        @Nullable
        TripEvent head;

        Run(int number) {
            this.number = number;
        }

        final long headMillis() {
            return requireNonNull(head, "a run without a trip is not merged").timestampMillis();
        }

        /** Puts the first trip in hand; {@code false} if there is none. */
        abstract boolean start(int bufferRecords) throws IOException;

        /** Puts the next trip in hand; {@code false} if there is none left. */
        abstract boolean advance() throws IOException;
    }

    private static final class MemoryRun extends Run {

        private final TripEvent[] trips;
        private final int size;
        private int next;

        MemoryRun(TripEvent[] trips, int size) {
            super(0);
            this.trips = trips;
            this.size = size;
        }

        @Override
        boolean start(int bufferRecords) {
            return advance();
        }

        @Override
        boolean advance() {
            if (next == size) {
                head = null;
                return false;
            }
            head = trips[next];
            trips[next++] = null;
            return true;
        }
    }

    private static final class SpilledRun extends Run {

        private final FileChannel file;
        private final long end;
        private long position;
        private ByteBuffer buffer = ByteBuffer.allocate(0);

        SpilledRun(int number, FileChannel file, long start, long end) {
            super(number);
            this.file = file;
            this.position = start;
            this.end = end;
        }

        @Override
        boolean start(int bufferRecords) throws IOException {
            buffer = ByteBuffer.allocate(bufferRecords * RECORD_BYTES).flip();
            return advance();
        }

        @Override
        boolean advance() throws IOException {
            if (!buffer.hasRemaining()) {
                if (position == end) {
                    head = null;
                    return false;
                }
                buffer.clear().limit((int) Math.min(buffer.capacity(), end - position));
                while (buffer.hasRemaining()) {
                    int count = file.read(buffer, position);
                    if (count < 0) {
                        throw new IOException("the file has become shorter");
                    }
                    position += count;
                }
                buffer.flip();
            }
            head = read(buffer);
            return true;
        }
    }
}
