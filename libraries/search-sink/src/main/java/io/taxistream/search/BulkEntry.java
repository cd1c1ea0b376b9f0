package io.taxistream.search;

import java.io.Serializable;

/**
 * A document on its way, with what happened to it so far.
 *
 * @param document to be stored
 * @param deadLetter whether the document tells of another one that was refused
 * @param failures how often it could not be stored
 * @param firstFailureMillis when that happened first, milliseconds since the epoch; meaningless without failures
 */
record BulkEntry(SearchDocument document, boolean deadLetter, int failures, long firstFailureMillis)
        implements Serializable {

    private static final long serialVersionUID = 1;

    static BulkEntry first(SearchDocument document) {
        return new BulkEntry(document, false, 0, 0);
    }

    static BulkEntry deadLetter(SearchDocument letter) {
        return new BulkEntry(letter, true, 0, 0);
    }

    BulkEntry failedAt(long nowMillis) {
        return new BulkEntry(document, deadLetter, failures + 1, failures == 0 ? nowMillis : firstFailureMillis);
    }
}
