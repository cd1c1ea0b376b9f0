package io.taxistream.search;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives each id to one batch at a time, in the order in which the batches asked for it, so that no document overtakes an
 * earlier one with the same id in another batch, however often that one is sent again.
 */
final class DocumentOrder {

    /** Who sends documents. */
    interface Batch {

        /** The document, for which the batch had to wait, may be sent now. */
        void release(BulkEntry entry);
    }

    /** What documents have in common that take each other's place. */
    record Key(String index, String id) {

        static Key of(BulkEntry entry) {
            return new Key(entry.document().index(), entry.document().id());
        }
    }

    /** The documents of one id and one batch; the batch after that, if there is one, waits for all of them. */
    private static final class Turn {

        private final Batch batch;
        private final List<BulkEntry> waiting = new ArrayList<>(0);
        private int unsettled;
        private Turn next;

        Turn(Batch batch) {
            this.batch = batch;
        }
    }

    private final Map<Key, Turn> turns = new HashMap<>();

    /**
     * Asks for a document to be sent.
     *
     * @return whether the batch may send it now; otherwise it is released later
     */
    boolean begin(BulkEntry entry, Batch batch) {
        Turn current = turns.computeIfAbsent(Key.of(entry), key -> new Turn(batch));
        Turn turn = current;
        while (turn.batch != batch) {
            if (turn.next == null) {
                turn.next = new Turn(batch);
            }
            turn = turn.next;
        }
        turn.unsettled++;
        if (turn != current) {
            turn.waiting.add(entry);
        }
        return turn == current;
    }

    /** Says that a document that was sent is stored or refused for good, or that a later one of its id was stored. */
    void settled(BulkEntry entry) {
        Key key = Key.of(entry);
        Turn current = turns.get(key);
        current.unsettled--;
        if (current.unsettled > 0) {
            return;
        }
        Turn next = current.next;
        if (next == null) {
            turns.remove(key);
            return;
        }
        turns.put(key, next);
        for (BulkEntry waiting : next.waiting) {
            next.batch.release(waiting);
        }
    }
}
