package io.taxistream.producer.order;

import io.taxistream.producer.events.EventForm;
import io.taxistream.producer.events.EventSource;
import io.taxistream.producer.input.InputStatistics;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Puts the events of a nearly ordered source in the order of their time.
 *
 * <p>Holds a bounded number of events and bytes, and always returns the earliest. An event that precedes one already
 * returned is dropped and counted as late, because a watermark may have passed it.
 *
 * @param <E> type of the events
 */
public final class ReorderedEvents<E> implements EventSource<E> {

    /** About two and a half hours of New York's yellow taxis at peak times, in about 6 MB. */
    public static final int DEFAULT_CAPACITY = 65_536;

    /** Never reached by trips; other records may be of any size. */
    private static final long MAX_HEAP_BYTES = 64 << 20;

    private final EventSource<E> events;
    private final EventForm<E> form;
    private final int capacity;
    private final InputStatistics statistics;

    /** Events that arrived in order, so that an ordered source needs no heap operations. */
    private final ArrayDeque<E> inOrder = new ArrayDeque<>();

    private final PriorityQueue<E> outOfOrder;

    private long lastInOrderMillis;
    private long heldBytes;
    private long lastReturnedMillis = Long.MIN_VALUE;
    private boolean ended;

    /**
     * @param capacity maximum number of events held
     */
    public ReorderedEvents(EventSource<E> events, EventForm<E> form, int capacity, InputStatistics statistics) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity must be at least 1, but is " + capacity);
        }
        this.events = events;
        this.form = form;
        this.capacity = capacity;
        this.statistics = statistics;
        this.outOfOrder = new PriorityQueue<>(Comparator.comparingLong(form::timeMillis));
    }

    @Override
    public @Nullable E next() {
        while (!ended && hasRoom()) {
            E event = events.next();
            if (event == null) {
                ended = true;
                break;
            }
            long millis = form.timeMillis(event);
            if (millis < lastReturnedMillis) {
                statistics.countLate();
                continue;
            }
            heldBytes += form.heapBytes(event);
            if (inOrder.isEmpty() || lastInOrderMillis <= millis) {
                inOrder.addLast(event);
                lastInOrderMillis = millis;
            } else {
                outOfOrder.add(event);
            }
        }
        E earliest = earliest();
        if (earliest != null) {
            lastReturnedMillis = form.timeMillis(earliest);
            heldBytes -= form.heapBytes(earliest);
        }
        return earliest;
    }

    @Override
    public void close() {
        events.close();
    }

    private boolean hasRoom() {
        int held = inOrder.size() + outOfOrder.size();
        return held < capacity && (held == 0 || heldBytes < MAX_HEAP_BYTES);
    }

    private @Nullable E earliest() {
        E ordered = inOrder.peekFirst();
        E unordered = outOfOrder.peek();
        if (unordered == null || (ordered != null && form.timeMillis(ordered) <= form.timeMillis(unordered))) {
            return inOrder.pollFirst();
        }
        return outOfOrder.poll();
    }
}
