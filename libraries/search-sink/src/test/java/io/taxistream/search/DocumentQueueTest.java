package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class DocumentQueueTest {

    private static final long NO_LIMIT = Long.MAX_VALUE;

    private final DocumentQueue queue = new DocumentQueue();

    @Test
    void returnsDocumentsInOrder() {
        add("a", "b", "c");

        assertThat(take(2)).containsExactly("a", "b");
        assertThat(take(2)).containsExactly("c");
        assertThat(take(2)).isEmpty();
    }

    @Test
    void holdsBackADocumentUntilEarlierOnesOfItsIdAreSettled() {
        add("a", "a");
        List<BulkEntry> first = queue.take(2, NO_LIMIT);
        add("a", "b");

        assertThat(take(2)).containsExactly("b");
        queue.settled(first.get(1));
        assertThat(take(2)).isEmpty();
        queue.settled(first.get(0));
        assertThat(take(2)).containsExactly("a");
    }

    @Test
    void heldBackDocumentsKeepTheirPosition() {
        add("a");
        List<BulkEntry> first = queue.take(1, NO_LIMIT);
        add("a", "a", "b", "c");
        take(1);

        queue.settled(first.get(0));

        assertThat(take(3)).containsExactly("a", "a", "c");
    }

    @Test
    void requeuedDocumentsPrecedeLaterOnes() {
        add("a", "b");
        List<BulkEntry> first = queue.take(2, NO_LIMIT);
        add("a", "c");

        queue.requeue(first);

        assertThat(take(4)).containsExactly("a", "b", "a", "c");
    }

    @Test
    void whatIsGivenBackCountsAsBytesAgain() {
        add("a", "b");
        long bytes = queue.bytes();

        queue.requeue(queue.take(2, NO_LIMIT));

        assertThat(queue.bytes()).isEqualTo(bytes);
        queue.take(2, NO_LIMIT);
        assertThat(queue.bytes()).isZero();
    }

    @Test
    void respectsTheByteLimitExceptForOneLargeDocument() {
        add("a", "b", "c");
        long size = queue.bytes() / 3;

        assertThat(queue.take(3, 2 * size)).hasSize(2);
        assertThat(queue.bytes()).isEqualTo(size);
        assertThat(queue.take(3, 1)).hasSize(1);
        assertThat(queue.bytes()).isZero();
    }

    @Test
    void respectsTheSmallestBatchSizeOfItsDocuments() {
        queue.add(entry("a"));
        queue.add(entry("b").withMaxBatchSize(2));
        queue.add(entry("c"));
        queue.add(entry("d").withMaxBatchSize(1));

        assertThat(take(9)).containsExactly("a", "b");
        assertThat(take(9)).containsExactly("c");
        assertThat(take(9)).containsExactly("d");
    }

    @Test
    void isSettledWhenNothingIsQueuedOrInFlight() {
        assertThat(queue.isSettled()).isTrue();
        add("a");
        assertThat(queue.isSettled()).isFalse();
        assertThat(queue.size()).isEqualTo(1);

        List<BulkEntry> taken = queue.take(1, NO_LIMIT);
        assertThat(queue.size()).isZero();
        assertThat(queue.isSettled()).isFalse();

        queue.requeue(taken);
        assertThat(queue.isSettled()).isFalse();
        queue.take(1, NO_LIMIT).forEach(queue::settled);
        assertThat(queue.isSettled()).isTrue();
    }

    /** Requests are taken, settled and given back in any order; a model of the engine checks what it would store. */
    @Property(tries = 300)
    void noDocumentOvertakesAnEarlierOneOfItsId(@ForAll long seed) {
        Random random = new Random(seed);
        DocumentQueue anyOrder = new DocumentQueue();
        List<List<BulkEntry>> inFlight = new ArrayList<>();
        Map<String, Integer> lastStored = new HashMap<>();
        int written = 0;
        int settled = 0;
        while (settled < 60) {
            switch (random.nextInt(3)) {
                case 0 -> {
                    if (written < 60) {
                        anyOrder.add(BulkEntry.first(SearchDocument.of("i", "" + random.nextInt(4), "" + written++)));
                    }
                }
                case 1 -> {
                    List<BulkEntry> request = anyOrder.take(1 + random.nextInt(5), NO_LIMIT);
                    if (!request.isEmpty()) {
                        inFlight.add(request);
                    }
                }
                default -> {
                    if (!inFlight.isEmpty()) {
                        List<BulkEntry> request = inFlight.remove(random.nextInt(inFlight.size()));
                        if (random.nextBoolean()) {
                            anyOrder.requeue(request);
                        } else {
                            for (BulkEntry entry : request) {
                                int number = Integer.parseInt(DeadLetter.sourceText(entry.document()));
                                assertThat(lastStored.getOrDefault(
                                                entry.document().id(), -1))
                                        .isLessThan(number);
                                lastStored.put(entry.document().id(), number);
                                anyOrder.settled(entry);
                                settled++;
                            }
                        }
                    }
                }
            }
        }
        assertThat(anyOrder.isSettled()).isTrue();
    }

    private void add(String... ids) {
        for (String id : ids) {
            queue.add(entry(id));
        }
    }

    private static BulkEntry entry(String id) {
        return BulkEntry.first(SearchDocument.of("index", id, "{}"));
    }

    private List<String> take(int documents) {
        return queue.take(documents, NO_LIMIT).stream()
                .map(entry -> entry.document().id())
                .toList();
    }
}
