package io.taxistream.search;

import io.taxistream.search.BulkResponse.Item;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Distinguishes rejections of single documents, which become dead letters, from an index that rejects most of them for the same
 * reason and needs an operator.
 *
 * <p>It considers the last few hundred documents of each index: counts are halved when they exceed {@value #WINDOW} times the
 * minimum.
 */
final class RejectionTracker {

    private static final int WINDOW = 4;

    /** Number of consecutively rejected single-document requests after which the request itself is considered invalid. */
    private static final int MAX_CONSECUTIVE_REJECTIONS = 8;

    /** Reported for an id that is too long, for example. */
    private static final String INVALID_DOCUMENT = "action_request_validation_exception";

    private final double maxShare;
    private final int minDocuments;
    private final Map<String, Counts> countsByIndex = new HashMap<>();
    private boolean bisecting;
    private int consecutiveRejections;

    private static final class Counts {

        private int answered;
        private final Map<String, Integer> rejectedByType = new HashMap<>();
        private final Map<String, Item> lastReasons = new HashMap<>();
    }

    /**
     * @param maxShare maximum share of an index's documents that may be rejected for the same reason, 0 to 1
     * @param minDocuments number of documents rejected for the same reason from which the share is evaluated
     */
    RejectionTracker(double maxShare, int minDocuments) {
        this.maxShare = maxShare;
        this.minDocuments = minDocuments;
    }

    void stored(String index) {
        counts(index).answered++;
    }

    void rejected(String index, Item reason) {
        Counts counts = counts(index);
        counts.answered++;
        counts.rejectedByType.merge(reason.errorType(), 1, Integer::sum);
        counts.lastReasons.put(reason.errorType(), reason);
    }

    /**
     * Returns a description of the problem if too many documents of an index were rejected for the same reason. Called after
     * each response.
     */
    Optional<String> tooManyRejections() {
        for (Map.Entry<String, Counts> each : countsByIndex.entrySet()) {
            Counts counts = each.getValue();
            for (Map.Entry<String, Integer> rejected : counts.rejectedByType.entrySet()) {
                if (rejected.getValue() >= minDocuments && rejected.getValue() > maxShare * counts.answered) {
                    return Optional.of(rejected.getValue() + " of the last " + counts.answered + " documents of index "
                            + each.getKey() + " were rejected for the same reason: "
                            + counts.lastReasons.get(rejected.getKey()));
                }
            }
            while (counts.answered > WINDOW * minDocuments) {
                counts.answered /= 2;
                counts.rejectedByType.replaceAll((type, count) -> count / 2);
            }
        }
        return Optional.empty();
    }

    /** Records a request with a result for each document. */
    void requestAccepted() {
        bisecting = false;
        consecutiveRejections = 0;
    }

    /**
     * Records a request that was rejected as a whole, possibly because of one of its documents.
     *
     * @return whether so many single-document requests were rejected in a row that the documents cannot be the cause
     */
    boolean requestRejected(int documents, Item reason) {
        bisecting = true;
        boolean causedByDocument = reason.status() == 413 || reason.errorType().equals(INVALID_DOCUMENT);
        consecutiveRejections += documents > 1 || causedByDocument ? 0 : 1;
        return consecutiveRejections >= MAX_CONSECUTIVE_REJECTIONS;
    }

    /**
     * Returns whether the last request was rejected as a whole. Requests are then sent one at a time, to limit the number of
     * futile ones.
     */
    boolean isBisecting() {
        return bisecting;
    }

    private Counts counts(String index) {
        return countsByIndex.computeIfAbsent(index, name -> new Counts());
    }
}
