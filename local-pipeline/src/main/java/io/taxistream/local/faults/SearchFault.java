package io.taxistream.local.faults;

import java.time.Duration;
import java.util.Random;
import java.util.function.Predicate;

/** One way in which a request to a search engine goes wrong. */
public sealed interface SearchFault {

    /**
     * The request as a whole is answered with an error.
     *
     * @param status of HTTP, 400 to 599
     * @param executed whether the engine has got the request all the same, so that who tries again does it twice
     */
    record Status(int status, boolean executed) implements SearchFault {

        /** @throws IllegalArgumentException if the status is not one of an error */
        public Status {
            requireError(status);
        }
    }

    /**
     * Some documents of a bulk request are refused and do not reach the engine; the others do, and the answers come in the
     * order of the request. Other requests are forwarded.
     *
     * @param status of the refused documents, 400 to 599
     * @param errorType of the refusal, such as {@code es_rejected_execution_exception}
     * @param documents says which are refused; asked once for each document of a request
     */
    record RejectDocuments(int status, String errorType, Predicate<BulkDocument> documents) implements SearchFault {

        /** @throws IllegalArgumentException if the status is not one of an error */
        public RejectDocuments {
            requireError(status);
        }

        /** Refuses as an engine with a full queue does (status 429). */
        public static RejectDocuments throttled(Predicate<BulkDocument> documents) {
            return new RejectDocuments(429, "es_rejected_execution_exception", documents);
        }

        /** Refuses a share of the documents, 0 to 1, drawn anew each time, as an engine with a full queue does. */
        public static RejectDocuments throttled(double share, Random random) {
            return throttled(document -> random.nextDouble() < share);
        }
    }

    /** The request is carried out, and the connection closed in the middle of the answer. */
    record CutAnswer() implements SearchFault {}

    /** The request is carried out, and only the first half of the answer's body sent, as if it were all. */
    record TruncatedBody() implements SearchFault {}

    /** The request is carried out, and answered with success and a web page. */
    record NotJson() implements SearchFault {}

    /**
     * The request is carried out and answered late.
     *
     * @param time how late
     */
    record LateAnswer(Duration time) implements SearchFault {}

    /**
     * A document of a bulk request.
     *
     * @param index empty if the request's path names it
     * @param id empty if the engine is to choose one
     */
    record BulkDocument(String index, String id) {}

    private static void requireError(int status) {
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException("the status of an error must be 400 to 599, but is " + status);
        }
    }
}
