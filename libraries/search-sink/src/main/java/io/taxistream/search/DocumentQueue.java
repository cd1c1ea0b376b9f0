package io.taxistream.search;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Documents of one writer that are not settled yet, in the order in which they were written.
 *
 * <p>A document that was taken blocks later documents with the same id until it is settled or given back. Requests can
 * therefore run concurrently and fail without a document overtaking an earlier one with the same id.
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

    /** Number of documents taken, by id. */
    private final Map<Key, Integer> out = new HashMap<>();

    void add(BulkEntry entry) {
        waiting.addLast(entry);
        waitingBytes += BulkBody.size(entry.document());
    }

    /**
     * Takes the documents of one request, in order. Returns at least one, regardless of its size, unless every waiting document
     * is blocked.
     *
     * @param maxDocuments maximum number of documents, at least 1
     * @param maxBytes maximum size of the uncompressed body
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
            limit = Math.min(limit, entry.maxBatchSize());
            if (!taken.isEmpty() && (bytes + size > maxBytes || taken.size() >= limit)) {
                break;
            }
            taken.add(waiting.removeFirst());
            bytes += size;
        }
        heldBack.forEach(waiting::addFirst);
        waitingBytes -= bytes;
        // only now, because documents with the same id may share a request, which the engine executes in order
        taken.forEach(entry -> out.merge(Key.of(entry), 1, Integer::sum));
        return taken;
    }

    /** Settles a document that was taken: it was stored, rejected, or superseded by a later one with the same id. */
    void settled(BulkEntry entry) {
        out.computeIfPresent(Key.of(entry), (key, count) -> count == 1 ? null : count - 1);
    }

    /** Returns the documents of a failed request to the front of the queue. */
    void requeue(List<BulkEntry> entries) {
        for (int i = entries.size() - 1; i >= 0; i--) {
            BulkEntry entry = entries.get(i);
            settled(entry);
            waiting.addFirst(entry);
            waitingBytes += BulkBody.size(entry.document());
        }
    }

    /** Returns the number of waiting documents. */
    int size() {
        return waiting.size();
    }

    /** Returns the uncompressed size of the waiting documents in a body. */
    long bytes() {
        return waitingBytes;
    }

    /** Returns whether every document is settled. */
    boolean isSettled() {
        return waiting.isEmpty() && out.isEmpty();
    }
}
