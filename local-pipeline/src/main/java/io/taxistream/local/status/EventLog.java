package io.taxistream.local.status;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The latest happenings of a run that a person would want to know of: faults that strike, restarts of the job, shards that
 * split. Bounded: the oldest make room for the newest. Thread-safe.
 */
public final class EventLog {

    /** So many happenings are kept. */
    public static final int CAPACITY = 200;

    /** What sort of happening it is. */
    public enum Kind {
        /** A service or process started, ended or was told to. */
        PART,
        /** The job failed over, or works again. */
        JOB,
        /** The number of shards, their ranges or the number of task managers changed. */
        SCALING,
        /** Something was broken on purpose. */
        FAULT
    }

    /**
     * One happening.
     *
     * @param number ascends by one from 1 in the order in which happenings were added
     * @param time of the wall clock
     * @param text one line for a person
     */
    public record Entry(long number, Instant time, Kind kind, String text) {}

    private final Clock clock;
    private final Deque<Entry> entries = new ArrayDeque<>();
    private long added;

    /** Makes a log without entries; the clock stamps what is added. */
    public EventLog(Clock clock) {
        this.clock = clock;
    }

    /** Adds a happening of this moment; line breaks in the text become spaces. */
    public synchronized void add(Kind kind, String text) {
        if (entries.size() == CAPACITY) {
            entries.removeFirst();
        }
        added++;
        entries.addLast(new Entry(added, clock.instant(), kind, Messages.oneLine(text)));
    }

    /** The happenings that are kept, oldest first. */
    public synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }
}
