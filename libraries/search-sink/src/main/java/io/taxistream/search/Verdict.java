package io.taxistream.search;

import io.taxistream.search.BulkResponse.Item;

/** How to proceed with a document, or a whole request, after the search engine's response. */
enum Verdict {
    /** The engine acknowledged it. */
    STORED,
    /** The engine cannot accept it temporarily. */
    RETRY,
    /** The engine rejects it permanently. */
    REJECTED,
    /** The cause is not the documents and must be fixed: the job fails. */
    FATAL;

    /** Returns the verdict on one document of a bulk request. */
    static Verdict ofItem(Item item) {
        if (item.status() / 100 == 2) {
            return STORED;
        }
        if (isTransient(item.status()) || isShardLimit(item)) {
            return RETRY;
        }
        if (item.status() == 401 || item.status() == 403) {
            // A full disk or a running snapshot restore blocks an index temporarily.
            return item.errorType().endsWith("block_exception") ? RETRY : FATAL;
        }
        return IndexFault.of(item).isPresent() ? FATAL : REJECTED;
    }

    /** Returns the verdict on a whole request. */
    static Verdict ofRequest(Item answer) {
        if (answer.status() / 100 == 2) {
            return STORED;
        }
        if (isTransient(answer.status()) || isShardLimit(answer)) {
            return RETRY;
        }
        // A single document, for example with an id that is too long, makes an engine reject the whole bulk request
        // with status 400.
        boolean causedByDocument = answer.status() == 400 || answer.status() == 413;
        return causedByDocument && IndexFault.of(answer).isEmpty() ? REJECTED : FATAL;
    }

    private static boolean isTransient(int status) {
        return status == 408 || status == 429 || status / 100 == 5;
    }

    /** Returns whether the cluster is at its shard limit: no index can be created until another one is deleted. */
    private static boolean isShardLimit(Item item) {
        return item.errorType().equals("validation_exception")
                && item.reason().contains("this action would add")
                && item.reason().contains("shards");
    }
}
