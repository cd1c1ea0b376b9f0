package io.taxistream.search;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The documents of one writer that are not settled yet, in the order in which they were written.
 *
 * <p>A document that was taken out holds back the later ones of its id until it is settled or given back. So requests may
 * be in flight side by side and fail, and still no document overtakes an earlier one of its id.
 */
final class DocumentQueue {

    /** Identifies documents that replace each other. */
    record Key(String index, String id) {

        static Key of(BulkEntry entry) {
            return new Key(entry.document().index(), entry.document().id());
        }
    }

    private final Deque<BulkEntry> waiting = new ArrayDeque<>();
    private long waitingBytes;

    /** How many documents of an id are out. */
    private final Map<Key, Integer> out = new HashMap<>();

    void add(BulkEntry entry) {
        waiting.addLast(entry);
        waitingBytes += BulkBody.size(entry.document());
    }

    /**
     * Takes out the documents of one request, in their order. There is at least one, however large, unless every waiting
     * document is held back.
     *
     * @param maxDocuments most documents, at least 1
     * @param maxBytes most bytes in a body that is not compressed
     */
    List<BulkEntry> take(int maxDocuments, long maxBytes) {
        List<BulkEntry> taken = new ArrayList<>(Math.min(maxDocuments, waiting.size()));
        Deque<BulkEntry> heldBack = new ArrayDeque<>();
        long bytes = 0;
        int limit = maxDocuments;
        while (taken.size() < limit && !waiting.isEmpty()) {
            BulkEntry entry = waiting.getFirst();
            if (out.containsKey(Key.of(entry))) {
                heldBack.addFirst(waiting.removeFirst());
                continue;
            }
            long size = BulkBody.size(entry.document());
            limit = Math.min(limit, entry.maxTogether());
            if (!taken.isEmpty() && (bytes + size > maxBytes || taken.size() >= limit)) {
                break;
            }
            taken.add(waiting.removeFirst());
            bytes += size;
        }
        heldBack.forEach(waiting::addFirst);
        waitingBytes -= bytes;
        // only now, because documents of one id may share a request: the engine carries it out in order
        taken.forEach(entry -> out.merge(Key.of(entry), 1, Integer::sum));
        return taken;
    }

    /** A document that was taken out is stored, refused, or replaced by a later one of its id. */
    void settled(BulkEntry entry) {
        out.computeIfPresent(Key.of(entry), (key, count) -> count == 1 ? null : count - 1);
    }

    /** Puts documents that were taken out by one request back in front of the others, to be taken again. */
    void giveBack(List<BulkEntry> entries) {
        for (int i = entries.size() - 1; i >= 0; i--) {
            BulkEntry entry = entries.get(i);
            settled(entry);
            waiting.addFirst(entry);
            waitingBytes += BulkBody.size(entry.document());
        }
    }

    /** Number of documents that wait to be taken. */
    int size() {
        return waiting.size();
    }

    /** Bytes of the documents that wait to be taken, in a body that is not compressed. */
    long bytes() {
        return waitingBytes;
    }

    /** Whether every document is settled. */
    boolean isSettled() {
        return waiting.isEmpty() && out.isEmpty();
    }
}
