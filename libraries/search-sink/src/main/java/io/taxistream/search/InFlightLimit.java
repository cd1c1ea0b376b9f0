package io.taxistream.search;

/**
 * AIMD limit on in-flight documents: halved on push-back, raised by a constant on success.
 *
 * <p>One additional request is prepared beyond the full limit. The client sends it as soon as another one completes, so the
 * engine does not have to wait for it to be prepared.
 */
final class InFlightLimit {

    /** Number of successful requests needed to raise the limit by one full bulk request. */
    private static final int STEPS_PER_REQUEST = 10;

    private final int maxRequests;
    private final int bulkActions;

    private int limit;
    private int requests;
    private int documents;

    /**
     * @param maxRequests maximum number of bulk requests in flight, excluding the prepared one
     * @param bulkActions maximum number of documents per request
     */
    InFlightLimit(int maxRequests, int bulkActions) {
        this.maxRequests = maxRequests;
        this.bulkActions = bulkActions;
        this.limit = maxRequests * bulkActions;
    }

    /** Raises the limit after the engine has accepted a request. */
    void raise() {
        limit = Math.min(maxRequests * bulkActions, limit + Math.max(1, bulkActions / STEPS_PER_REQUEST));
    }

    /** Halves the limit after the engine has pushed back on a request or a part of it. */
    void halve() {
        limit = Math.max(1, limit / 2);
    }

    void sent(int requestDocuments) {
        requests++;
        documents += requestDocuments;
    }

    void answered(int requestDocuments) {
        requests--;
        documents -= requestDocuments;
    }

    /** Returns the maximum number of documents in one request. */
    int requestSize() {
        return Math.min(bulkActions, limit);
    }

    /** Returns whether a request with this many documents may be sent now. One request is always allowed in flight. */
    boolean allows(int requestDocuments) {
        int ahead = limit == maxRequests * bulkActions ? 1 : 0;
        return requests == 0
                || (requests < maxRequests + ahead && documents + requestDocuments <= limit + ahead * bulkActions);
    }

    int requests() {
        return requests;
    }
}
