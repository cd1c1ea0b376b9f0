package io.taxistream.search;

/**
 * A document to be stored, with its history.
 *
 * @param document to be stored
 * @param deadLetter whether the document describes another one that was refused
 * @param failures number of attempts that failed
 * @param firstFailureMillis time of the first failure, milliseconds since the epoch; meaningless without failures
 * @param maxTogether most documents in a request with this one; lowered to find the cause of a refused request
 */
record BulkEntry(SearchDocument document, boolean deadLetter, int failures, long firstFailureMillis, int maxTogether) {

    static BulkEntry first(SearchDocument document) {
        return new BulkEntry(document, false, 0, 0, Integer.MAX_VALUE);
    }

    static BulkEntry deadLetter(SearchDocument letter) {
        return new BulkEntry(letter, true, 0, 0, Integer.MAX_VALUE);
    }

    BulkEntry failedAt(long nowMillis) {
        return new BulkEntry(
                document, deadLetter, failures + 1, failures == 0 ? nowMillis : firstFailureMillis, maxTogether);
    }

    BulkEntry withAtMostTogether(int documents) {
        return new BulkEntry(document, deadLetter, failures, firstFailureMillis, documents);
    }
}
