package io.taxistream.search;

/**
 * AIMD limit on the documents in flight: halved when the engine pushes back, raised by a constant when it stores.
 *
 * <p>At the full limit one more request is made ahead. The client sends it as soon as another one is answered, so that
 * the engine need not wait for it to be made.
 */
final class InFlightLimit {

    /** Successful requests that it takes to raise the limit by a whole bulk request. */
    private static final int STEPS_PER_REQUEST = 10;

    private final int maxRequests;
    private final int bulkActions;

    private int limit;
    private int requests;
    private int documents;

    /**
     * @param maxRequests most bulk requests in flight, without the one ahead
     * @param bulkActions most documents in each
     */
    InFlightLimit(int maxRequests, int bulkActions) {
        this.maxRequests = maxRequests;
        this.bulkActions = bulkActions;
        this.limit = maxRequests * bulkActions;
    }

    /** The engine took a request. */
    void raise() {
        limit = Math.min(maxRequests * bulkActions, limit + Math.max(1, bulkActions / STEPS_PER_REQUEST));
    }

    /** The engine could not take a request, or a part of it. */
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

    /** Most documents in one request. */
    int requestSize() {
        return Math.min(bulkActions, limit);
    }

    /** Whether a request of this many documents may be sent now. One request may always be in flight. */
    boolean allows(int requestDocuments) {
        int ahead = limit == maxRequests * bulkActions ? 1 : 0;
        return requests == 0
                || (requests < maxRequests + ahead && documents + requestDocuments <= limit + ahead * bulkActions);
    }

    int requests() {
        return requests;
    }
}
