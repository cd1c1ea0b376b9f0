package io.taxistream.producer.input;

import static java.util.Objects.requireNonNull;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what became of the input. Written by the thread that reads, read by any. */
public final class InputStatistics {

    private final AtomicLong events = new AtomicLong();
    private final Map<RejectReason, AtomicLong> rejected = new EnumMap<>(RejectReason.class);
    private final AtomicLong skipped = new AtomicLong();
    private final AtomicLong late = new AtomicLong();
    private final AtomicLong bytesRead = new AtomicLong();
    private final AtomicLong totalBytes = new AtomicLong();
    private final AtomicLong objects = new AtomicLong();
    private final AtomicLong damagedObjects = new AtomicLong();

    /** All counts at zero. */
    public InputStatistics() {
        for (RejectReason reason : RejectReason.values()) {
            rejected.put(reason, new AtomicLong());
        }
    }

    /** Records that were events to be sent. */
    public long events() {
        return events.get();
    }

    /** Records that could not be read. */
    public long rejected() {
        return rejectedByReason().values().stream().mapToLong(Long::longValue).sum();
    }

    /** Trips that begin or end in a taxi zone without a place, which is known and not an error. */
    public long nowhere() {
        return rejected(RejectReason.NOWHERE).get();
    }

    /** All records seen so far, whatever became of them. */
    public long records() {
        return events() + skipped() + nowhere() + rejected();
    }

    /** Records that could not be read, by reason; reasons without a record are left out. */
    public Map<RejectReason, Long> rejectedByReason() {
        var counts = new EnumMap<RejectReason, Long>(RejectReason.class);
        rejected.forEach((reason, count) -> {
            if (reason != RejectReason.NOWHERE && count.get() > 0) {
                counts.put(reason, count.get());
            }
        });
        return counts;
    }

    /** Records with an event time outside the time range; nothing else of them was looked at. */
    public long skipped() {
        return skipped.get();
    }

    /** Events that came later than the reorder buffer could put right. */
    public long late() {
        return late.get();
    }

    /** Bytes read, as the objects are stored. */
    public long bytesRead() {
        return bytesRead.get();
    }

    /** Bytes of all objects, as they are stored; 0 until they are listed. */
    public long totalBytes() {
        return totalBytes.get();
    }

    /** Objects read to their end. */
    public long objects() {
        return objects.get();
    }

    /** Objects of which only a part could be read. */
    public long damagedObjects() {
        return damagedObjects.get();
    }

    public void countEvent() {
        increment(events);
    }

    public void countRejected(RejectReason reason) {
        increment(rejected(reason));
    }

    public void countSkipped() {
        increment(skipped);
    }

    public void countSkipped(long records) {
        skipped.lazySet(skipped.get() + records);
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

    /** There is one writer, so that a plain ordered store is enough; an atomic addition a trip would be felt. */
    private static void increment(AtomicLong counter) {
        counter.lazySet(counter.get() + 1);
    }
}
