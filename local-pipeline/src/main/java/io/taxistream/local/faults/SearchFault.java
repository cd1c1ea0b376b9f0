package io.taxistream.local.faults;

import java.time.Duration;
import java.util.Random;
import java.util.function.Predicate;

/** A failure of a request to a search engine. */
public sealed interface SearchFault {

    /**
     * Answers the whole request with an error.
     *
     * @param status HTTP status, 400 to 599
     * @param executed whether the engine executes the request all the same, so that a retry executes it twice
     */
    record Status(int status, boolean executed) implements SearchFault {

        /**
         * Checks the status.
         *
         * @throws IllegalArgumentException if it is not an error
         */
        public Status {
            requireError(status);
        }
    }

    /**
     * Rejects some documents of a bulk request and forwards the others; the response lists all of them in the order of the
     * request. Other requests are forwarded.
     *
     * @param status status of the rejected documents, 400 to 599
     * @param errorType type of the error, such as {@code es_rejected_execution_exception}
     * @param documents selects the rejected documents; called once for each document of a request
     */
    record RejectDocuments(int status, String errorType, Predicate<BulkDocument> documents) implements SearchFault {

        /**
         * Checks the status.
         *
         * @throws IllegalArgumentException if it is not an error
         */
        public RejectDocuments {
            requireError(status);
        }

        /** Rejects documents as an engine with a full queue does (status 429). */
        public static RejectDocuments throttled(Predicate<BulkDocument> documents) {
            return new RejectDocuments(429, "es_rejected_execution_exception", documents);
        }

        /** Rejects a random share of the documents, 0 to 1, as an engine with a full queue does. */
        public static RejectDocuments throttled(double share, Random random) {
            return throttled(document -> random.nextDouble() < share);
        }
    }

    /** Executes the request, and closes the connection in the middle of the response. */
    record TruncatedResponse() implements SearchFault {}

    /** Executes the request, and sends only the first half of the response body as if it were complete. */
    record TruncatedBody() implements SearchFault {}

    /** Executes the request, and answers with status 200 and a web page. */
    record NotJson() implements SearchFault {}

    /**
     * Executes the request and delays the response.
     *
     * @param time length of the delay
     */
    record DelayedResponse(Duration time) implements SearchFault {}

    /**
     * A document of a bulk request.
     *
     * @param index empty if the request's path names it
     * @param id empty if the engine is to generate one
     */
    record BulkDocument(String index, String id) {}

    private static void requireError(int status) {
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException("status must be 400 to 599, but is " + status);
        }
    }
}
