package io.taxistream.local.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * Result of comparing the documents in the search engine with those of a batch computation over the input.
 *
 * @param compared number of documents of the batch computation
 * @param missing number of these that the search engine does not hold
 * @param different number of these that it holds with other content
 * @param surplus number of unexpected documents in the search engine
 * @param late number of late trips that were injected and are kept as such
 * @param malformed number of malformed records that were injected and are kept as such
 * @param dead number of documents that the search engine was made to reject and that are kept as dead letters
 * @param problems differences, one line each
 */
public record Comparison(
        int compared,
        int missing,
        int different,
        int surplus,
        int late,
        int malformed,
        int dead,
        List<String> problems) {

    /** Copies the list. */
    public Comparison {
        problems = List.copyOf(problems);
    }

    /** Whether there are no differences. */
    public boolean isEqual() {
        return problems.isEmpty();
    }

    /** Returns a one-line summary. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%,d documents compared with a batch computation: %,d missing, %,d different, %,d surplus; %,d late"
                        + " trips, %,d malformed records and %,d dead letters stored; %s",
                compared,
                missing,
                different,
                surplus,
                late,
                malformed,
                dead,
                isEqual() ? "all correct" : problems.size() + " problems");
    }

    /** Collects differences. Not thread-safe. */
    static final class Differences {

        private final List<String> problems = new ArrayList<>();
        private int compared;
        private int missing;
        private int different;
        private int surplus;
        private int late;
        private int malformed;
        private int dead;

        /** Compares one index; fields by name, documents by id. */
        void documents(
                String index,
                SortedMap<String, Map<String, Object>> expected,
                Map<String, Map<String, Object>> documents) {
            compared += expected.size();
            expected.forEach((id, fields) -> {
                Map<String, Object> document = documents.get(id);
                if (document == null) {
                    missing++;
                    problems.add(index + ": " + id + " is missing, expected " + fields);
                } else if (!document.equals(fields)) {
                    different++;
                    problems.add(index + ": " + id + " is " + document + ", expected " + fields);
                }
            });
            for (String id : new TreeSet<>(documents.keySet())) {
                if (!expected.containsKey(id)) {
                    surplus++;
                    problems.add(index + ": " + id + " is unexpected: " + documents.get(id));
                }
            }
        }

        /** Compares ids of late trips; injected trips that were not late are ignored. */
        void late(Set<Long> inStream, Set<Long> put, Set<Long> kept) {
            late += kept.size();
            for (long id : new TreeSet<>(inStream)) {
                if (!kept.contains(id)) {
                    problems.add("trip " + id + " arrived late, but is not stored");
                }
                if (!put.contains(id)) {
                    problems.add("trip " + id + " arrived late, but was not injected");
                }
            }
            for (long id : new TreeSet<>(kept)) {
                if (!inStream.contains(id)) {
                    problems.add("trip " + id + " is stored as late, but arrived in time");
                }
            }
        }

        /**
         * Compares malformed records.
         *
         * @param expected ids of the injected records
         * @param reason why they are malformed
         * @param kept reasons by id
         */
        void malformed(Set<String> expected, String reason, SortedMap<String, String> kept) {
            malformed += kept.size();
            for (String id : new TreeSet<>(expected)) {
                if (!kept.containsKey(id)) {
                    problems.add("record " + id + " is malformed, but is not stored");
                } else if (!kept.get(id).equals(reason)) {
                    problems.add("record " + id + " is stored as " + kept.get(id) + ", expected " + reason);
                }
            }
            for (Map.Entry<String, String> record : kept.entrySet()) {
                if (!expected.contains(record.getKey())) {
                    problems.add("record " + record.getKey() + " is stored as malformed (" + record.getValue()
                            + "), but was not injected");
                }
            }
        }

        /** Compares the ids of rejected documents. */
        void dead(Set<String> expected, Set<String> kept) {
            dead += kept.size();
            for (String id : new TreeSet<>(expected)) {
                if (!kept.contains(id)) {
                    problems.add("document " + id + " was rejected, but is not stored as a dead letter");
                }
            }
            for (String id : new TreeSet<>(kept)) {
                if (!expected.contains(id)) {
                    problems.add("document " + id + " is a dead letter without a reason");
                }
            }
        }

        void problem(String problem) {
            problems.add(problem);
        }

        Comparison comparison() {
            return new Comparison(compared, missing, different, surplus, late, malformed, dead, problems);
        }
    }
}
