package io.taxistream.eventtime.source;

import io.taxistream.eventtime.source.JobModel.Action;
import io.taxistream.eventtime.source.JobModel.Plan;
import io.taxistream.eventtime.source.ObjectState.Fingerprint;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Visits every state that a {@link JobModel} can reach, up to the first in which something does not hold. */
final class ExhaustiveSearch {

    /** Which open state is visited next. Without a mistake, all orders visit the same states. */
    enum Order {
        /** The one with the fewest steps: a mistake has the shortest path. */
        BREADTH_FIRST,
        /**
         * The one with the fewest steps and the one found last, in turn. Breadth first finds a mistake that shows only where all
         * has been read after almost every state, of which a bug may add orders of magnitude; depth first misses one near the
         * start if its first steps lead elsewhere.
         */
        BOTH_ENDS
    }

    /**
     * Result of a search.
     *
     * @param states number of different states that were reached
     * @param mistake the first mistake, with the steps that lead to it; null if there is none
     */
    record Outcome(int states, @Nullable AssertionError mistake) {}

    private record Path(Action action, @Nullable Path before) {}

    private record Node(JobModel world, @Nullable Path path) {}

    private final FingerprintSet seen = new FingerprintSet();
    private final Deque<Node> open = new ArrayDeque<>();

    /**
     * Searches all states.
     *
     * @param maxStates number of states after which the search gives up
     * @throws IllegalStateException if there are more states
     */
    static Outcome run(Plan plan, Order order, int maxStates) {
        ExhaustiveSearch search = new ExhaustiveSearch();
        AssertionError mistake = search.search(plan, order, maxStates);
        return new Outcome(search.seen.size(), mistake);
    }

    private @Nullable AssertionError search(Plan plan, Order order, int maxStates) {
        JobModel start = new JobModel(plan);
        seen.add(ObjectState.fingerprint(start));
        open.add(new Node(start, null));
        boolean last = false;
        while (!open.isEmpty()) {
            if (seen.size() > maxStates) {
                throw new IllegalStateException("more than " + maxStates + " states");
            }
            AssertionError mistake = visit(last ? open.removeLast() : open.removeFirst());
            if (mistake != null) {
                return mistake;
            }
            last = order == Order.BOTH_ENDS && !last;
        }
        return null;
    }

    private @Nullable AssertionError visit(Node node) {
        List<Action> next = node.world().actions();
        if (next.stream().allMatch(Action::isOptional)) {
            AssertionError mistake = mistakeOf(node.world()::checkEnd, node.path());
            if (mistake != null) {
                return mistake;
            }
        }
        for (int i = 0; i < next.size(); i++) {
            Action action = next.get(i);
            // no other step needs the world after the last one
            JobModel world = i == next.size() - 1 ? node.world() : ObjectState.copy(node.world());
            Path path = new Path(action, node.path());
            AssertionError mistake = mistakeOf(() -> world.take(action), path);
            if (mistake != null) {
                return mistake;
            }
            if (seen.add(ObjectState.fingerprint(world))) {
                open.addLast(new Node(world, path));
            }
        }
        return null;
    }

    private static @Nullable AssertionError mistakeOf(Runnable step, @Nullable Path path) {
        try {
            step.run();
            return null;
        } catch (AssertionError | RuntimeException e) {
            StringBuilder steps = new StringBuilder();
            for (Path at = path; at != null; at = at.before()) {
                steps.insert(0, "\n  " + at.action());
            }
            return new AssertionError(e.getMessage() + ", after:" + steps, e);
        }
    }

    /** Fingerprints in 16 bytes each, as tens of millions have to fit into memory. */
    private static final class FingerprintSet {

        private long[] highs = new long[1 << 12];
        private long[] lows = new long[1 << 12];
        private int size;

        int size() {
            return size;
        }

        /** Adds a fingerprint, and returns whether it is new. */
        boolean add(Fingerprint fingerprint) {
            if (size > highs.length / 2) {
                grow();
            }
            return add(fingerprint.high(), fingerprint.low());
        }

        private boolean add(long high, long low) {
            int mask = highs.length - 1;
            int slot = (int) low & mask;
            // a fingerprint of two zeros cannot be told from an empty slot, and is as likely as a collision
            while (highs[slot] != 0 || lows[slot] != 0) {
                if (highs[slot] == high && lows[slot] == low) {
                    return false;
                }
                slot = (slot + 1) & mask;
            }
            highs[slot] = high;
            lows[slot] = low;
            size++;
            return true;
        }

        private void grow() {
            long[] oldHighs = highs;
            long[] oldLows = lows;
            highs = new long[2 * oldHighs.length];
            lows = new long[2 * oldLows.length];
            size = 0;
            for (int i = 0; i < oldHighs.length; i++) {
                if (oldHighs[i] != 0 || oldLows[i] != 0) {
                    add(oldHighs[i], oldLows[i]);
                }
            }
        }
    }
}
