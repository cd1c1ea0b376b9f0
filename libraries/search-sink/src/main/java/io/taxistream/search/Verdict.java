package io.taxistream.search;

import io.taxistream.search.BulkResponse.Item;

/** What happens to a document, or to a whole request, after the search engine's answer. */
enum Verdict {
    /** Acknowledged. */
    STORED,
    /** The engine cannot take it at the moment. */
    RETRY,
    /** The engine will never take it. */
    REFUSED,
    /** Something other than the documents is wrong and has to be put right: the job fails. */
    FATAL;

    /** The verdict on one document of a bulk request. */
    static Verdict ofItem(Item item) {
        if (item.status() / 100 == 2) {
            return STORED;
        }
        if (isTransient(item.status()) || isShardLimit(item)) {
            return RETRY;
        }
        if (item.status() == 401 || item.status() == 403) {
            // A full disk or a snapshot being restored blocks an index for a while.
            return item.errorType().endsWith("block_exception") ? RETRY : FATAL;
        }
        return IndexFault.of(item).isPresent() ? FATAL : REFUSED;
    }

    /** The verdict on a request as a whole. */
    static Verdict ofRequest(Item answer) {
        if (answer.status() / 100 == 2) {
            return STORED;
        }
        if (isTransient(answer.status()) || isShardLimit(answer)) {
            return RETRY;
        }
        // One document with, say, an id that is too long makes an engine answer 400 to the whole bulk.
        boolean maybeOneDocument = answer.status() == 400 || answer.status() == 413;
        return maybeOneDocument && IndexFault.of(answer).isEmpty() ? REFUSED : FATAL;
    }

    private static boolean isTransient(int status) {
        return status == 408 || status == 429 || status / 100 == 5;
    }

    /** The cluster holds as many shards as it may: an index cannot be created until another one is deleted. */
    private static boolean isShardLimit(Item item) {
        return item.errorType().equals("validation_exception")
                && item.reason().contains("this action would add")
                && item.reason().contains("shards");
    }
}
