package io.taxistream.search;

import java.util.Set;

/** What becomes of a document, or of a whole request, after the search engine's answer. */
enum Verdict {
    /** Acknowledged. */
    STORED,
    /** The engine could not take it just now. */
    RETRY,
    /** The engine will never take it as it is. */
    REFUSED,
    /** Something other than the documents is wrong, and somebody has to put it right: the job fails. */
    FATAL;

    /** Refusals that concern an index as a whole; its documents are not to blame. */
    private static final Set<String> BROKEN_INDEX = Set.of("index_not_found_exception", "index_closed_exception");

    /** The verdict on one document of a bulk request, by its status and the type of its error. */
    static Verdict ofItem(int status, String errorType) {
        if (status / 100 == 2) {
            return STORED;
        }
        if (isTransient(status)) {
            return RETRY;
        }
        if (status == 401 || status == 403) {
            // A full disk or a snapshot being restored blocks an index for a while.
            return errorType.endsWith("block_exception") ? RETRY : FATAL;
        }
        return BROKEN_INDEX.contains(errorType) ? FATAL : REFUSED;
    }

    /** The verdict on a request as a whole, by its HTTP status. */
    static Verdict ofRequest(int status) {
        if (status / 100 == 2) {
            return STORED;
        }
        if (isTransient(status)) {
            return RETRY;
        }
        // One document with, say, an id that is too long makes an engine answer 400 to the whole bulk.
        return status == 400 || status == 413 ? REFUSED : FATAL;
    }

    private static boolean isTransient(int status) {
        return status == 408 || status == 429 || status / 100 == 5;
    }
}
