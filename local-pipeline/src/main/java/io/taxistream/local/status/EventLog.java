package io.taxistream.local.status;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Log of the notable events of a run: injected faults, restarts of the job, shard splits. Bounded: the oldest entries are
 * dropped. Thread-safe.
 */
public final class EventLog {

    /** Maximum number of entries. */
    public static final int CAPACITY = 200;

    /** Kind of event. */
    public enum Kind {
        /** A service or process was started, has ended or was asked to end. */
        PART,
        /** The job failed over, or has recovered. */
        JOB,
        /** The number of shards, their ranges or the number of task managers changed. */
        SCALING,
        /** A fault was injected. */
        FAULT
    }

    /**
     * A log entry.
     *
     * @param number sequence number, from 1 in the order of addition
     * @param time wall-clock time
     * @param text one line to display
     */
    public record Entry(long number, Instant time, Kind kind, String text) {}

    private final Clock clock;
    private final Deque<Entry> entries = new ArrayDeque<>();
    private long added;

    /** Creates an empty log with a clock for its timestamps. */
    public EventLog(Clock clock) {
        this.clock = clock;
    }

    /** Adds an entry with the current time; line breaks in the text become spaces. */
    public synchronized void add(Kind kind, String text) {
        if (entries.size() == CAPACITY) {
            entries.removeFirst();
        }
        added++;
        entries.addLast(new Entry(added, clock.instant(), kind, Messages.oneLine(text)));
    }

    /** Returns the entries, oldest first. */
    public synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }
}
