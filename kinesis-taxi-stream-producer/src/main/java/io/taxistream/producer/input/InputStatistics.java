package io.taxistream.producer.input;

import static java.util.Objects.requireNonNull;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** Statistics of the input. Written by the reading thread, readable from any thread. */
public final class InputStatistics {

    private volatile BooleanSupplier stopped = () -> false;

    private final AtomicLong events = new AtomicLong();
    private final Map<RejectReason, AtomicLong> rejected = new EnumMap<>(RejectReason.class);
    private final AtomicLong skipped = new AtomicLong();
    private final AtomicLong late = new AtomicLong();
    private final AtomicLong bytesRead = new AtomicLong();
    private final AtomicLong totalBytes = new AtomicLong();
    private final AtomicLong objects = new AtomicLong();
    private final AtomicLong damagedObjects = new AtomicLong();

    /** Creates statistics with all counters at zero. */
    public InputStatistics() {
        for (RejectReason reason : RejectReason.values()) {
            rejected.put(reason, new AtomicLong());
        }
    }

    /** Returns the number of records that were events to be sent. */
    public long events() {
        return events.get();
    }

    /** Returns the number of records that could not be read. */
    public long rejected() {
        return rejectedByReason().values().stream().mapToLong(Long::longValue).sum();
    }

    /** Returns the number of trips from or to taxi zones without a location, which are not counted as errors. */
    public long nowhere() {
        return rejected(RejectReason.NOWHERE).get();
    }

    /** Returns the number of all records seen so far, whatever their outcome. */
    public long records() {
        return events() + skipped() + nowhere() + rejected();
    }

    /** Returns the number of records that could not be read by reason; reasons without records are omitted. */
    public Map<RejectReason, Long> rejectedByReason() {
        var counts = new EnumMap<RejectReason, Long>(RejectReason.class);
        rejected.forEach((reason, count) -> {
            if (reason != RejectReason.NOWHERE && count.get() > 0) {
                counts.put(reason, count.get());
            }
        });
        return counts;
    }

    /** Returns the number of records outside the time range; their other fields were not parsed. */
    public long skipped() {
        return skipped.get();
    }

    /** Returns the number of events that arrived too late for the reorder buffer. */
    public long late() {
        return late.get();
    }

    /** Returns the number of stored bytes read. */
    public long bytesRead() {
        return bytesRead.get();
    }

    /** Returns the stored size of all objects; 0 until they are listed. */
    public long totalBytes() {
        return totalBytes.get();
    }

    /** Returns the number of objects read to their end. */
    public long objects() {
        return objects.get();
    }

    /** Returns the number of objects that could be read only in part. */
    public long damagedObjects() {
        return damagedObjects.get();
    }

    public void countEvent() {
        increment(events);
    }

    /**
     * Counts a record that is not an event.
     *
     * @throws InputStoppedException if a stop was requested: the rest of the input may have no event at all
     */
    public void countRejected(RejectReason reason) {
        increment(rejected(reason));
        requireNotStopped();
    }

    /**
     * Counts an event outside the range of interest.
     *
     * @throws InputStoppedException as {@link #countRejected}
     */
    public void countSkipped() {
        countSkipped(1);
    }

    /**
     * Counts events outside the range of interest.
     *
     * @throws InputStoppedException as {@link #countRejected}
     */
    public void countSkipped(long records) {
        skipped.lazySet(skipped.get() + records);
        requireNotStopped();
    }

    private void requireNotStopped() {
        if (stopped.getAsBoolean()) {
            throw new InputStoppedException();
        }
    }

    /**
     * Sets the request to stop reading.
     *
     * @param request called for each record that is left out
     */
    public void stopWhen(BooleanSupplier request) {
        stopped = request;
    }

    public void countLate() {
        increment(late);
    }

    public void countBytesRead(long bytes) {
        bytesRead.lazySet(bytesRead.get() + bytes);
    }

    public void setTotalBytes(long bytes) {
        totalBytes.set(bytes);
    }

    public void countObject() {
        increment(objects);
    }

    public void countDamagedObject() {
        increment(damagedObjects);
    }

    private AtomicLong rejected(RejectReason reason) {
        return requireNonNull(rejected.get(reason), "every reason has a counter");
    }

    /** There is one writer, so an ordered store suffices; an atomic addition per trip would be measurable. */
    private static void increment(AtomicLong counter) {
        counter.lazySet(counter.get() + 1);
    }
}
