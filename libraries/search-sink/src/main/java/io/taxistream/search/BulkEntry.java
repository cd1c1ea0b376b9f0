package io.taxistream.search;

/**
 * A document to be stored, with its retry state.
 *
 * @param document document to be stored
 * @param deadLetter whether the document is a dead letter
 * @param failures number of failed attempts
 * @param firstFailureMillis time of the first failure in milliseconds since the epoch; meaningless without failures
 * @param maxBatchSize maximum number of documents in a request with this one; reduced to find the cause of a rejected request
 */
record BulkEntry(SearchDocument document, boolean deadLetter, int failures, long firstFailureMillis, int maxBatchSize) {

    static BulkEntry first(SearchDocument document) {
        return new BulkEntry(document, false, 0, 0, Integer.MAX_VALUE);
    }

    static BulkEntry deadLetter(SearchDocument letter) {
        return new BulkEntry(letter, true, 0, 0, Integer.MAX_VALUE);
    }

    BulkEntry failedAt(long nowMillis) {
        return new BulkEntry(
                document, deadLetter, failures + 1, failures == 0 ? nowMillis : firstFailureMillis, maxBatchSize);
    }

    BulkEntry withMaxBatchSize(int documents) {
        return new BulkEntry(document, deadLetter, failures, firstFailureMillis, documents);
    }
}
