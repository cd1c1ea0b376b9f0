package io.taxistream.producer.order;

import static java.util.Objects.requireNonNull;

import io.taxistream.producer.events.EventForm;
import io.taxistream.producer.events.EventSource;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.IoFailureReason;
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
 * Sorts all events of a source by time with an external merge sort in bounded memory, whatever their order. The sort is
 * stable.
 *
 * <p>Events that do not fit in memory are written to a temporary file as consecutive sorted runs. The file is
 * accessible to its owner only; on Linux and macOS it is deleted as soon as it is open, so nothing remains however the
 * process ends. Merging needs a buffer per run of at most 256 KiB, or of the run's largest event if that is larger.
 * With 128 MiB for sorting there is one run per 1.3 million trips.
 *
 * @param <E> type of the events
 */
public final class SortedEvents<E> implements EventSource<E> {

    private static final int MAX_EVENTS_IN_MEMORY = 1 << 24;
    private static final int MIN_BUFFER_BYTES = 1 << 12;
    private static final int MAX_BUFFER_BYTES = 1 << 18;

    private final EventSource<E> events;
    private final EventForm<E> form;
    private final Comparator<E> byTime;
    private final long memoryBytes;
    private final Path temporaryFolder;

    private @Nullable FileChannel spill;
    private long spilledBytes;
    private final List<Run> runs = new ArrayList<>();
    private @Nullable PriorityQueue<Run> merge;

    /**
     * Returns the maximum memory for sorting: half of the heap. The rest is left for the reader, events in flight and
     * the garbage collector.
     */
    public static long maxMemoryBytes(long heapBytes) {
        return heapBytes / 2;
    }

    /**
     * @param memoryBytes memory for events while they are sorted, at least one mebibyte
     */
    public SortedEvents(EventSource<E> events, EventForm<E> form, long memoryBytes) {
        this(events, form, memoryBytes, Path.of(System.getProperty("java.io.tmpdir")));
    }

    /**
     * @param temporaryFolder folder for events that do not fit in memory
     */
    SortedEvents(EventSource<E> events, EventForm<E> form, long memoryBytes, Path temporaryFolder) {
        this.events = events;
        this.form = form;
        this.byTime = Comparator.comparingLong(form::timeMillis);
        this.temporaryFolder = temporaryFolder;
        this.memoryBytes = Math.max(memoryBytes, 1 << 20);
    }

    @Override
    public @Nullable E next() {
        try {
            if (merge == null) {
                merge = sort();
            }
            Run run = merge.poll();
            if (run == null) {
                return null;
            }
            E event = run.head;
            if (run.advance()) {
                merge.add(run);
            }
            return event;
        } catch (IOException e) {
            throw new InputFailedException(
                    "the temporary file for sorting (" + (spilledBytes >> 20) + " MiB so far) cannot be used in "
                            + temporaryFolder + ": " + IoFailureReason.of(e)
                            + "; check that the folder is writable and has free space (64 bytes for a trip, the full"
                            + " size of any other record), or set another one with java -Djava.io.tmpdir=FOLDER",
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
            throw new InputFailedException(
                    "the temporary file for sorting cannot be closed: " + IoFailureReason.of(e), e);
        } finally {
            events.close();
        }
    }

    private PriorityQueue<Run> sort() throws IOException {
        E[] run = array(1 << 12);
        int size = 0;
        long heldBytes = 0;
        E event;
        while ((event = events.next()) != null) {
            int bytes = form.heapBytes(event);
            if (size > 0 && (heldBytes + bytes > memoryBytes || size == MAX_EVENTS_IN_MEMORY)) {
                Arrays.sort(run, 0, size, byTime);
                spill(run, size);
                size = 0;
                heldBytes = 0;
            }
            if (size == run.length) {
                run = Arrays.copyOf(run, run.length * 2);
            }
            run[size++] = event;
            heldBytes += bytes;
        }
        Arrays.sort(run, 0, size, byTime);
        if (!runs.isEmpty()) {
            spill(run, size);
            run = array(0);
            size = 0;
        }
        var queue = new PriorityQueue<Run>(
                Comparator.<Run>comparingLong(Run::headMillis).thenComparingInt(each -> each.number));
        if (runs.isEmpty()) {
            runs.add(new MemoryRun(run, size));
        }
        int bufferBytes =
                (int) Math.max(MIN_BUFFER_BYTES, Math.min(MAX_BUFFER_BYTES, memoryBytes * 6 / 10 / runs.size()));
        for (Run each : runs) {
            if (each.start(bufferBytes)) {
                queue.add(each);
            }
        }
        return queue;
    }

    @SuppressWarnings("unchecked")
    private E[] array(int length) {
        return (E[]) new Object[length];
    }

    private void spill(E[] run, int size) throws IOException {
        if (spill == null) {
            Path file = Files.createTempFile(temporaryFolder, "taxi-trips-", ".sort");
            spill = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        }
        long start = spilledBytes;
        ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_BUFFER_BYTES);
        for (int i = 0; i < size; i++) {
            int bytes = form.storedBytes(run[i]);
            if (bytes > buffer.remaining()) {
                write(spill, buffer);
                if (bytes > buffer.capacity()) {
                    buffer = ByteBuffer.allocateDirect(bytes);
                }
            }
            form.store(run[i], buffer);
        }
        write(spill, buffer);
        runs.add(new SpilledRun(runs.size(), spill, start, spilledBytes));
    }

    private void write(FileChannel file, ByteBuffer buffer) throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            spilledBytes += file.write(buffer, spilledBytes);
        }
        buffer.clear();
    }

    /** A sorted sequence of events, positioned at its current event. */
    private abstract class Run {

        final int number;

        @Nullable
        E head;

        Run(int number) {
            this.number = number;
        }

        final long headMillis() {
            return form.timeMillis(requireNonNull(head, "a run without an event is not merged"));
        }

        /** Moves to the first event; returns {@code false} if there is none. */
        abstract boolean start(int bufferBytes) throws IOException;

        /** Moves to the next event; returns {@code false} if there is none. */
        abstract boolean advance() throws IOException;
    }

    private final class MemoryRun extends Run {

        private final @Nullable E[] events;
        private final int size;
        private int next;

        MemoryRun(E[] events, int size) {
            super(0);
            this.events = events;
            this.size = size;
        }

        @Override
        boolean start(int bufferBytes) {
            return advance();
        }

        @Override
        boolean advance() {
            if (next == size) {
                head = null;
                return false;
            }
            head = events[next];
            events[next++] = null;
            return true;
        }
    }

    private final class SpilledRun extends Run {

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
        boolean start(int bufferBytes) throws IOException {
            buffer = ByteBuffer.allocate(bufferBytes).flip();
            return advance();
        }

        @Override
        boolean advance() throws IOException {
            int bytes;
            while ((bytes = form.nextStoredBytes(buffer)) > buffer.remaining()) {
                if (position == end && !buffer.hasRemaining()) {
                    head = null;
                    return false;
                }
                fill(bytes);
            }
            head = form.restored(buffer);
            return true;
        }

        /** Fills the buffer to at least the given number of bytes. */
        private void fill(int bytes) throws IOException {
            if (bytes > buffer.capacity()) {
                buffer = ByteBuffer.allocate(bytes).put(buffer);
            } else {
                buffer.compact();
            }
            buffer.limit((int) Math.min(buffer.capacity(), buffer.position() + end - position));
            while (buffer.position() < bytes) {
                int count = file.read(buffer, position);
                if (count <= 0) {
                    throw new IOException("the file was truncated while it was read");
                }
                position += count;
            }
            buffer.flip();
        }
    }
}
