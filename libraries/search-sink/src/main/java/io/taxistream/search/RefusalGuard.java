package io.taxistream.search;

import io.taxistream.search.BulkResponse.Item;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Tells single documents that are refused, which become dead letters, from an index that refuses most of them for one
 * reason, which a person has to look at.
 *
 * <p>For each index it remembers the last few hundred documents: the counts are halved when they have
 * grown beyond {@value #WINDOW} times the minimum.
 */
final class RefusalGuard {

    private static final int WINDOW = 4;

    /** Requests of one document that are refused as a whole, before the request itself is taken to be at fault. */
    private static final int MAX_REFUSED_IN_A_ROW = 8;

    /** Such as an id that is too long. */
    private static final String INVALID_DOCUMENT = "action_request_validation_exception";

    private final double maxShare;
    private final int minDocuments;
    private final Map<String, Counts> countsByIndex = new HashMap<>();
    private boolean searching;
    private int refusedInARow;

    private static final class Counts {

        private int answered;
        private final Map<String, Integer> refusedByType = new HashMap<>();
        private final Map<String, Item> lastReasons = new HashMap<>();
    }

    /**
     * @param maxShare of the documents of an index that may be refused for one reason, 0 to 1
     * @param minDocuments refused for one reason before the share is looked at
     */
    RefusalGuard(double maxShare, int minDocuments) {
        this.maxShare = maxShare;
        this.minDocuments = minDocuments;
    }

    void stored(String index) {
        counts(index).answered++;
    }

    void refused(String index, Item reason) {
        Counts counts = counts(index);
        counts.answered++;
        counts.refusedByType.merge(reason.errorType(), 1, Integer::sum);
        counts.lastReasons.put(reason.errorType(), reason);
    }

    /** What is wrong, if too many documents of an index have been refused for one reason. Called after each answer. */
    Optional<String> fault() {
        for (Map.Entry<String, Counts> each : countsByIndex.entrySet()) {
            Counts counts = each.getValue();
            for (Map.Entry<String, Integer> refused : counts.refusedByType.entrySet()) {
                if (refused.getValue() >= minDocuments && refused.getValue() > maxShare * counts.answered) {
                    return Optional.of(refused.getValue() + " of the last " + counts.answered + " documents of index "
                            + each.getKey() + " were refused for the same reason: "
                            + counts.lastReasons.get(refused.getKey()));
                }
            }
            while (counts.answered > WINDOW * minDocuments) {
                counts.answered /= 2;
                counts.refusedByType.replaceAll((type, count) -> count / 2);
            }
        }
        return Optional.empty();
    }

    /** A request was answered document by document. */
    void requestAccepted() {
        searching = false;
        refusedInARow = 0;
    }

    /**
     * A request was refused as a whole, perhaps because of one of its documents.
     *
     * @return whether so many requests of one document were refused, with none accepted in between, that the documents
     *     cannot be at fault
     */
    boolean requestRefused(int documents, Item reason) {
        searching = true;
        boolean documentIsAtFault = reason.status() == 413 || reason.errorType().equals(INVALID_DOCUMENT);
        refusedInARow += documents > 1 || documentIsAtFault ? 0 : 1;
        return refusedInARow >= MAX_REFUSED_IN_A_ROW;
    }

    /** Whether the last request was refused as a whole: the next ones go one by one, so that few are made in vain. */
    boolean isSearching() {
        return searching;
    }

    private Counts counts(String index) {
        return countsByIndex.computeIfAbsent(index, name -> new Counts());
    }
}
